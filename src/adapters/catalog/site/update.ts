import { archivePath, type IndexedApp, indexFileName } from '../../../domain/catalog-index.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import type { CatalogReading } from '../../../services/catalog-store.ts';
import type { IndexEntry, ReadEntry } from '../helm/entries.ts';
import { type IndexForm, type UpdateRequest, updateIndex } from '../helm/update.ts';
import { NoSiteIndex, readSiteIndex } from './read-index.ts';
import { siteFile } from './site-file.ts';

const siteForm: IndexForm & { readonly mayBeAbsent?: false } = {
  is: 'an index that `appstore catalog build` made',
  accept: 'application/json, */*',
  addressOf: indexAddress,
  read: (chunks) => siteEntries(chunks),
};

/** Brings the local index of a site up to date. Throws as `updateIndex` does. */
export function updateSiteIndex(request: UpdateRequest): Promise<CatalogReading> {
  return updateIndex(request, siteForm);
}

/**
 * The same where nobody knows yet whether there is a site at the address.
 *
 * @returns undefined where there is something else; a site that is damaged is told
 */
export async function tryReadSite(request: UpdateRequest): Promise<CatalogReading | undefined> {
  try {
    return await updateIndex(request, { ...siteForm, mayBeAbsent: true });
  } catch (error) {
    if (error instanceof AppstoreError && error.cause instanceof NoSiteIndex) return undefined;
    throw error;
  }
}

function indexAddress(location: string): URL {
  return siteFile(location, indexFileName);
}

/**
 * The apps of an index of ours, for the local index. Throws IndexRefused.
 *
 * @param addressOf where the archive of a version lies; beside the index unless told
 */
export async function* siteEntries(
  chunks: AsyncIterable<Uint8Array>,
  addressOf: (name: string, version: string) => string = pathOf,
): AsyncGenerator<ReadEntry> {
  for await (const piece of readSiteIndex(chunks)) {
    if ('head' in piece) continue;
    const { app, skipped } = piece;
    yield app === undefined ? { skipped } : { entry: entryOf(app, addressOf), skipped };
  }
}

/** Beside the index. */
function pathOf(name: string, version: string): string {
  return archivePath(name, version).split('/').map(encodeURIComponent).join('/');
}

function entryOf(
  { name, versions }: IndexedApp,
  addressOf: (name: string, version: string) => string,
): IndexEntry {
  return {
    name,
    versions: versions.map(({ metadata, archiveDigest, contentDigest }) => ({
      metadata,
      digest: archiveDigest,
      contentDigest,
      urls: [addressOf(name, metadata.version)],
    })),
  };
}
