import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { isEncryptedKey } from '../../../domain/encrypted-key.ts';
import { AppstoreError } from '../../../domain/errors.ts';

/**
 * A private key that signs: Ed25519, or ECDSA on P-256, which cosign and cloud key services make.
 *
 * @throws AppstoreError USAGE
 */
export function signingKey(pem: string, passphrase?: string): KeyObject {
  return readKey(pem, 'private', (text) =>
    createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) }),
  );
}

/**
 * A public key that signatures are checked with.
 *
 * @throws AppstoreError USAGE where it is none, also where it is the private one, which belongs to whoever signs alone
 */
export function verifyingKey(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY') && formatOf(pem) === undefined)
    throw new AppstoreError('USAGE', 'this is a private key, and the public one is asked for', {
      hint: 'Name the file that ends with `.pub`, and keep the private one to yourself.',
    });
  return readKey(pem, 'public', createPublicKey);
}

/**
 * The public keys of a text, one after the other; at least one.
 *
 * @throws AppstoreError USAGE as `verifyingKey` does
 */
export function verifyingKeys(pem: string): readonly KeyObject[] {
  return splitPem(pem).map(verifyingKey);
}

/** The blocks of a PEM text; the text itself where it has none. */
export function splitPem(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN ([A-Z0-9 ]{1,40})-----[^-]*-----END \1-----/g) ?? [];
  return blocks.length === 0 ? [pem] : blocks.map((block) => `${block}\n`);
}

/** `sha256:<hex>` of the public key in DER form: how people compare keys. */
export function keyId(key: KeyObject): string {
  return `sha256:${fingerprint(key).toString('hex')}`;
}

/** The same as the hint of a Sigstore bundle. */
export function keyHint(key: KeyObject): string {
  return fingerprint(key).toString('base64');
}

/** The hash that a key signs with; none of its own for Ed25519. */
export function hashOf(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ec' ? 'sha256' : null;
}

function fingerprint(key: KeyObject): Buffer {
  const der = publicPart(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest();
}

function publicPart(key: KeyObject): KeyObject {
  return key.type === 'public' ? key : createPublicKey(key);
}

const making = 'Make a pair with `appstore approve --new-key FILE`.';

/** Keys in forms that are met and are none of ours, each with what to do. */
const formats: readonly { readonly is: RegExp; readonly what: string; readonly hint: string }[] = [
  {
    is: /-----BEGIN OPENSSH PRIVATE KEY-----|^(?:ssh-|ecdsa-sha2-)/m,
    what: 'a key of OpenSSH',
    hint: making,
  },
  {
    is: /-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----/,
    what: 'a private key of cosign, which encrypts in a way of its own',
    hint: `Sign with a key in PKCS #8 form. ${making}`,
  },
  {
    is: /-----BEGIN PGP /,
    what: 'a key of OpenPGP',
    hint: `Those are of Helm's provenance files, which are not read (docs/catalogs.md). For a signed index: ${making}`,
  },
  {
    is: /-----BEGIN CERTIFICATE-----/,
    what: 'a certificate',
    hint: 'Take its key out with `openssl x509 -in FILE -noout -pubkey`.',
  },
  { is: /^\s*\{[\s\S]*"kty"/, what: 'a JSON Web Key', hint: 'Convert it to PEM form.' },
];

function formatOf(pem: string) {
  return formats.find(({ is }) => is.test(pem));
}

function readKey(pem: string, what: 'private' | 'public', read: (pem: string) => KeyObject): KeyObject {
  const format = formatOf(pem);
  if (format !== undefined)
    throw new AppstoreError('USAGE', `this is ${format.what}, and no ${what} key in PEM form`, {
      hint: format.hint,
    });
  const key = tryRead(pem, read);
  if (key === undefined && what === 'private' && isEncryptedKey(pem))
    throw new AppstoreError('USAGE', 'the passphrase does not open the private key', {
      hint: 'Give it with --passphrase-file FILE or APPSTORE_KEY_PASSPHRASE, or type it in a terminal.',
    });
  if (key === undefined)
    throw new AppstoreError('USAGE', `this is no ${what} key in PEM form`, { hint: making });
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1')) return key;
  throw new AppstoreError('USAGE', `a key of the type ${type ?? 'unknown'} is not used for signatures here`, {
    hint: `It has to be Ed25519, or ECDSA on P-256. ${making}`,
  });
}

function tryRead(pem: string, read: (pem: string) => KeyObject): KeyObject | undefined {
  try {
    return read(pem);
  } catch {
    return undefined;
  }
}
