import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { ProgramSource, SandboxEmit } from '../../services/sandboxes.ts';
import { type ProgramEntry, versionFits } from './program-table.ts';

export interface FoundProgram {
  readonly path: string;
  readonly from: ProgramSource;
}

/** Looks for a program in KUBEBUILDER_ASSETS, then on PATH. One of another minor version is passed over, and that is told. */
export async function findOnMachine(
  entry: ProgramEntry,
  environment: Readonly<Record<string, string | undefined>>,
  emit: SandboxEmit,
): Promise<FoundProgram | undefined> {
  const assets = environment.KUBEBUILDER_ASSETS;
  const places = [
    ...(assets ? [{ folder: assets, from: 'KUBEBUILDER_ASSETS' as const }] : []),
    ...pathFolders(environment.PATH).map((folder) => ({ folder, from: 'PATH' as const })),
  ];
  for (const { folder, from } of places) {
    const path = join(folder, entry.name);
    if (!(await isExecutable(path))) continue;
    const reason = await unfit(entry, path);
    if (reason === undefined) return { path, from };
    emit({ type: 'skipped', program: entry.name, path, reason });
  }
  return undefined;
}

/** The first program of that name on PATH. */
export async function findOnPath(name: string, path: string | undefined): Promise<string | undefined> {
  for (const folder of pathFolders(path)) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

const pathFolders = (path: string | undefined): readonly string[] =>
  (path ?? '').split(delimiter).filter((folder) => folder !== '');

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Why a program will not do; undefined where it will. */
async function unfit(entry: ProgramEntry, path: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, ['--version'], { timeout: 10_000 });
    const found = entry.pattern.exec(`${stdout}\n${stderr}`)?.[1];
    if (found === undefined) return 'it does not tell its version as expected';
    return versionFits(entry, found) ? undefined : `version ${found}, not like ${entry.version}`;
  } catch (error) {
    return `it does not run: ${error instanceof Error ? error.message.split('\n')[0] : error}`;
  }
}
