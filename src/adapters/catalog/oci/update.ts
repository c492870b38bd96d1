import { AppstoreError } from '../../../domain/errors.ts';
import type { CatalogEntry, CatalogReading } from '../../../services/catalog-store.ts';
import { keptFacts, stillCurrent } from '../helm/kept-index.ts';
import { IndexRefused } from '../helm/sections.ts';
import { writeIndex } from '../helm/write-index.ts';
import { siteEntries } from '../site/update.ts';
import { type FoundIndex, findIndex, findNewIndex } from './index-artifact.ts';
import type { RegistrySettings } from './session.ts';

export interface OciUpdateRequest {
  readonly entry: CatalogEntry;
  /** Where its local index lies, where there is one. */
  readonly file: string;
  readonly registry: RegistrySettings;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * Brings the local index of a registry up to date, where an index lies beside its apps (`appstore catalog push`): one conditional request.
 * A registry without one, or that does not show it to us, is a catalog all the same; an empty local index says that it was asked.
 *
 * @throws AppstoreError CATALOG_UNREACHABLE, CATALOG_INVALID, DIGEST_MISMATCH; CATALOG_FORBIDDEN where it was shown before
 */
export async function updateOciIndex(request: OciUpdateRequest): Promise<CatalogReading> {
  const { entry, file, registry, now, signal } = request;
  const { name, location } = entry;
  return told(name, async () => {
    const kept = keptFacts(file, location);
    if (kept !== undefined && kept.etag !== '') {
      const found = await findNewIndex(registry, location, kept.etag, signal);
      if (found === 'unchanged') return stillCurrent(file, kept, now);
      if (found !== undefined) return build(request, found);
    } else {
      const found = await findIndex(registry, location, signal).catch(unlessForbidden);
      if (found !== undefined) return build(request, found);
    }
    const none = { location, read: now.toISOString(), etag: '', lastModified: '', reach: 'here', digest: '' };
    await writeIndex(file, nothing(), () => none);
    return { outcome: 'nothing', apps: 0, versions: 0, skipped: 0, problems: [] };
  });
}

async function* nothing(): AsyncGenerator<never> {}

/** Brings the local index up to date with one that was found. Throws as `updateOciIndex` does. */
export function takeOciIndex(request: OciUpdateRequest, found: FoundIndex): Promise<CatalogReading> {
  const { entry, file, now } = request;
  return told(entry.name, async () => {
    const kept = keptFacts(file, entry.location);
    return kept?.etag === found.digest ? stillCurrent(file, kept, now) : build(request, found);
  });
}

async function told(catalog: string, work: () => Promise<CatalogReading>): Promise<CatalogReading> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof IndexRefused)) throw error;
    throw new AppstoreError('CATALOG_INVALID', `the index of catalog \`${catalog}\` ${error.message}.`, {
      hint: 'Ask who runs the catalog to push it anew.',
      cause: error,
    });
  }
}

async function build({ entry, file, now }: OciUpdateRequest, found: FoundIndex): Promise<CatalogReading> {
  const location = entry.location.replace(/\/+$/, '');
  // A tag knows no `+`. The digest of the index decides what is right.
  const addressOf = (name: string, version: string) => `${location}/${name}:${version.replaceAll('+', '_')}`;
  const { apps, versions, skipped } = await writeIndex(file, siteEntries(found.read(), addressOf), () => ({
    location: entry.location,
    read: now.toISOString(),
    etag: found.digest,
    lastModified: '',
    // The addresses were made here, of the one that a person named: it may lie anywhere.
    reach: 'here',
    digest: found.digest,
  }));
  const problems = skipped.first.map(({ at, why }) => ({ at, message: why }));
  return { outcome: 'read', apps, versions, skipped: skipped.count, problems };
}

/** Some registries forbid what is not there. */
function unlessForbidden(error: unknown): undefined {
  if (error instanceof AppstoreError && error.code === 'CATALOG_FORBIDDEN') return undefined;
  throw error;
}
