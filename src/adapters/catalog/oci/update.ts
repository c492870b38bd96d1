import { rm, utimes } from 'node:fs/promises';
import { AppstoreError } from '../../../domain/errors.ts';
import type { CatalogEntry, CatalogReading } from '../../../services/catalog-store.ts';
import { openIndex } from '../helm/local-index.ts';
import { IndexRefused } from '../helm/sections.ts';
import { writeIndex } from '../helm/write-index.ts';
import { siteEntries } from '../site/update.ts';
import { type FoundIndex, findIndex } from './index-artifact.ts';
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
 * Brings the local index of a registry up to date, where an index lies beside its apps (`appstore catalog push`): one request where nothing
 * changed. A registry without one, or that does not show it to us, is a catalog all the same.
 *
 * @throws AppstoreError CATALOG_UNREACHABLE, CATALOG_INVALID, DIGEST_MISMATCH
 */
export async function updateOciIndex(request: OciUpdateRequest): Promise<CatalogReading> {
  const { entry, file, registry, signal } = request;
  return told(entry.name, async () => {
    const found = await findIndex(registry, entry.location, signal).catch(unlessForbidden);
    if (found !== undefined) return takeOciIndex(request, found);
    await rm(file, { force: true });
    return { outcome: 'nothing', apps: 0, versions: 0, skipped: 0, problems: [] };
  });
}

/** Brings the local index up to date with one that was found. Throws as `updateOciIndex` does. */
export function takeOciIndex(request: OciUpdateRequest, found: FoundIndex): Promise<CatalogReading> {
  return told(
    request.entry.name,
    async () => (await unchanged(request, found)) ?? (await build(request, found)),
  );
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

async function unchanged({ entry: { location }, file, now }: OciUpdateRequest, { digest }: FoundIndex) {
  const index = openIndex(file);
  index?.close();
  if (index?.facts.location !== location || index.facts.etag !== digest) return undefined;
  await utimes(file, now, now);
  const [apps, versions] = [Number(index.facts.apps), Number(index.facts.versions)];
  return { outcome: 'unchanged', apps, versions, skipped: 0, problems: [] } as const;
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
