import { indexFileName } from '../../../domain/catalog-index.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import {
  type IndexStatement,
  isSignedName,
  type SignedIndex,
  type SignedSubject,
  signerText,
} from '../../../domain/index-statement.ts';
import { hasCertificate, splitBundles } from '../../../domain/sigstore-bundle.ts';
import type { KeylessRequest, MadeSignature, SignatureRequest } from '../../../services/catalog-maker.ts';
import { readKeyless } from './believe.ts';
import { keyId, signingKey } from './keys.ts';
import { signStatement } from './sign.ts';
import { verifyBundle } from './verify.ts';

/** Signs the index of a catalog that is being made. */
export interface IndexSigner {
  readonly version: number;
  /** Of the index that was signed last; absent where none was. */
  readonly last?: string;
  /** Answers the text of the signature file. */
  sign(digest: string): Promise<{ readonly text: string; readonly signed: MadeSignature }>;
}

export interface SigningPlace {
  /** The signature file that is there, if any. */
  readonly before: string | undefined;
  /** Where it is, for messages, and how a person begins anew. */
  readonly where: string;
  readonly anew: string;
  /** Folder where Sigstore's public root of trust is kept. */
  readonly roots: string | undefined;
  readonly subject?: SignedSubject;
}

/**
 * Whoever signs a catalog, found before anything is made. Name and version go on from the signature that is there, which has to be by one of
 * those who sign now.
 *
 * @throws AppstoreError USAGE for a key that is none or a missing name, SIGNATURE_INVALID where others signed before
 */
export async function indexSigner(request: SignatureRequest, place: SigningPlace): Promise<IndexSigner> {
  const { keyless } = request;
  const { subject = indexFileName } = place;
  const keys = request.keys.map(({ pem, passphrase }) => signingKey(pem, passphrase));
  if (keys.length === 0 && keyless === undefined)
    throw new AppstoreError('USAGE', 'nobody is named who signs', {
      hint: 'Name a key with --sign-key FILE, or sign with --keyless.',
    });
  const last = place.before === undefined ? undefined : await lastOf(place.before);
  const catalog = nameFor(request, last);
  const version = (last?.version ?? 0) + 1;
  const expires = new Date(request.now.getTime() + request.lasts).toISOString();
  return {
    version,
    ...(last === undefined ? {} : { last: last.digest }),
    async sign(digest) {
      const statement = { catalog, version, issued: request.now.toISOString(), expires, digest };
      const made: { readonly text: string; readonly signer: SignedIndex }[] = keys.map((key) => ({
        text: signStatement(statement, key, subject),
        signer: { ...statement, signer: keyId(key) },
      }));
      if (keyless !== undefined) made.push(await byIdentity(statement, keyless));
      const [first, ...others] = made.map(({ signer }) => signer);
      if (first === undefined) throw new AppstoreError('INTERNAL', 'nobody signed');
      const names = others.map(({ signer, issuer }) =>
        issuer === undefined ? { signer } : { signer, issuer },
      );
      return {
        text: made.map(({ text }) => text).join(''),
        signed: names.length === 0 ? first : { ...first, others: names },
      };
    },
  };

  /** What was signed last, by one of those who sign now; by whom, where that was a certificate. */
  async function lastOf(text: string): Promise<SignedIndex> {
    const bundles = splitBundles(text);
    const reasons: string[] = typeof bundles === 'string' ? [bundles] : [];
    for (const bundle of typeof bundles === 'string' ? [] : bundles) {
      const certified = hasCertificate(bundle);
      if (certified && keyless !== undefined) {
        const read = await readKeyless(bundle, {
          trustedRoot: keyless.trustedRoot,
          roots: place.roots,
          subject,
        });
        if (typeof read !== 'string') return read;
        reasons.push(read);
      }
      if (certified) reasons.push('it was made with a certificate (--keyless)');
      for (const key of certified ? [] : keys) {
        const read = verifyBundle(bundle, key, subject);
        if (typeof read !== 'string') return { ...read, signer: keyId(key) };
        reasons.push(read.replace('the key that the catalog is pinned to', 'a key that signs now'));
      }
    }
    throw otherSigner(place, reasons[0] ?? 'it was made with a key');
  }

  /** Checked at once, as whoever uses the catalog will: a wrong root or a wrong identity is found out here. */
  async function byIdentity(statement: IndexStatement, keyless: KeylessRequest) {
    const { signKeyless } = await import('./keyless-sign.ts');
    const text = await signKeyless(statement, keyless, subject);
    const read = await readKeyless(text, { trustedRoot: keyless.trustedRoot, roots: place.roots, subject });
    if (typeof read === 'string')
      throw new AppstoreError(
        'SIGNING_FAILED',
        `what was signed does not hold against the root of trust: ${read}.`,
        {
          hint: 'The root has to be that of the services which signed: name it with --trusted-root FILE.',
        },
      );
    if (last?.issuer !== undefined && (last.signer !== read.signer || last.issuer !== read.issuer))
      throw otherSigner(place, `${signerText(last)} signed it, and now ${signerText(read)} would`);
    return { text, signer: read };
  }
}

/**
 * Nothing is built upon an index that is not the one which was signed: whoever changed it where it is served would have it signed.
 *
 * @throws AppstoreError SIGNATURE_INVALID
 */
export function requireSigned({ last }: IndexSigner, digest: string, where: string): void {
  if (last === undefined || last === digest) return;
  throw new AppstoreError(
    'SIGNATURE_INVALID',
    `${where}: the index has the digest ${digest}, and ${last} is signed. Nothing is built upon it.`,
    { hint: 'Somebody changed it since, or it is not whole. Get it as it was published.' },
  );
}

function nameFor({ as }: SignatureRequest, last: IndexStatement | undefined): string {
  const name = as ?? last?.catalog;
  if (name === undefined)
    throw new AppstoreError('USAGE', 'a signature names the catalog that it is for', {
      hint: 'Give `--signed-as NAME` with the first signature; later ones keep it. What one key signs needs different names.',
    });
  if (isSignedName(name)) return name;
  throw new AppstoreError('USAGE', `\`${name}\` is no name for a signature`, {
    hint: 'Use lower-case letters, digits, `.`, `_`, `-` and `/`, for example `example.com/team`.',
  });
}

/** Whoever pinned it would be locked out, and whoever did not would not notice. */
export function leftUnsigned(where: string, stop: string): AppstoreError {
  return new AppstoreError('USAGE', `the catalog is signed (${where}), and would not be any more`, {
    hint: `Give \`--sign-key FILE\` or \`--keyless\`. To stop signing, ${stop}.`,
  });
}

function otherSigner({ where, anew }: SigningPlace, why: string): AppstoreError {
  return new AppstoreError('SIGNATURE_INVALID', `${where} cannot be gone on from: ${why}.`, {
    hint: `Sign with one of those who signed before, too; a new one may sign beside them. To begin anew, ${anew}; whoever pinned the other adds the catalog again.`,
  });
}
