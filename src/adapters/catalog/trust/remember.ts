import type { VerifiedIndex } from '../../../domain/index-statement.ts';
import { requireWanted } from '../../../domain/signature-policy.ts';
import type { CatalogEntry } from '../../../services/catalog-store.ts';
import { changeConfig } from '../config/config.ts';

export interface Remembering {
  /** Folder of the configuration. */
  readonly config: string;
  readonly entry: CatalogEntry;
  readonly signal: AbortSignal;
}

/**
 * Remembers a statement before its index is asked for: whoever keeps the index away does not bring the older one back. Judged again under
 * the lock, as another process may have seen a newer one meanwhile.
 */
export function rememberSeen(what: Remembering, seen: VerifiedIndex): Promise<void> {
  return change(what, (now) => {
    requireWanted(seen, {
      name: now.name,
      now: new Date(seen.verifiedAt),
      ...(now.trust === undefined ? {} : { seen: now.trust.seen }),
    });
    return { ...now.trust, seen };
  });
}

/** Remembers that the index of a statement is kept here. */
export function rememberKept(what: Remembering, kept: VerifiedIndex): Promise<void> {
  return change(what, (now) => ({ seen: kept, ...now.trust, kept }));
}

/** Not where the catalog was removed meanwhile, or another one has its name. */
function change(
  { config, entry, signal }: Remembering,
  trust: (now: CatalogEntry) => NonNullable<CatalogEntry['trust']>,
): Promise<void> {
  const isSame = (one: CatalogEntry) =>
    one.name === entry.name && one.location === entry.location && one.signedBy?.key === entry.signedBy?.key;
  return changeConfig(config, signal, (all) => ({
    ...all,
    catalogs: all.catalogs.map((one) => (isSame(one) ? { ...one, trust: trust(one) } : one)),
  }));
}
