import { mkdir, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Package, ResolvedPackage } from '../../../domain/app.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { formatGitReference, type GitReference, parseGitReference } from '../../../domain/git-reference.ts';
import type { CatalogEntry, CatalogReading } from '../../../services/catalog-store.ts';
import type { Catalog } from '../../../services/ports.ts';
import { readJson, writeAtomically } from '../../sandbox/files.ts';
import { listFolder, openFolderCatalog } from '../folder.ts';
import { neverRead } from '../never-read.ts';
import { type CheckoutSettings, checkOut, inCache, pruneCheckouts } from './checkout.ts';

/** What `catalog update` found, kept beside the indexes of others. */
interface GitState {
  /** Where it was found: the state of another location is not this catalog's. */
  readonly location: string;
  readonly commit: string;
  readonly apps: number;
}

export interface GitCatalogSettings {
  readonly name: string;
  readonly location: string;
  /** Where the state lies. */
  readonly file: string;
  /** `git` in the cache folder. */
  readonly cache: string;
}

/**
 * A repository as a catalog: its folder at the commit that `catalog update` found, read as a folder is. Nothing is asked of the network.
 *
 * Its methods throw CATALOG_INVALID where it was never read on this machine.
 */
export function openGitCatalog(settings: GitCatalogSettings): Catalog {
  const { name } = settings;
  const made = new Map<ResolvedPackage, { readonly folder: Catalog; readonly inner: ResolvedPackage }>();
  return {
    name,
    search: async (query, options) => (await current(settings)).folder.search(query, options),
    versions: async (app, signal) => (await current(settings)).folder.versions(app, signal),
    async resolve(reference, signal) {
      if (reference.location !== undefined || (reference.catalog ?? name) !== name) return undefined;
      const { folder, reference: at } = await current(settings);
      const inner = await folder.resolve(reference, signal);
      if (inner === undefined) return undefined;
      const path = [at.path, reference.name].filter((part) => part !== '').join('/');
      const resolved = { ...inner, source: formatGitReference({ ...at, path }) };
      made.set(resolved, { folder, inner });
      return resolved;
    },
    async open(resolved, signal): Promise<Package> {
      const found = made.get(resolved);
      if (found === undefined)
        throw new AppstoreError('INTERNAL', `${resolved.source} was not resolved by this catalog`);
      return { ...(await found.folder.open(found.inner, signal)), resolved };
    },
    lastChecked: () => timeOf(settings.file),
  };
}

/** What is known of the catalog without a network: undefined where it was never read. */
export async function gitState(
  file: string,
  location: string,
): Promise<{ readonly apps: number; readonly checked: Date | undefined } | undefined> {
  const state = await readState(file, location);
  return state === undefined ? undefined : { apps: state.apps, checked: await timeOf(file) };
}

export interface GitUpdate {
  readonly entry: CatalogEntry;
  readonly file: string;
  readonly checkout: CheckoutSettings;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/**
 * Asks the repository for the commit that its ref means now, and checks it out. What was there stays where it cannot be had.
 *
 * @throws AppstoreError as `checkOut`, and what reading its apps throws
 */
export async function updateGitCatalog({
  entry,
  file,
  checkout,
  now,
  signal,
}: GitUpdate): Promise<CatalogReading> {
  const { name, location } = entry;
  const before = await readState(file, location);
  const { commit, folder } = await checkOut(readLocation(name, location), checkout, signal);
  const { apps, ...listed } = await listFolder(name, folder, signal);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeAtomically(file, JSON.stringify({ location, commit, apps } satisfies GitState));
  await utimes(file, now, now);
  await pruneCheckouts(checkout.cache, now);
  const outcome = before?.commit === commit ? 'unchanged' : 'read';
  return { outcome, apps, ...listed };
}

async function current({ name, location, file, cache }: GitCatalogSettings) {
  const state = await readState(file, location);
  const reference = {
    ...readLocation(name, location),
    ...(state === undefined ? {} : { ref: state.commit }),
  };
  const found = state === undefined ? undefined : await inCache(cache, reference, state.commit);
  if (found !== undefined) return { folder: openFolderCatalog(name, found.folder), reference };
  throw neverRead(name);
}

async function readState(file: string, location: string): Promise<GitState | undefined> {
  const state = await readJson<GitState>(file);
  return state?.location === location ? state : undefined;
}

function readLocation(name: string, location: string): GitReference {
  const reference = parseGitReference(location);
  if (typeof reference !== 'string') return reference;
  throw new AppstoreError('CATALOG_INVALID', `the location of catalog \`${name}\`: ${reference}.`);
}

async function timeOf(file: string): Promise<Date | undefined> {
  return stat(file).then(
    ({ mtime }) => mtime,
    () => undefined,
  );
}
