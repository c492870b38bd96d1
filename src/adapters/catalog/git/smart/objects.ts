import { AppstoreError } from '../../../../domain/errors.ts';
import { formatGitReference, type GitReference } from '../../../../domain/git-reference.ts';
import type { HttpSettings } from '../../http/settings.ts';
import type { GitObjects } from '../objects.ts';
import { chooseCommit, noSuchRef } from '../refs.ts';
import { checkEntries, entryKind, noSuchFolder, type TreeEntry, tooManyFiles, treeLimits } from '../tree.ts';
import type { GitObject } from './pack.ts';
import { openSmartServer, type SmartServer } from './server.ts';

/** The objects of a repository at an https or http address, where the program `git` is missing. */
export function smartObjects(reference: GitReference, http: HttpSettings, signal?: AbortSignal): GitObjects {
  let opened: Promise<SmartServer> | undefined;
  const server = () => {
    opened ??= openSmartServer(reference, http, signal);
    return opened;
  };
  const known = new Map<string, GitObject>();
  const add = (objects: ReadonlyMap<string, GitObject>) => {
    for (const [name, object] of objects) known.set(name, object);
  };
  return {
    commitOf: () => chooseCommit(reference, async (names) => (await server()).refs(names)),
    async list(commit) {
      add(await (await server()).commit(commit));
      return listFiles(known, reference, commit);
    },
    async *read(commit, objects) {
      const missing = [...new Set(objects)].filter((name) => !known.has(name));
      if (missing.length > 0) add(await (await server()).objects(missing));
      yield new Map(objects.map((name) => [name, contentOf(known, name, reference, commit)]));
    },
  };
}

type Known = ReadonlyMap<string, GitObject>;

function listFiles(known: Known, reference: GitReference, commit: string): readonly TreeEntry[] {
  const source = formatGitReference({ ...reference, ref: commit });
  const head = known.get(commit);
  if (head?.type !== 'commit') throw noSuchRef({ ...reference, ref: commit });
  let tree = /^tree ([0-9a-f]{40})\n/.exec(head.content.toString('latin1', 0, 46))?.[1] ?? '';
  for (const part of reference.path.split('/').filter((one) => one !== '')) {
    const inside = entriesOf(known, tree).find(({ name, mode }) => name === part && isFolder(mode));
    if (inside === undefined) throw noSuchFolder(source);
    tree = inside.object;
  }
  const entries: TreeEntry[] = [];
  walk(known, { tree, above: '', source, folders: { count: 0 } }, entries);
  checkEntries(entries, source);
  return entries;
}

interface Walk {
  readonly tree: string;
  readonly above: string;
  readonly source: string;
  /** Folders that were seen so far. */
  readonly folders: { count: number };
}

/** Trees may name one another again and again: what they hold is counted while it is listed. */
function walk(known: Known, { tree, above, source, folders }: Walk, found: TreeEntry[]): void {
  folders.count += 1;
  for (const { name, mode, object } of entriesOf(known, tree)) {
    const path = above === '' ? name : `${above}/${name}`;
    const kind = entryKind(mode);
    if (kind !== undefined) found.push({ path, object, kind });
    const isDeep = path.split('/').length > treeLimits.depth;
    if (isDeep || found.length > treeLimits.files || folders.count > treeLimits.files)
      throw tooManyFiles(source);
    if (isFolder(mode)) walk(known, { tree: object, above: path, source, folders }, found);
  }
}

function isFolder(mode: string): boolean {
  return /^0?40000$/.test(mode);
}

interface RawEntry {
  readonly mode: string;
  readonly name: string;
  readonly object: string;
}

/** `<mode> <name> NUL <20 bytes>`, one behind the other. */
function entriesOf(known: Known, tree: string): readonly RawEntry[] {
  const object = known.get(tree);
  if (object?.type !== 'tree') throw notWhole();
  const { content } = object;
  const entries: RawEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const [space, end] = [content.indexOf(0x20, at), content.indexOf(0, at)];
    if (space < 0 || end < space || end + 21 > content.length) throw notWhole();
    entries.push({
      mode: content.toString('latin1', at, space),
      name: content.toString('utf8', space + 1, end),
      object: content.toString('hex', end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}

function contentOf(known: Known, name: string, reference: GitReference, commit: string): Buffer {
  const object = known.get(name);
  if (object?.type === 'blob') return object.content;
  throw notWhole(formatGitReference({ ...reference, ref: commit }));
}

function notWhole(source = 'the git repository'): AppstoreError {
  return new AppstoreError(
    'CATALOG_INVALID',
    `${source}: the server left out what the commit names, or it is damaged.`,
    {
      hint: 'Install the program `git`, which can read more servers, or ask who runs this one.',
    },
  );
}
