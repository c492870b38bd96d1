import { AppstoreError } from '../../../domain/errors.ts';
import { formatGitReference } from '../../../domain/git-reference.ts';
import { checkPath, type PackageLimits } from '../package-files.ts';
import { runGit } from './program.ts';
import { ask, fetchObjects, type Repository } from './repository.ts';

/** A file or link of a commit, below the folder that was asked for. */
export interface TreeEntry {
  readonly path: string;
  readonly object: string;
  readonly kind: 'file' | 'program' | 'link';
}

/** Bounds of a folder of a repository: one package, or a catalog of many. What a package may have is checked where it is read. */
export const treeLimits: PackageLimits = {
  files: 50_000,
  fileBytes: 64 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  depth: 48,
  pathBytes: 1024,
  holds: 'apps',
};

const kinds: Readonly<Record<string, TreeEntry['kind']>> = {
  '100644': 'file',
  '100664': 'file',
  '100755': 'program',
  '120000': 'link',
};

/**
 * What lies in the folder of a commit. Submodules are left out: they are other repositories.
 *
 * @throws AppstoreError APP_NOT_FOUND where there is no such folder, CATALOG_INVALID for names that git itself does not make
 */
export async function listTree(repository: Repository, commit: string): Promise<readonly TreeEntry[]> {
  const { url, path } = repository.reference;
  const source = formatGitReference({ url, ref: commit, path });
  const tree = path === '' ? commit : `${commit}:${path}`;
  const { code, output } = await runGit(repository, ['ls-tree', '-r', '-z', '--full-tree', tree]);
  if (code !== 0) throw noSuchFolder(source);
  const entries = output
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .flatMap(entryOf);
  checkEntries(entries, source);
  return entries;
}

export function tooManyFiles(source: string): AppstoreError {
  return new AppstoreError(
    'CATALOG_INVALID',
    `${source}: more than ${treeLimits.files} files, or folders more than ${treeLimits.depth} deep.`,
    { hint: 'Name the folder that the apps are in: `#ref:charts`.' },
  );
}

export function noSuchFolder(source: string): AppstoreError {
  return new AppstoreError('APP_NOT_FOUND', `${source}: there is no such folder in the repository.`, {
    hint: 'The folder is written from the top of the repository on: `#ref:charts/web`.',
  });
}

/** What an entry with this mode counts as; undefined for folders and submodules. */
export function entryKind(mode: string): TreeEntry['kind'] | undefined {
  return kinds[mode];
}

/** The contents of objects, in pieces that fit into memory. */
export async function* readObjects(
  repository: Repository,
  commit: string,
  objects: readonly string[],
): AsyncGenerator<ReadonlyMap<string, Buffer>> {
  const unique = [...new Set(objects)];
  await fetchObjects(repository, commit, await missing(repository, unique));
  const sizes = await sizesOf(repository, unique);
  for (const group of groupsOf(sizes)) {
    const { output } = await ask(repository, ['cat-file', '--batch'], `${group.join('\n')}\n`);
    yield parseBatch(output);
  }
}

function entryOf(line: string): readonly TreeEntry[] {
  const [, mode = '', object = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
  const kind = entryKind(mode);
  return kind === undefined ? [] : [{ path, object, kind }];
}

/**
 * git checks out none of these names; a commit that was made by hand may hold them.
 *
 * @throws AppstoreError CATALOG_INVALID, PACKAGE_INVALID
 */
export function checkEntries(entries: readonly TreeEntry[], source: string): void {
  if (entries.length > treeLimits.files) throw tooManyFiles(source);
  const files = new Set(entries.map(({ path }) => keyOf(path)));
  for (const { path } of entries) {
    checkPath(path, source, treeLimits);
    const parts = path.split('/');
    const bad = parts.some((part) => part === '' || part === '.' || part === '..' || /^\.git$/i.test(part));
    const inFile = parts.some((_, index) => index > 0 && files.has(keyOf(parts.slice(0, index).join('/'))));
    if (bad || inFile)
      throw new AppstoreError(
        'CATALOG_INVALID',
        `${source}: the file name ${JSON.stringify(path)} leads out, or through a file.`,
        {
          hint: 'Do not use this repository: git makes no such names.',
        },
      );
  }
}

function keyOf(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** Objects that the server left out. Told by git without fetching them one by one. */
async function missing(repository: Repository, objects: readonly string[]): Promise<readonly string[]> {
  const args = ['rev-list', '--objects', '--missing=print', '--no-walk=unsorted', '--stdin'];
  const { code, output } = await runGit(repository, args, `${objects.join('\n')}\n`);
  const left = output
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('?'))
    .map((line) => line.slice(1));
  return code === 0 ? left : objects;
}

async function sizesOf(
  repository: Repository,
  objects: readonly string[],
): Promise<readonly (readonly [string, number])[]> {
  const { output } = await ask(
    repository,
    ['cat-file', '--batch-check=%(objectname) %(objectsize)'],
    `${objects.join('\n')}\n`,
  );
  const sizes = output
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '))
    .map(([object = '', size = '']) => [object, Number(size)] as const);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  if (Number.isFinite(total) && total <= treeLimits.totalBytes) return sizes;
  throw tooManyBytes();
}

export function tooManyBytes(): AppstoreError {
  return new AppstoreError(
    'CATALOG_INVALID',
    `the files of the git repository have more than ${treeLimits.totalBytes} bytes, or are not all there.`,
    { hint: 'Name the folder that the apps are in: `#ref:charts`.' },
  );
}

const groupBytes = 16 * 1024 * 1024;

function groupsOf(sizes: readonly (readonly [string, number])[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let room = 0;
  for (const [object, size] of sizes) {
    if (groups.length === 0 || size > room) {
      groups.push([]);
      room = groupBytes;
    }
    groups.at(-1)?.push(object);
    room -= size;
  }
  return groups;
}

/** git-cat-file(1), "BATCH OUTPUT": `<object> <type> <size>`, a line feed, the bytes, a line feed. */
function parseBatch(output: Buffer): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0x0a, at);
    const [object = '', , size = ''] = output.toString('utf8', at, end).split(' ');
    const from = end + 1;
    const to = from + Number(size);
    if (end < 0 || !Number.isInteger(to)) break;
    found.set(object, output.subarray(from, to));
    at = to + 1;
  }
  return found;
}
