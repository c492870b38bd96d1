import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppstoreError } from '../../../domain/errors.ts';
import { formatGitReference, type GitReference, isCommit } from '../../../domain/git-reference.ts';
import type { HttpSettings } from '../http/settings.ts';
import { keeping } from '../keeping.ts';
import type { CatalogSurroundings } from '../surroundings.ts';
import { type GitAccess, gitEnvironment } from './environment.ts';
import type { GitObjects } from './objects.ts';
import { type GitBounds, isGitMissing } from './program.ts';
import { commitOf, fetchCommit, type Repository } from './repository.ts';
import { listTree, readObjects, type TreeEntry, tooManyBytes, treeLimits } from './tree.ts';

export interface CheckoutSettings {
  /** `git` in the cache folder. */
  readonly cache: string;
  readonly access: GitAccess;
  readonly surroundings: CatalogSurroundings;
  readonly bounds?: Partial<GitBounds>;
  /** How its server is asked where there is no program `git`; without it only the program will do. */
  readonly http?: HttpSettings;
}

/** The files of a commit on this machine. */
export interface Checkout {
  readonly commit: string;
  readonly folder: string;
}

/**
 * The folder of a repository at the commit that its ref means now, in the cache: made aside and moved into its place, so that what
 * is there is whole, and two who make it at once both have it. A commit that is there already is not asked for.
 *
 * @throws AppstoreError as `commitOf`, `listTree`
 */
export async function checkOut(
  reference: GitReference,
  settings: CheckoutSettings,
  signal?: AbortSignal,
): Promise<Checkout> {
  const { ref } = reference;
  const known =
    ref !== undefined && isCommit(ref) ? await inCache(settings.cache, reference, ref) : undefined;
  if (known !== undefined) return known;
  return keeping(settings.cache, 'XDG_CACHE_HOME', async () => {
    await mkdir(settings.cache, { recursive: true, mode: 0o700 });
    const aside = await mkdtemp(join(settings.cache, unfinished));
    try {
      return await make(reference, settings, { aside, ...(signal === undefined ? {} : { signal }) });
    } finally {
      await rm(aside, { recursive: true, force: true, maxRetries: 3 });
    }
  });
}

/** What was checked out before; undefined where it is not there any more. Its time is that of its last use. */
export async function inCache(
  cache: string,
  reference: GitReference,
  commit: string,
): Promise<Checkout | undefined> {
  const folder = folderOf(cache, reference, commit);
  const now = new Date();
  return utimes(folder, now, now).then(
    () => ({ commit, folder }),
    () => undefined,
  );
}

const day = 24 * 60 * 60 * 1000;

/** Deletes what was not used for a month, and what processes that died left unfinished a day ago. */
export async function pruneCheckouts(cache: string, now: Date): Promise<void> {
  for (const name of await namesIn(cache)) {
    const folder = join(cache, name);
    if (name.startsWith(unfinished)) await pruneOlder(folder, now.getTime() - day);
    else
      for (const commit of await namesIn(folder))
        await pruneOlder(join(folder, commit), now.getTime() - 30 * day);
  }
}

const unfinished = '.new-';

function folderOf(cache: string, { url, path }: GitReference, commit: string): string {
  const key = createHash('sha256').update(`${url}\n${path}`).digest('hex').slice(0, 32);
  return join(cache, key, commit);
}

interface Aside {
  readonly aside: string;
  readonly signal?: AbortSignal;
}

/** By the program, which is there wherever people work with git; else without it, where the repository is at a web server. */
async function make(reference: GitReference, settings: CheckoutSettings, where: Aside): Promise<Checkout> {
  try {
    return await makeBy(programObjects(reference, settings, where), reference, settings, where);
  } catch (error) {
    const { http } = settings;
    if (!isGitMissing(error) || http === undefined || !/^https?$/.test(reference.protocol)) throw error;
    const { smartObjects } = await import('./smart/objects.ts');
    return makeBy(smartObjects(reference, http, where.signal), reference, settings, where);
  }
}

async function makeBy(
  objects: GitObjects,
  reference: GitReference,
  { cache }: CheckoutSettings,
  { aside }: Aside,
): Promise<Checkout> {
  const commit = await objects.commitOf();
  const known = await inCache(cache, reference, commit);
  if (known !== undefined) return known;
  const files = join(aside, 'files');
  await mkdir(files, { recursive: true });
  await writeTree(objects, reference, { commit, folder: files });
  return { commit, folder: await moveInto(folderOf(cache, reference, commit), files) };
}

function programObjects(
  reference: GitReference,
  { access, surroundings, bounds }: CheckoutSettings,
  { aside, signal }: Aside,
): GitObjects {
  const folder = join(aside, 'repository');
  const repository: Repository = {
    reference,
    access,
    folder,
    environment: gitEnvironment(reference, access, { ...surroundings, folder }),
    ...(signal === undefined ? {} : { signal }),
    ...(bounds === undefined ? {} : { bounds }),
  };
  return {
    async commitOf() {
      await mkdir(folder);
      return commitOf(repository);
    },
    async list(commit) {
      await fetchCommit(repository, commit);
      return listTree(repository, commit);
    },
    read: (commit, objects) => readObjects(repository, commit, objects),
  };
}

/** Links last, so that nothing is written through one. Where they lead is judged by who reads the folder. */
async function writeTree(
  objects: GitObjects,
  reference: GitReference,
  { commit, folder }: Checkout,
): Promise<void> {
  const entries = await objects.list(commit);
  const links: [string, string][] = [];
  const names = entries.map(({ object }) => object);
  const byObject = Map.groupBy(entries, ({ object }) => object);
  for (const parent of new Set(entries.map(({ path }) => dirname(path))))
    await mkdir(join(folder, parent), { recursive: true });
  let bytes = 0;
  for await (const group of objects.read(commit, names)) {
    for (const [object, content] of group) {
      for (const entry of byObject.get(object) ?? []) {
        // One object may be the content of all files.
        bytes += content.length;
        if (bytes > treeLimits.totalBytes) throw tooManyBytes();
        if (entry.kind === 'link') links.push([content.toString('utf8'), join(folder, entry.path)]);
        else await writeEntry(folder, entry, content);
      }
    }
  }
  for (const [target, path] of links) await symlink(target, path);
  const count = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (one) => !one.isDirectory(),
  ).length;
  if (count !== entries.length) throw notWhole(reference, commit);
}

async function writeEntry(folder: string, { path, kind }: TreeEntry, content: Buffer): Promise<void> {
  await writeFile(join(folder, path), content, { flag: 'wx', mode: kind === 'program' ? 0o755 : 0o644 });
}

/** Where somebody else was first, theirs is the same. */
async function moveInto(folder: string, files: string): Promise<string> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  try {
    await rename(files, folder);
  } catch (error) {
    if (!(await isFolder(folder))) throw error;
  }
  return folder;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function pruneOlder(folder: string, than: number): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found !== undefined && found.mtimeMs < than) await rm(folder, { recursive: true, force: true });
}

function notWhole({ url, path }: GitReference, commit: string): AppstoreError {
  return new AppstoreError(
    'CATALOG_INVALID',
    `${formatGitReference({ url, ref: commit, path })}: not all of its files could be read.`,
    {
      hint: 'Its names may differ only by case, which this file system cannot hold.',
    },
  );
}
