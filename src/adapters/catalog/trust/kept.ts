import { AppstoreError } from '../../../domain/errors.ts';
import type { VerifiedIndex } from '../../../domain/index-statement.ts';
import type { CatalogEntry } from '../../../services/catalog-store.ts';

/**
 * The statement that covers an index which is kept here. Of the two that are remembered either may: a process may have been killed
 * between taking the index and saying so.
 *
 * @param digest of the index
 */
export function keptStatement(
  { trust }: Pick<CatalogEntry, 'trust'>,
  digest: string,
): VerifiedIndex | undefined {
  return [trust?.seen, trust?.kept].find((one) => one?.digest === digest);
}

/**
 * The same, where nothing else may be used.
 *
 * @returns undefined for a catalog that is pinned to nobody
 * @throws AppstoreError CATALOG_UNSIGNED
 */
export function requireKept(
  entry: Pick<CatalogEntry, 'name' | 'signedBy' | 'trust'>,
  digest: string,
): VerifiedIndex | undefined {
  if (entry.signedBy === undefined) return undefined;
  const found = keptStatement(entry, digest);
  if (found !== undefined) return found;
  throw new AppstoreError(
    'CATALOG_UNSIGNED',
    `what is kept of catalog \`${entry.name}\` is not what was signed.`,
    {
      hint: `Read it anew with \`appstore catalog update ${entry.name}\`.`,
    },
  );
}
