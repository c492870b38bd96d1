import type { VerifiedIndex } from '../../../domain/index-statement.ts';
import { requireWanted } from '../../../domain/signature-policy.ts';
import type { CatalogReading, CatalogSigner } from '../../../services/catalog-store.ts';
import type { UpdateRequest } from '../helm/update.ts';
import { updateSiteIndex } from '../site/update.ts';
import { fetchSignature } from './fetch-signature.ts';
import { rememberKept, rememberSeen } from './remember.ts';

/** A signed index that is kept now, and the statement that covers it. */
export interface SignedReading {
  readonly reading: CatalogReading;
  readonly verified: VerifiedIndex;
}

/**
 * Reads a site for the first time, by its signature alone.
 *
 * @throws AppstoreError CATALOG_UNSIGNED, SIGNATURE_INVALID, SIGNATURE_EXPIRED, and what reading a site throws
 */
export async function readSigned(request: UpdateRequest, signer: CatalogSigner): Promise<SignedReading> {
  const verified = await wanted(request, signer);
  const reading = await updateSiteIndex({ ...request, digest: verified.digest });
  return { reading: { ...reading, signed: verified }, verified };
}

/**
 * Brings a signed site up to date: the signature is asked for, and the index where it is another one. What was there stays where
 * anything of it is not as it has to be.
 *
 * @param config folder of the configuration, where it is remembered what was seen
 * @throws AppstoreError as `readSigned`, and SIGNATURE_OLDER
 */
export async function updateSigned(
  request: UpdateRequest,
  signer: CatalogSigner,
  config: string,
): Promise<CatalogReading> {
  const what = { config, entry: request.entry, signal: request.signal };
  const verified = await wanted(request, signer);
  await rememberSeen(what, verified);
  const reading = await updateSiteIndex({ ...request, digest: verified.digest });
  await rememberKept(what, verified);
  return { ...reading, signed: verified };
}

async function wanted(request: UpdateRequest, signer: CatalogSigner): Promise<VerifiedIndex> {
  const { entry, now } = request;
  const signed = await fetchSignature(request, signer);
  requireWanted(signed, {
    name: entry.name,
    now,
    ...(signer.as === undefined ? {} : { as: signer.as }),
    ...(entry.trust === undefined ? {} : { seen: entry.trust.seen }),
  });
  return { ...signed, verifiedAt: now.toISOString() };
}
