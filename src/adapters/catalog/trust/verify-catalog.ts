import { AppstoreError } from '../../../domain/errors.ts';
import { isCurrent } from '../../../domain/index-statement.ts';
import { requireCurrent } from '../../../domain/signature-policy.ts';
import type { CatalogEntry, CatalogVerification, PinnedSignature } from '../../../services/catalog-store.ts';
import { keptFacts } from '../helm/kept-index.ts';
import { keptStatement, requireKept } from './kept.ts';
import { signersOf } from './pins.ts';
import { askWanted, type SignedSource } from './update-signed.ts';

/** What a catalog is pinned to, and which signature covers the index that is kept here; undefined where it is pinned to nobody. */
export function pinnedSignature(entry: CatalogEntry, file: string, now: Date): PinnedSignature | undefined {
  if (entry.signedBy === undefined) return undefined;
  const signers = signersOf(entry.signedBy);
  const kept = keptStatement(entry, keptDigest(file, entry.location));
  return kept === undefined
    ? { signers, current: false }
    : { signers, index: kept, current: isCurrent(kept, now) };
}

/**
 * Checks what is kept of a catalog and what its server says now, and tells everything that is wrong.
 *
 * @param file the local index
 */
export async function verifyCatalog(source: SignedSource, file: string): Promise<CatalogVerification> {
  const { entry, now, signal } = source;
  const { name, location, signedBy } = entry;
  const signature = pinnedSignature(entry, file, now);
  // Nothing to check: no server is asked.
  if (signedBy === undefined || signature === undefined)
    return { name, location, outcome: 'unsigned', problems: [] };
  const problems: AppstoreError[] = [];
  const collect = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AppstoreError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  await collect(() => {
    const kept = requireKept(entry, keptDigest(file, location));
    if (kept !== undefined) requireCurrent(kept, name, now);
  });
  const server = await collect(() => askWanted(source, signedBy));
  return {
    name,
    location,
    outcome: problems.length === 0 ? 'verified' : 'failed',
    signature,
    ...(server === undefined ? {} : { server }),
    problems: problems.map(({ code, message, hint }) => ({ code, message, hint })),
  };
}

/** Digest of the local index of a catalog; `''` where there is none. */
function keptDigest(file: string, location: string): string {
  return keptFacts(file, location)?.digest ?? '';
}
