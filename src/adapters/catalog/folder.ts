import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppMetadata, AppReference, Package, ResolvedPackage } from '../../domain/app.ts';
import { contentDigest } from '../../domain/content-digest.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { rankApps, type SearchQuery } from '../../domain/search.ts';
import { chooseVersion } from '../../domain/versions.ts';
import type { CatalogReading } from '../../services/catalog-store.ts';
import type { Catalog, CatalogHit, SearchOptions } from '../../services/ports.ts';
import { checkedMetadata, listedMetadata } from './metadata.ts';
import { isLeftover } from './package-files.ts';
import { readPackageFolder } from './read-folder.ts';
import { reading } from './reading.ts';

/** A folder with an app and what was read of it. */
interface AppFolder {
  readonly path: string;
  readonly metadata: AppMetadata;
}

/**
 * A catalog that is a folder: every folder in it that holds an app.yaml or a Chart.yaml is an app at one version, and has the
 * app's name.
 * Other files and folders are passed over, as are links to folders. Nothing is kept in memory: each call sees the folder as
 * it is.
 */
export function openFolderCatalog(name: string, folder: string): Catalog {
  const find = (app: string) => findApp(name, folder, app, checkedMetadata);
  return {
    name,
    async search(query: SearchQuery, options?: SearchOptions): Promise<readonly CatalogHit[]> {
      const apps = await listApps(name, folder, options);
      return rankApps(apps, query).map((ranked) => ({ catalog: name, ...ranked }));
    },
    async versions(app: string): Promise<readonly AppMetadata[]> {
      const found = await find(app);
      return found === undefined ? [] : [found.metadata];
    },
    async resolve(reference: AppReference, signal?: AbortSignal): Promise<ResolvedPackage | undefined> {
      if (reference.location !== undefined || (reference.catalog ?? name) !== name) return undefined;
      const found = await find(reference.name);
      if (found === undefined) return undefined;
      chooseVersion(`${name}/${reference.name}`, [found.metadata], reference.range);
      return resolveFolder(name, found, signal);
    },
    open: openFolder,
  };
}

/** Problems that are told one by one. */
const told = 10;

/** What a folder has as a catalog: how many apps, and which of them cannot be listed. Throws CATALOG_INVALID. */
export async function listFolder(
  name: string,
  folder: string,
  signal: AbortSignal,
): Promise<Omit<CatalogReading, 'outcome' | 'signed'>> {
  const problems: { readonly at: string; readonly message: string }[] = [];
  const unread = ({ message, place }: AppstoreError) => problems.push({ at: place?.file ?? folder, message });
  const { length } = await openFolderCatalog(name, folder).search({ text: '' }, { signal, unread });
  return { apps: length, versions: length, skipped: problems.length, problems: problems.slice(0, told) };
}

/** Makes the package in a folder exact: reads all of it for the digest. */
async function resolveFolder(
  catalog: string,
  { path, metadata }: AppFolder,
  signal?: AbortSignal,
): Promise<ResolvedPackage> {
  const files = await readPackageFolder(path, path, signal);
  const { name, version, appVersion } = metadata;
  return { catalog, name, version, appVersion, contentDigest: contentDigest(files), source: path };
}

/**
 * Reads a package that `resolveFolder` made exact.
 *
 * @throws AppstoreError CATALOG_INVALID where the folder was changed since
 */
async function openFolder(resolved: ResolvedPackage, signal?: AbortSignal): Promise<Package> {
  const files = await readPackageFolder(resolved.source, resolved.source, signal);
  if (contentDigest(files) !== resolved.contentDigest) {
    throw new AppstoreError(
      'CATALOG_INVALID',
      `${resolved.source}: the files changed while they were read.`,
      {
        hint: 'Run the command again.',
      },
    );
  }
  return { resolved, files };
}

async function listApps(
  catalog: string,
  folder: string,
  { signal, unread }: SearchOptions = {},
): Promise<readonly AppMetadata[]> {
  const entries = await reading(folder, () => readdir(folder, { withFileTypes: true })).catch(
    (error: unknown) => {
      throw unreadable(catalog, error);
    },
  );
  signal?.throwIfAborted();
  const names = entries
    .filter((entry) => entry.isDirectory() && !isLeftover(entry.name))
    .map((entry) => entry.name);
  const find = (app: string) => findApp(catalog, folder, app, listedMetadata);
  // A mistake in one app hides no other.
  const findOrTell = (app: string) =>
    find(app).catch((error: unknown) => {
      if (unread === undefined || !(error instanceof AppstoreError)) throw error;
      unread(error);
      return undefined;
    });
  const apps = await Promise.all(names.map(findOrTell));
  return apps.filter((app) => app !== undefined).map((app) => app.metadata);
}

async function findApp(
  catalog: string,
  folder: string,
  app: string,
  read: typeof checkedMetadata,
): Promise<AppFolder | undefined> {
  const path = join(folder, app);
  const metadata = await read(path, path);
  if (metadata === undefined) return undefined;
  if (metadata.name !== app) {
    throw new AppstoreError(
      'CATALOG_INVALID',
      `${path}: the folder holds the app \`${metadata.name}\`, so catalog \`${catalog}\` cannot find it by its name.`,
      { hint: `Rename the folder to \`${metadata.name}\`.` },
    );
  }
  return { path, metadata };
}

function unreadable(catalog: string, cause: unknown): AppstoreError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppstoreError('CATALOG_INVALID', `Catalog \`${catalog}\` cannot be read: ${why}`, { cause });
}
