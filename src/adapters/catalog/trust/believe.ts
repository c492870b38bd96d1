import { indexFileName } from '../../../domain/catalog-index.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { type SignedIndex, type SignedSubject, signerText } from '../../../domain/index-statement.ts';
import { hasCertificate, readBundle, splitBundles } from '../../../domain/sigstore-bundle.ts';
import type { CatalogSigner, SignerIdentity } from '../../../services/catalog-store.ts';
import { keyId, verifyingKeys } from './keys.ts';
import { rootText } from './root.ts';
import { verifyBundle } from './verify.ts';

export interface BelieveOptions {
  /** Folder where the public root of trust is kept. */
  readonly roots: string;
  readonly subject?: SignedSubject;
}

/**
 * What somebody says in a signature file to whom a catalog is pinned: the newest statement where several do.
 *
 * @returns why nothing in it counts, where nothing does
 * @throws AppstoreError USAGE for a pin that is none, TRUST_ROOT_UNREACHABLE
 */
export async function believe(
  text: string,
  pin: CatalogSigner,
  options: BelieveOptions,
): Promise<SignedIndex | string> {
  const bundles = splitBundles(text);
  if (typeof bundles === 'string') return bundles;
  const read: (SignedIndex | string)[] = [];
  for (const bundle of bundles) read.push(await readOne(bundle, pin, options));
  const good = read.filter((one): one is SignedIndex => typeof one !== 'string');
  const [first, ...more] = good.sort((a, b) => b.version - a.version);
  if (first === undefined) return String(read.at(-1));
  // Who signs together signs the same: two under one version are told before either is taken.
  if (more.some((one) => one.version === first.version && one.digest !== first.digest))
    return `it has two signatures over different indexes as version ${first.version}`;
  return first;
}

function readOne(
  bundle: string,
  { key, identities = [], trustedRoot }: CatalogSigner,
  options: BelieveOptions,
): SignedIndex | string | Promise<SignedIndex | string> {
  const damage = readBundle(bundle);
  if (typeof damage === 'string') return damage;
  if (!hasCertificate(bundle)) return byKey(bundle, key, options);
  if (identities.length === 0) return 'it was made with a certificate, and the catalog is pinned to a key';
  return byIdentity(bundle, { identities, trustedRoot }, options);
}

function byKey(
  bundle: string,
  key: string | undefined,
  { subject = indexFileName }: BelieveOptions,
): SignedIndex | string {
  if (key === undefined) return 'it was made with a key, and the catalog is pinned to an identity';
  const reasons: string[] = [];
  for (const one of verifyingKeys(key)) {
    const statement = verifyBundle(bundle, one, subject);
    if (typeof statement !== 'string') return { ...statement, signer: keyId(one) };
    reasons.push(statement);
  }
  return reasons.at(0) ?? '';
}

interface IdentityPin {
  readonly identities: readonly SignerIdentity[];
  readonly trustedRoot: string | undefined;
}

async function byIdentity(
  bundle: string,
  { identities, trustedRoot }: IdentityPin,
  { roots, subject = indexFileName }: BelieveOptions,
): Promise<SignedIndex | string> {
  const read = await readKeyless(bundle, { trustedRoot, roots, subject });
  if (typeof read === 'string') return read;
  if (identities.some(({ identity, issuer }) => identity === read.signer && issuer === read.issuer))
    return read;
  const pinned = identities.map(({ identity, issuer }) => signerText({ signer: identity, issuer }));
  return `it was made by ${signerText(read)}, and the catalog is pinned to ${pinned.join(' or ')}`;
}

/**
 * A keyless signature and who made it, whoever that is: who uses it judges that.
 *
 * @returns why it does not count, where it does not
 */
export async function readKeyless(
  bundle: string,
  {
    trustedRoot,
    roots,
    subject,
  }: {
    readonly trustedRoot: string | undefined;
    readonly roots: string | undefined;
    readonly subject: SignedSubject;
  },
): Promise<SignedIndex | string> {
  const root = await rootText(trustedRoot, roots);
  // The library is large, and most signatures are by a key.
  const { verifyKeyless } = await import('./keyless-verify.ts');
  return verifyKeyless(bundle, root, subject);
}

/** The error for a signature that does not count. `file`: where it is. */
export function notBelieved(name: string, why: string, file: string): AppstoreError {
  return new AppstoreError(
    'SIGNATURE_INVALID',
    `the signature of catalog \`${name}\` does not count: ${why}.`,
    { place: { file } },
  );
}
