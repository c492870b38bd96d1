import { AppstoreError } from '../../../domain/errors.ts';
import type { VerifiedIndex } from '../../../domain/index-statement.ts';
import type { CatalogEntry } from '../../../services/catalog-store.ts';
import { isTrusted } from './pins.ts';

/**
 * The statement that covers an index which is kept here. Of the two that are remembered either may: a process may have been killed
 * between taking the index and saying so. What somebody signed who is not trusted any more covers nothing.
 *
 * @param digest of the index
 */
export function keptStatement(
  { trust, signedBy }: Pick<CatalogEntry, 'trust' | 'signedBy'>,
  digest: string,
): VerifiedIndex | undefined {
  return [trust?.seen, trust?.kept].find(
    (one) => one?.digest === digest && signedBy !== undefined && isTrusted(signedBy, one),
  );
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
    `what is kept of catalog \`${entry.name}\` is not what was signed by those whom it is pinned to.`,
    {
      hint: `Read it anew with \`appstore catalog update ${entry.name}\`.`,
    },
  );
}
