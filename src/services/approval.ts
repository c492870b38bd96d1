import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { AppstoreError } from '../domain/errors.ts';
import type { Approval, PlanFile } from '../domain/plan-file.ts';
import { stableJson } from '../domain/stable-json.ts';

/** What a signature is over: the whole plan, who and when. */
function signedBytes(plan: PlanFile, { by, at }: Pick<Approval, 'by' | 'at'>): Buffer {
  const { approvals: _approvals, ...content } = plan;
  const digest = createHash('sha256').update(stableJson(content)).digest('base64');
  return Buffer.from(`appstore plan approval v1\n${digest}\n${at}\n${by}\n`, 'utf8');
}

/** The plan with one more approval. Throws PLAN_INVALID where the key is no Ed25519 private key. */
export function approve(
  plan: PlanFile,
  given: Pick<Approval, 'by' | 'at'> & { readonly key: string; readonly passphrase?: string },
): PlanFile {
  const { passphrase } = given;
  const key = readKey(given.key, 'the private key', (pem) =>
    createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) }),
  );
  const { by, at } = given;
  const approval = {
    key: publicText(createPublicKey(key)),
    by,
    at,
    signature: sign(null, signedBytes(plan, { by, at }), key).toString('base64'),
  };
  return { ...plan, approvals: [...plan.approvals.filter((one) => one.key !== approval.key), approval] };
}

/** An approval as people see it. */
export interface ApprovalState extends Pick<Approval, 'by' | 'at'> {
  /** `sha256:<hex>` of the public key: how people compare keys. */
  readonly keyDigest: string;
  /** False where the signature is not over this plan: somebody changed it since, or made it up. */
  readonly holds: boolean;
}

/** Every approval of a plan. Whether a key is to be trusted is said by who carries it out. */
export function approvalStates(plan: PlanFile): ApprovalState[] {
  return plan.approvals.map((approval) => ({
    by: approval.by,
    at: approval.at,
    keyDigest: digestOf(Buffer.from(approval.key, 'base64')),
    holds: isOwn(plan, approval),
  }));
}

/** The digest of a public key in PEM. */
export function digestOfKey(publicKey: string): string {
  return digestOf(createPublicKey(publicKey).export({ format: 'der', type: 'spki' }));
}

function digestOf(der: Buffer): string {
  return `sha256:${createHash('sha256').update(der).digest('hex')}`;
}

function isOwn(plan: PlanFile, approval: Approval): boolean {
  try {
    const der = Buffer.from(approval.key, 'base64');
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, signedBytes(plan, approval), key, Buffer.from(approval.signature, 'base64'));
  } catch {
    return false;
  }
}

/**
 * Refuses a private key where a public one is asked for: it is for whoever signs, and lies on no other machine. `file` is where it was
 * found.
 * @throws AppstoreError USAGE
 */
export function refusePrivateKey(pem: string, file: string): void {
  if (!/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(pem)) return;
  throw new AppstoreError('USAGE', `${file}: it is a private key, and a public one is wanted`, {
    place: { file },
    hint: `Name the public half: \`appstore approve --new-key FILE\` wrote it as FILE.pub. The private one stays with whoever approves.`,
  });
}

/** The approvals that hold: signed by one of these public keys (PEM), over just this plan. */
export function validApprovals(plan: PlanFile, trusted: readonly string[]): Approval[] {
  const keys = new Map(
    trusted.map((pem) => {
      const key = readKey(pem, 'a public key', createPublicKey);
      return [publicText(key), key] as const;
    }),
  );
  return plan.approvals.filter((approval) => {
    const key = keys.get(approval.key);
    return (
      key !== undefined &&
      verify(null, signedBytes(plan, approval), key, Buffer.from(approval.signature, 'base64'))
    );
  });
}

/** The public half of a private key, in PEM. Throws USAGE where it is no Ed25519 private key. */
export function publicKeyOf(privateKey: string): string {
  const key = createPublicKey(readKey(privateKey, 'the private key', createPrivateKey));
  return key.export({ format: 'pem', type: 'spki' }).toString();
}

/** A new key pair, both in PEM (PKCS #8 and SPKI). */
export function newApprovalKey(): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  };
}

function publicText(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

function readKey(pem: string, what: string, read: (pem: string) => KeyObject): KeyObject {
  try {
    const key = read(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw new AppstoreError('USAGE', `${what} is not a key in PEM form, or the passphrase does not open it`, {
      cause: error,
    });
  }
  throw new AppstoreError('USAGE', `${what} is not an Ed25519 key`, {
    hint: 'Make one with `appstore approve --new-key FILE`.',
  });
}
