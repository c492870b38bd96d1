import type { SignedIndex, VerifiedIndex } from '../../../domain/index-statement.ts';
import { requireWanted } from '../../../domain/signature-policy.ts';
import type { CatalogEntry, CatalogReading, CatalogSigner } from '../../../services/catalog-store.ts';
import type { UpdateRequest } from '../helm/update.ts';
import { updateSiteIndex } from '../site/update.ts';
import { fetchSignature } from './fetch-signature.ts';
import { rememberKept, rememberSeen } from './remember.ts';

/** Where a signed index comes from: a site, or a registry. */
export interface SignedSource {
  readonly entry: CatalogEntry;
  readonly now: Date;
  readonly signal: AbortSignal;
  /** What the signers say of the index that is served now; not judged yet. */
  ask(pin: CatalogSigner): Promise<SignedIndex>;
  /** Brings the local index up to date with the one of this digest. */
  read(digest: string): Promise<CatalogReading>;
}

/** A site as a source. */
export function signedSite(request: UpdateRequest, roots: string): SignedSource {
  const { entry, now, signal } = request;
  return {
    entry,
    now,
    signal,
    ask: (pin) => fetchSignature({ ...request, roots }, pin),
    read: (digest) => updateSiteIndex({ ...request, digest }),
  };
}

/** A signed index that is kept now, and the statement that covers it. */
export interface SignedReading {
  readonly reading: CatalogReading;
  readonly verified: VerifiedIndex;
}

/**
 * Reads a catalog for the first time, by its signature alone.
 *
 * @throws AppstoreError CATALOG_UNSIGNED, SIGNATURE_INVALID, SIGNATURE_EXPIRED, and what reading the source throws
 */
export async function readSigned(source: SignedSource, pin: CatalogSigner): Promise<SignedReading> {
  const verified = await wanted(source, pin);
  const reading = await source.read(verified.digest);
  return { reading: { ...reading, signed: verified }, verified };
}

/**
 * Brings a signed catalog up to date: the signature is asked for, and the index where it is another one. What was there stays where
 * anything of it is not as it has to be.
 *
 * @param config folder of the configuration, where it is remembered what was seen
 * @throws AppstoreError as `readSigned`, and SIGNATURE_OLDER
 */
export async function updateSigned(
  source: SignedSource,
  pin: CatalogSigner,
  config: string,
): Promise<CatalogReading> {
  const what = { config, entry: source.entry, signal: source.signal };
  const verified = await wanted(source, pin);
  await rememberSeen(what, verified);
  const reading = await source.read(verified.digest);
  await rememberKept(what, verified);
  return { ...reading, signed: verified };
}

/** What a source says now, judged against what was seen before. Throws as `requireWanted` does, and what asking throws. */
export async function askWanted(source: SignedSource, pin: CatalogSigner): Promise<SignedIndex> {
  const { entry, now } = source;
  const signed = await source.ask(pin);
  requireWanted(signed, {
    name: entry.name,
    now,
    ...(pin.as === undefined ? {} : { as: pin.as }),
    ...(entry.trust === undefined ? {} : { seen: entry.trust.seen }),
  });
  return signed;
}

async function wanted(source: SignedSource, pin: CatalogSigner): Promise<VerifiedIndex> {
  return { ...(await askWanted(source, pin)), verifiedAt: source.now.toISOString() };
}
