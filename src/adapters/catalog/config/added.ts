import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageFile, ResolvedPackage } from '../../../domain/app.ts';
import { LOCAL_CATALOG } from '../../../domain/catalog-names.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { isGitAddress } from '../../../domain/git-reference.ts';
import type { CatalogEntry } from '../../../services/catalog-store.ts';
import type { Catalog } from '../../../services/ports.ts';
import { archiveCache } from '../archive-cache.ts';
import { openFolderCatalog } from '../folder.ts';
import type { Reach } from '../http/reach.ts';
import type { LocationKind } from '../location.ts';
import type { CatalogSurroundings } from '../surroundings.ts';
import { readConfig } from './config.ts';
import { type Servers, serversOf } from './servers.ts';

/** Where catalogs keep what they know. */
export interface CatalogFolders {
  /** What a person added: `catalogs.json`. */
  readonly config: string;
  /** Local indexes and archives: can be deleted at any time. */
  readonly cache: string;
}

/** Where the local index of a catalog lies. */
export function indexFile({ cache }: CatalogFolders, name: string): string {
  return join(cache, 'catalogs', `${name}.sqlite`);
}

/** Where Sigstore's public root of trust is kept. */
export function rootsFolder({ cache }: CatalogFolders): string {
  return join(cache, 'sigstore');
}

/** Where is kept what a git catalog was found to be. */
export function gitFile({ cache }: CatalogFolders, name: string): string {
  return join(cache, 'catalogs', `${name}.git.json`);
}

/** Where the files of git repositories are kept, by repository and commit. */
export function gitCache({ cache }: CatalogFolders): string {
  return join(cache, 'git');
}

/** What was added, and how its servers are asked. */
export interface AddedCatalogs {
  readonly catalogs: readonly Catalog[];
  /** The policy of the configuration: nothing else than signed catalogs may be installed from. */
  readonly requireSigned: boolean;
  /** `https://...`, `oci://...` and `git+https://...`, asked with the certificates and credentials of a catalog at the same server. */
  readonly locations: readonly LocationKind[];
  /** Adds to the files of a chart in a folder what its `charts/` lacks. */
  addDependencies(
    files: readonly PackageFile[],
    folder: string,
    signal?: AbortSignal,
  ): Promise<readonly PackageFile[]>;
}

/**
 * Opens the catalogs that a person added. What asks the network is loaded when something is downloaded: a search does not need it.
 *
 * @throws AppstoreError CATALOG_INVALID where the configuration cannot be read
 */
export async function openAdded(
  folders: CatalogFolders,
  surroundings: CatalogSurroundings,
): Promise<AddedCatalogs> {
  const config = await readConfig(folders.config);
  const servers = serversOf(config, surroundings);
  const now = surroundings.now ?? (() => new Date());
  const catalogs = await Promise.all(config.catalogs.map((entry) => open(entry, folders, { servers, now })));
  return {
    catalogs,
    requireSigned: config.requireSigned === true,
    locations: [lazyHttp(servers), lazyOci(servers), lazyGit(servers, gitCache(folders))],
    async addDependencies(files, folder, signal) {
      const [{ withDependencies }, { dependencySources }] = await Promise.all([
        import('../dependencies/fetch.ts'),
        import('../dependencies/sources.ts'),
      ]);
      const archives = archiveCache(join(folders.cache, 'archives'));
      return withDependencies(files, folder, dependencySources({ ...config, servers, archives }), signal);
    },
  };
}

async function open(
  entry: CatalogEntry,
  folders: CatalogFolders,
  { servers, now }: { readonly servers: Servers; readonly now: () => Date },
): Promise<Catalog> {
  const { name, kind, location } = entry;
  if (kind === 'folder') return openFolderCatalog(name, location);
  // What the index of a pinned registry does not list, nobody signed.
  if (kind === 'oci' && entry.signedBy !== undefined) return openIndexed(entry, folders, { servers, now });
  if (kind === 'oci') {
    const listed = await openIndexed(entry, folders, { servers, now });
    return withUnlisted(listed, {
      isRead: await isThere(indexFile(folders, name)),
      async open() {
        const { openOciCatalog } = await import('../oci/catalog.ts');
        return openOciCatalog({ name, location, registry: () => servers.registry(location) });
      },
    });
  }
  if (kind === 'git') {
    const { openGitCatalog } = await import('../git/catalog.ts');
    return openGitCatalog({ name, location, file: gitFile(folders, name), cache: gitCache(folders) });
  }
  if (kind === 'helm' || kind === 'site') return openIndexed(entry, folders, { servers, now });
  throw new AppstoreError(
    'CATALOG_INVALID',
    `catalog \`${name}\` is of a kind that this version does not know: ${kind}.`,
    {
      hint: `Use a newer version, or remove it with \`appstore catalog remove ${name}\`.`,
    },
  );
}

async function openIndexed(
  entry: CatalogEntry,
  folders: CatalogFolders,
  { servers, now }: { readonly servers: Servers; readonly now: () => Date },
): Promise<Catalog> {
  const { name, location } = entry;
  const { openHelmCatalog } = await import('../helm/catalog.ts');
  return openHelmCatalog({
    name,
    location,
    index: indexFile(folders, name),
    archives: archiveCache(join(folders.cache, 'archives')),
    http: () => servers.http(location),
    pullOci: (address, from, signal) => pullOci(servers, address, from, signal),
    ...(entry.signedBy === undefined ? {} : { pinned: entry }),
    now,
  });
}

/**
 * A registry as a catalog. An index that was read beside its apps says what there is; what it does not list is asked for by its whole name
 * (`team/web`). Where nothing was read yet, such names can be asked for all the same, and everything else says that.
 */
function withUnlisted(
  listed: Catalog,
  unlisted: { readonly isRead: boolean; open(): Promise<Catalog> },
): Catalog {
  const from = new WeakMap<ResolvedPackage, Catalog>();
  return {
    ...listed,
    async versions(app, signal) {
      const found = unlisted.isRead ? await listed.versions(app, signal) : [];
      return found.length > 0 ? found : (await unlisted.open()).versions(app, signal);
    },
    async resolve(reference, signal) {
      if (reference.catalog !== listed.name) return listed.resolve(reference, signal);
      const found = unlisted.isRead ? await listed.resolve(reference, signal) : undefined;
      if (found !== undefined) return found;
      const catalog = await unlisted.open();
      const resolved = await catalog.resolve(reference, signal);
      if (resolved !== undefined) from.set(resolved, catalog);
      return resolved;
    },
    open: (resolved, signal) => (from.get(resolved) ?? listed).open(resolved, signal),
  };
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function pullOci(
  servers: Servers,
  address: string,
  from: Reach,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const [{ pullChart }, { parseOciReference }] = await Promise.all([
    import('../oci/pull.ts'),
    import('../../../domain/oci-reference.ts'),
  ]);
  const reference = parseOciReference(address);
  if (typeof reference === 'string')
    throw new AppstoreError('CATALOG_INVALID', `\`${address}\`: ${reference}.`);
  const pulled = await pullChart(await servers.registry(address, from), reference, signal);
  if (pulled !== undefined) return pulled.archive;
  throw new AppstoreError(
    'CATALOG_UNREACHABLE',
    `there is no repository \`${address}\`, or you may not see it.`,
  );
}

function lazyHttp(servers: Servers): LocationKind {
  return {
    takes: (location) => /^https?:\/\//i.test(location),
    async read(reference, signal) {
      const { httpLocation } = await import('../http-location.ts');
      return httpLocation(await servers.http(reference.location)).read(reference, signal);
    },
  };
}

function lazyOci(servers: Servers): LocationKind {
  return {
    takes: (location) => /^oci:\/\//i.test(location),
    async read(reference, signal) {
      const { ociLocation } = await import('../oci/catalog.ts');
      return ociLocation(LOCAL_CATALOG, (address) => servers.registry(address)).read(reference, signal);
    },
  };
}

function lazyGit(servers: Servers, cache: string): LocationKind {
  return {
    takes: isGitAddress,
    async read(reference, signal) {
      const { gitLocation } = await import('../git/location.ts');
      return gitLocation((address) => servers.git(address, cache)).read(reference, signal);
    },
  };
}
