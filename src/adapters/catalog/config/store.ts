import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppstoreError } from '../../../domain/errors.ts';
import type {
  CatalogEntry,
  CatalogReading,
  CatalogSigner,
  CatalogState,
  CatalogStore,
  GivenCredential,
  TrustReport,
} from '../../../services/catalog-store.ts';
import { archiveCache } from '../archive-cache.ts';
import { listFolder } from '../folder.ts';
import type { UpdateRequest } from '../helm/update.ts';
import { keeping } from '../keeping.ts';
import type { RegistrySettings } from '../oci/session.ts';
import type { CatalogSurroundings } from '../surroundings.ts';
import type { SignedSource } from '../trust/update-signed.ts';
import { type CatalogFolders, gitCache, gitFile, indexFile, rootsFolder } from './added.ts';
import { changeConfig, readConfig } from './config.ts';
import { serversOf } from './servers.ts';

/** The added catalogs in the folders of a user. */
export function localCatalogs(folders: CatalogFolders, surroundings: CatalogSurroundings): CatalogStore {
  const store = storeIn(folders, surroundings);
  const inCache = <T>(work: () => Promise<T>) => keeping(folders.cache, 'XDG_CACHE_HOME', work);
  return {
    ...store,
    add: (entry, credential, signal) => inCache(() => store.add(entry, credential, signal)),
    remove: (name, signal) => inCache(() => store.remove(name, signal)),
    update: (name, signal) => inCache(() => store.update(name, signal)),
  };
}

function storeIn(folders: CatalogFolders, surroundings: CatalogSurroundings): CatalogStore {
  const { config } = folders;
  const read = (entry: CatalogEntry, credential: GivenCredential | undefined, signal: AbortSignal) =>
    readCatalog({ entry, credential, folders, surroundings, signal });
  return {
    async list() {
      const { catalogs, credentials } = await readConfig(config);
      return Promise.all(
        catalogs.map((entry) =>
          stateOf(entry, folders, {
            anonymous: !Object.hasOwn(credentials, entry.name),
            now: timeOf(surroundings),
          }),
        ),
      );
    },
    async add(entry, credential, signal) {
      requireFree(await readConfig(config), entry.name);
      const { entry: whole, reading } = await readNew({ entry, credential, folders, surroundings, signal });
      await changeConfig(config, signal, (now) => {
        // somebody else may have added one of that name meanwhile
        requireFree(now, entry.name);
        return {
          ...now,
          catalogs: [...now.catalogs, whole],
          credentials:
            credential === undefined ? now.credentials : { ...now.credentials, [entry.name]: credential },
        };
      });
      return reading;
    },
    async remove(name, signal) {
      await changeConfig(config, signal, (now) => {
        requireEntry(now.catalogs, name);
        const { [name]: _, ...credentials } = now.credentials;
        return { ...now, catalogs: now.catalogs.filter((entry) => entry.name !== name), credentials };
      });
      await rm(indexFile(folders, name), { force: true });
      await rm(gitFile(folders, name), { force: true });
    },
    async update(name, signal) {
      const { catalogs, credentials } = await readConfig(config);
      const entry = requireEntry(catalogs, name);
      const reading = await read(
        entry,
        Object.hasOwn(credentials, name) ? credentials[name] : undefined,
        signal,
      );
      await archiveCache(join(folders.cache, 'archives')).prune(new Date());
      await pruneUnfinished(dirname(indexFile(folders, name)), timeOf(surroundings));
      return reading;
    },
    async verify(name, signal) {
      const { catalogs, credentials } = await readConfig(config);
      const entry = requireEntry(catalogs, name);
      if (entry.signedBy === undefined)
        return { name, location: entry.location, outcome: 'unsigned', problems: [] };
      const { verifyCatalog } = await import('../trust/verify-catalog.ts');
      const credential = Object.hasOwn(credentials, name) ? credentials[name] : undefined;
      const source = await signedSource({ entry, credential, folders, surroundings, signal });
      return verifyCatalog(source, indexFile(folders, name));
    },
    async trust(name, change, signal) {
      const { changePins } = await import('../trust/change-pins.ts');
      const asked = Object.values(change).some((part) => part !== undefined && part.length > 0);
      if (change.trustedRoot !== undefined)
        (await import('../trust/keyless-verify.ts')).readRoot(change.trustedRoot);
      if (asked)
        await changeConfig(config, signal, (now) => {
          requireEntry(now.catalogs, name);
          return {
            ...now,
            catalogs: now.catalogs.map((one) => (one.name === name ? changePins(one, change) : one)),
          };
        });
      return trustOf(requireEntry((await readConfig(config)).catalogs, name), folders, timeOf(surroundings));
    },
  };
}

const day = 24 * 60 * 60 * 1000;

/** Deletes what processes that were killed left a day ago while they built an index. */
async function pruneUnfinished(folder: string, now: Date): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.endsWith('.new'))) {
    const file = join(folder, name);
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && now.getTime() - found.mtimeMs > day) await rm(file, { force: true });
  }
}

async function stateOf(
  entry: CatalogEntry,
  folders: CatalogFolders,
  { anonymous, now }: { readonly anonymous: boolean; readonly now: Date },
): Promise<CatalogState> {
  if (entry.kind === 'folder') return { ...entry, anonymous };
  if (entry.kind === 'git') {
    const { gitState } = await import('../git/catalog.ts');
    const known = await gitState(gitFile(folders, entry.name), entry.location);
    if (known === undefined) return { ...entry, anonymous };
    const { apps, checked } = known;
    return {
      ...entry,
      anonymous,
      indexed: { apps, versions: apps },
      ...(checked === undefined ? {} : { checked }),
    };
  }
  const [{ keptFacts }, { lastChecked }] = await Promise.all([
    import('../helm/kept-index.ts'),
    import('../helm/local-index.ts'),
  ]);
  const file = indexFile(folders, entry.name);
  const facts = keptFacts(file, entry.location);
  if (facts === undefined) return { ...entry, anonymous };
  const checked = await lastChecked(file);
  const signature = await signatureOf(entry, file, now);
  return {
    ...entry,
    anonymous,
    // A registry that was asked and has no index.
    ...(facts.digest === ''
      ? {}
      : { indexed: { apps: Number(facts.apps), versions: Number(facts.versions) } }),
    ...(checked === undefined ? {} : { checked }),
    ...(signature === undefined ? {} : { signature }),
  };
}

async function signatureOf(entry: CatalogEntry, file: string, now: Date) {
  if (entry.signedBy === undefined) return undefined;
  const { pinnedSignature } = await import('../trust/verify-catalog.ts');
  return pinnedSignature(entry, file, now);
}

async function trustOf(entry: CatalogEntry, folders: CatalogFolders, now: Date): Promise<TrustReport> {
  const signature = await signatureOf(entry, indexFile(folders, entry.name), now);
  const as = entry.signedBy?.as;
  return {
    name: entry.name,
    signers: signature?.signers ?? [],
    ...(as === undefined ? {} : { as }),
    updateNeeded: signature !== undefined && signature.index === undefined,
  };
}

function timeOf({ now }: CatalogSurroundings): Date {
  return now?.() ?? new Date();
}

interface Reading {
  readonly entry: CatalogEntry;
  readonly credential: GivenCredential | undefined;
  readonly folders: CatalogFolders;
  readonly surroundings: CatalogSurroundings;
  readonly signal: AbortSignal;
}

/** An address says where, not what: a site of our own is told from a Helm repository by its index. */
async function readNew(
  reading: Reading,
): Promise<{ readonly entry: CatalogEntry; readonly reading: CatalogReading }> {
  const { entry } = reading;
  if (entry.signedBy !== undefined) return readNewSigned(reading, entry.signedBy);
  if (entry.kind === 'helm') {
    const { tryReadSite } = await import('../site/update.ts');
    const read = await tryReadSite(await updateRequest(reading));
    if (read !== undefined) return { entry: { ...entry, kind: 'site' }, reading: read };
  }
  return { entry, reading: await readCatalog(reading) };
}

/** The name of the first signature is kept: from then on another catalog of the same signer cannot take its place. */
async function readNewSigned(request: Reading, signer: CatalogSigner) {
  const { entry } = request;
  if (entry.kind !== 'helm' && entry.kind !== 'oci')
    throw new AppstoreError('CATALOG_UNSIGNED', `${entry.location} is of a kind that is not signed.`, {
      hint: 'What `appstore catalog build` and `catalog push` sign is a site (https://) or a registry (oci://).',
    });
  const { readSigned } = await import('../trust/update-signed.ts');
  const { reading, verified } = await readSigned(await signedSource(request), signer);
  const signedBy = { ...signer, as: verified.catalog };
  const trust = { seen: verified, kept: verified };
  const kind = entry.kind === 'oci' ? 'oci' : 'site';
  return { entry: { ...entry, kind, signedBy, trust } as const, reading };
}

/** How a signed catalog is asked. */
async function signedSource(reading: Reading): Promise<SignedSource> {
  if (reading.entry.kind === 'oci') {
    const { signedRegistry } = await import('../trust/signed-registry.ts');
    const request = { ...(await updateRequest(reading)), registry: await registryOf(reading) };
    return signedRegistry(request, rootsFolder(reading.folders));
  }
  const { signedSite } = await import('../trust/update-signed.ts');
  return signedSite(await updateRequest(reading), rootsFolder(reading.folders));
}

async function updateRequest({
  entry,
  credential,
  folders,
  surroundings,
  signal,
}: Reading): Promise<UpdateRequest> {
  const { httpSettingsFor } = await import('../http/settings-for.ts');
  const file = indexFile(folders, entry.name);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const http = await httpSettingsFor(entry, credential, surroundings);
  return { entry, file, http, now: timeOf(surroundings), signal };
}

/** Two updates of one catalog at once both end with a whole index: it is built aside and moved into its place. */
async function readCatalog(reading: Reading): Promise<CatalogReading> {
  const { entry, signal } = reading;
  if (entry.kind === 'folder') {
    await requireFolder(entry.location);
    return { outcome: 'nothing', ...(await listFolder(entry.name, entry.location, signal)) };
  }
  if (entry.kind === 'git') return readGit(reading);
  if (entry.signedBy !== undefined) {
    const { updateSigned } = await import('../trust/update-signed.ts');
    return updateSigned(await signedSource(reading), entry.signedBy, reading.folders.config);
  }
  if (entry.kind === 'site') {
    const { updateSiteIndex } = await import('../site/update.ts');
    return updateSiteIndex(await updateRequest(reading));
  }
  if (entry.kind === 'oci') {
    const { updateOciIndex } = await import('../oci/update.ts');
    return updateOciIndex({ ...(await updateRequest(reading)), registry: await registryOf(reading) });
  }
  const { updateHelmIndex } = await import('../helm/update.ts');
  return updateHelmIndex(await updateRequest(reading));
}

/** The catalog is not in the configuration yet where it is being added: its server is known by this entry alone. */
async function readGit({
  entry,
  credential,
  folders,
  surroundings,
  signal,
}: Reading): Promise<CatalogReading> {
  const { updateGitCatalog } = await import('../git/catalog.ts');
  const config = {
    catalogs: [entry],
    credentials: credential === undefined ? {} : { [entry.name]: credential },
  };
  const url = entry.location.replace(/^git\+/i, '').replace(/#.*$/s, '');
  const checkout = await serversOf(config, surroundings).git(url, gitCache(folders));
  return updateGitCatalog({ entry, file: gitFile(folders, entry.name), checkout, now: new Date(), signal });
}

function registryOf({ entry, credential, surroundings }: Reading): Promise<RegistrySettings> {
  const credentials = credential === undefined ? {} : { [entry.name]: credential };
  return serversOf({ catalogs: [entry], credentials }, surroundings).registry(entry.location);
}

async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new AppstoreError('CATALOG_INVALID', `${path} is no folder.`, {
    hint: 'Name a folder of apps, the address of a Helm repository (https://...), a registry (oci://...), or a git repository (git+https://...).',
  });
}

function requireFree({ catalogs }: { readonly catalogs: readonly CatalogEntry[] }, name: string): void {
  if (catalogs.some((entry) => entry.name === name))
    throw new AppstoreError('CATALOG_EXISTS', `there is a catalog \`${name}\` already.`);
}

function requireEntry(catalogs: readonly CatalogEntry[], name: string): CatalogEntry {
  const found = catalogs.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const names = catalogs.map((entry) => entry.name).join(', ') || 'none';
  throw new AppstoreError('CATALOG_NOT_FOUND', `no catalog \`${name}\` was added. There is: ${names}.`);
}
