import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appFile } from '../../domain/app-file.ts';
import { chartFile } from '../../domain/chart-file.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { helmIgnoreFile, parseHelmIgnore } from '../../domain/helm-ignore.ts';
import { checkFileSize, isLeftover, type PackageLimits, packageLimits } from './package-files.ts';
import { reading } from './reading.ts';

/** How a folder becomes the files of a package. */
export interface FolderRules {
  readonly limits: PackageLimits;
  /** True for what is in the folder but no part of the package; nothing inside such a folder is either. */
  leavesOut(path: string, isFolder: boolean): boolean;
  /** False where the format knows nothing of executable files. */
  readonly keepsMode: boolean;
}

const appRules: FolderRules = {
  limits: packageLimits.app,
  leavesOut: (path) => isLeftover(lastPart(path)),
  keepsMode: true,
};

/** Kept by version control beside the files: Helm would take it for a part of the chart where `.helmignore` does not name it. */
const versionControl: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', '.bzr']);

/**
 * The rules of the format that a folder has: with an app.yaml ours; with a Chart.yaml alone those of Helm, where hidden files
 * belong to the package unless `.helmignore` says otherwise, and all files have one mode (Helm's archives know no other).
 *
 * @throws AppstoreError PACKAGE_INVALID, FILE_UNREADABLE
 */
export async function folderRules(root: string, source: string): Promise<FolderRules> {
  if ((await isThere(join(root, appFile))) || !(await isThere(join(root, chartFile)))) return appRules;
  const file = join(root, helmIgnoreFile);
  const ignore = parseHelmIgnore((await isThere(file)) ? await readIgnore(file, source) : '', source);
  return {
    limits: packageLimits.chart,
    leavesOut: (path, isFolder) => versionControl.has(lastPart(path)) || ignore(path, isFolder),
    keepsMode: false,
  };
}

async function readIgnore(file: string, source: string): Promise<string> {
  const { size, plain } = await reading(file, async () => {
    const found = await lstat(file);
    return { size: found.size, plain: found.isFile() };
  });
  // What it holds is shown where it is wrong: a link could lead to what nobody should be shown.
  if (!plain) {
    throw new AppstoreError('PACKAGE_INVALID', `${source}: \`${helmIgnoreFile}\` is not a plain file.`, {
      hint: 'Put a plain file in its place.',
    });
  }
  checkFileSize(helmIgnoreFile, size, source, packageLimits.chart);
  return reading(file, () => readFile(file, 'utf8'));
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
