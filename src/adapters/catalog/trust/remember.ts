import type { VerifiedIndex } from '../../../domain/index-statement.ts';
import { requireWanted } from '../../../domain/signature-policy.ts';
import type { CatalogEntry, CatalogTrust } from '../../../services/catalog-store.ts';
import { changeConfig } from '../config/config.ts';
import { isTrusted } from './pins.ts';

export interface Remembering {
  /** Folder of the configuration. */
  readonly config: string;
  readonly entry: CatalogEntry;
  readonly signal: AbortSignal;
}

/**
 * Remembers a statement before its index is asked for: whoever keeps the index away does not bring the older one back. Judged again under
 * the lock, as another process may have seen a newer one meanwhile. The name of the first one is pinned with it.
 */
export function rememberSeen(what: Remembering, seen: VerifiedIndex): Promise<void> {
  return change(what, seen, (now) => {
    requireWanted(seen, {
      name: now.name,
      now: new Date(seen.verifiedAt),
      ...(now.trust?.seen === undefined ? {} : { seen: now.trust.seen }),
    });
    return { ...now.trust, seen };
  });
}

/** Remembers that the index of a statement is kept here. */
export function rememberKept(what: Remembering, kept: VerifiedIndex): Promise<void> {
  return change(what, kept, (now) => ({ seen: kept, ...now.trust, kept }));
}

/** Not where the catalog was removed meanwhile, another one has its name, or whoever signed is not trusted any more. */
function change(
  { config, entry, signal }: Remembering,
  signed: VerifiedIndex,
  trust: (now: CatalogEntry) => CatalogTrust,
): Promise<void> {
  const changed = (one: CatalogEntry): CatalogEntry => {
    const { signedBy } = one;
    if (one.name !== entry.name || one.location !== entry.location || signedBy === undefined) return one;
    if (!isTrusted(signedBy, signed)) return one;
    return { ...one, signedBy: { as: signed.catalog, ...signedBy }, trust: trust(one) };
  };
  return changeConfig(config, signal, (all) => ({ ...all, catalogs: all.catalogs.map(changed) }));
}
