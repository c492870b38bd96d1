import { isUtf8 } from 'node:buffer';
import { type Dirent, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { PackageFile } from '../../domain/app.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { type FolderRules, folderRules } from './folder-rules.ts';
import { checkDistinct, checkFileSize, checkPath, checkSize } from './package-files.ts';
import { leadsOut, readingSync } from './reading.ts';

interface Found {
  /** Path inside the package, with `/`. */
  readonly path: string;
  /** Where to read it: links resolved. */
  readonly real: string;
  readonly bytes: number;
  readonly mode: number;
}

/**
 * Reads the files of a package from a folder, sorted by path. What its format leaves out is passed over (folder-rules.ts). A link to a
 * file inside the folder counts as that file; a link that leads out of the folder, a link to a folder, a device, pipe or socket is
 * refused, as is whatever package-files.ts refuses.
 *
 * The calls are synchronous: for the small files of a package each asynchronous one takes ten times as long. Whatever else the
 * program does gets its turn every few milliseconds.
 *
 * @param source how messages name the package
 * @throws AppstoreError PACKAGE_INVALID, FILE_UNREADABLE
 */
export async function readPackageFolder(
  folder: string,
  source: string,
  signal?: AbortSignal,
): Promise<readonly PackageFile[]> {
  const root = readingSync(folder, () => realpathSync(folder));
  const rules = await folderRules(root, source);
  const rest = turns(signal);
  const found = await walk({ root, source, rules, rest }, '');
  checkDistinct(
    found.map((file) => file.path),
    source,
  );
  const bytes = found.reduce((sum, file) => sum + file.bytes, 0);
  checkSize({ files: found.length, bytes }, source, rules.limits);
  const files: PackageFile[] = [];
  for (const file of found) {
    await rest();
    files.push(load(file, source, rules));
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Walk {
  readonly root: string;
  readonly source: string;
  readonly rules: FolderRules;
  readonly rest: () => Promise<void>;
}

/** Milliseconds that are worked before others get their turn. */
const longestTurn = 5;

/** Lets others have their turn when one has lasted; throws where the signal aborts. */
function turns(signal: AbortSignal | undefined): () => Promise<void> {
  let began = Date.now();
  return async () => {
    if (Date.now() - began > longestTurn) {
      await setImmediate();
      began = Date.now();
    }
    signal?.throwIfAborted();
  };
}

async function walk(context: Walk, folder: string): Promise<readonly Found[]> {
  await context.rest();
  const absolute = join(context.root, folder);
  const entries = readingSync(absolute, () =>
    readdirSync(absolute, { withFileTypes: true, encoding: 'buffer' }),
  );
  const found: Found[] = [];
  for (const entry of entries) {
    const name = nameOf(entry, absolute);
    const path = folder === '' ? name : `${folder}/${name}`;
    if (context.rules.leavesOut(path, entry.isDirectory())) continue;
    checkPath(path, context.source, context.rules.limits);
    if (entry.isDirectory()) found.push(...(await walk(context, path)));
    else found.push(visit(context, path, entry));
    // Checked while counting: a folder of millions of files must not be listed to its end first.
    checkSize({ files: found.length, bytes: 0 }, context.source, context.rules.limits);
  }
  return found;
}

function visit(context: Walk, path: string, entry: Dirent<Buffer>): Found {
  const absolute = join(context.root, path);
  if (entry.isSymbolicLink()) return followLink(context, path, absolute);
  if (!entry.isFile()) throw refused(context, path, 'is a device, pipe or socket, not a file');
  const { size, mode } = readingSync(absolute, () => lstatSync(absolute));
  return { path, real: absolute, bytes: size, mode };
}

function followLink(context: Walk, path: string, absolute: string): Found {
  const real = readingSync(absolute, () => realpathSync(absolute));
  if (leadsOut(context.root, real)) {
    throw refused(context, path, 'is a link that leads out of the package');
  }
  const target = readingSync(real, () => statSync(real));
  if (!target.isFile()) throw refused(context, path, 'is a link to something that is not a file');
  return { path, real, bytes: target.size, mode: target.mode };
}

function load(file: Found, source: string, { limits, keepsMode }: FolderRules): PackageFile {
  checkFileSize(file.path, file.bytes, source, limits);
  const content = readingSync(file.real, () => readFileSync(file.real));
  // It may have grown since it was measured.
  checkFileSize(file.path, content.length, source, limits);
  return { path: file.path, mode: keepsMode && (file.mode & 0o100) !== 0 ? 0o755 : 0o644, content };
}

function nameOf(entry: Dirent<Buffer>, folder: string): string {
  if (isUtf8(entry.name)) return entry.name.toString('utf8');
  const shown = entry.name.toString('latin1').replace(/[^ -~]/g, '?');
  throw new AppstoreError('PACKAGE_INVALID', `${folder}: the file name \`${shown}\` is not UTF-8.`, {
    hint: 'Rename the file.',
  });
}

function refused(context: Walk, path: string, why: string): AppstoreError {
  return new AppstoreError('PACKAGE_INVALID', `${context.source}: \`${path}\` ${why}.`, {
    hint: 'Put a plain file in its place, or take it out.',
  });
}
