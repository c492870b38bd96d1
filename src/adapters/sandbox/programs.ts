import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppstoreError, type Problem } from '../../domain/errors.ts';
import type { SandboxEmit } from '../../services/sandboxes.ts';
import { buildPrograms } from './build.ts';
import { downloadPrograms } from './download.ts';
import { type DownloadSites, OFFICIAL_SITES } from './downloads.ts';
import { endWithParent } from './end-with-parent.ts';
import { type FoundProgram, findOnMachine, isExecutable } from './find-programs.ts';
import { withLock } from './lock.ts';
import { PROGRAM_NAMES, PROGRAMS, type ProgramEntry, type ProgramName, VERSIONS } from './program-table.ts';

export interface ProgramOptions {
  /** The program cache. */
  readonly folder: string;
  /** Folder with go.mod and go.sum. */
  readonly assets: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly emit: SandboxEmit;
  readonly signal: AbortSignal;
  /** Where releases lie; `false`: nothing is downloaded. The official sites by default. */
  readonly sites?: DownloadSites | false;
}

export type ProgramPaths = Readonly<Record<ProgramName, string>>;

/** What could not be had, and why, source by source. */
interface Attempt {
  readonly download: string;
  readonly build: string;
}

/**
 * Finds or makes the programs of a sandbox, each from the first place that has it: KUBEBUILDER_ASSETS and PATH, the cache, the
 * official releases, `go build`. What is made goes into the cache; only one process at a time makes something.
 * Throws SANDBOX_UNAVAILABLE, naming every way, where one cannot be had.
 */
export async function providePrograms(options: ProgramOptions): Promise<ProgramPaths> {
  const found = new Map<ProgramName, FoundProgram>();
  for (const name of PROGRAM_NAMES) {
    const program =
      (await findOnMachine(PROGRAMS[name], options.environment, options.emit)) ??
      (await findInCache(name, options.folder));
    if (program !== undefined) found.set(name, program);
  }
  if (found.size < PROGRAM_NAMES.length) {
    const lock = {
      signal: options.signal,
      onWait: (holder: number | undefined, seconds: number) =>
        options.emit({ type: 'waiting', reason: `process ${holder ?? '?'} makes the programs`, seconds }),
    };
    const missing = PROGRAM_NAMES.filter((name) => !found.has(name)).map((name) => PROGRAMS[name]);
    const made = await withLock(options.folder, 'make', lock, () => makePrograms(missing, options));
    for (const [name, program] of made) found.set(name, program);
  }
  return paths(found, options.emit);
}

function paths(found: ReadonlyMap<ProgramName, FoundProgram>, emit: SandboxEmit): ProgramPaths {
  for (const [program, { from, path }] of found) emit({ type: 'program', program, from, path });
  return Object.fromEntries([...found].map(([name, { path }]) => [name, path])) as ProgramPaths;
}

/** Folder of the programs of these versions; another version gets another one. */
export const cacheFolder = (folder: string): string =>
  join(
    folder,
    `${VERSIONS.kubernetes}-${VERSIONS.etcd}-${VERSIONS.kwok}-${process.platform}-${process.arch}`,
  );

async function findInCache(name: ProgramName, folder: string): Promise<FoundProgram | undefined> {
  const path = join(cacheFolder(folder), name);
  return (await isExecutable(path)) ? { path, from: 'cache' } : undefined;
}

/** Downloads or builds what is missing. Holds the lock, so what another process made meanwhile is looked at first. */
async function makePrograms(
  entries: readonly ProgramEntry[],
  options: ProgramOptions,
): Promise<ReadonlyMap<ProgramName, FoundProgram>> {
  const target = cacheFolder(options.folder);
  const work = join(options.folder, 'unfinished');
  // What a process left that was killed in its work.
  await rm(work, { recursive: true, force: true });
  for (const folder of [target, work]) await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const made = new Map<ProgramName, FoundProgram>();
    const collect = async (from: FoundProgram['from']) => {
      for (const { name } of entries) {
        const program = await findInCache(name, options.folder);
        if (program !== undefined && !made.has(name)) made.set(name, { ...program, from });
      }
      return entries.filter(({ name }) => !made.has(name));
    };
    let missing = await collect('cache');
    if (missing.length === 0) return made;
    const download = await tryDownload(missing, work, target, options);
    missing = await collect('download');
    if (missing.length === 0) return made;
    await tryBuild(missing, work, target, options, download);
    await collect('build');
    return made;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Go's names of processors, for those that Kubernetes is released for. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Answers why nothing (more) came. */
async function tryDownload(
  entries: readonly ProgramEntry[],
  work: string,
  target: string,
  options: ProgramOptions,
): Promise<string> {
  const { sites = OFFICIAL_SITES, environment, signal, emit } = options;
  if (sites === false) return 'turned off';
  const architecture = ARCHITECTURES[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) {
    return `no release of the control plane for ${process.platform} on ${process.arch}`;
  }
  const request = { entries, sites, architecture, work, target, environment, signal, emit };
  return (await downloadPrograms(request)) ?? 'done';
}

async function tryBuild(
  entries: readonly ProgramEntry[],
  work: string,
  target: string,
  options: ProgramOptions,
  download: string,
): Promise<void> {
  const { environment, signal, emit, assets } = options;
  const wrapper = await endWithParent(environment.PATH ?? '');
  try {
    await buildPrograms({ entries, module: assets, work, target, environment, wrapper, signal, emit });
  } catch (error) {
    signal.throwIfAborted();
    const build = error instanceof Error ? error.message : String(error);
    throw unavailable(entries, { download, build }, error);
  }
}

function unavailable(entries: readonly ProgramEntry[], attempt: Attempt, cause: unknown): AppstoreError {
  const names = entries.map(({ name }) => name).join(', ');
  const problems: readonly Problem[] = [
    {
      at: 'KUBEBUILDER_ASSETS, PATH',
      message: `not there, or of another minor version than ${versions(entries)}`,
    },
    { at: 'download', message: attempt.download },
    { at: 'go build', message: attempt.build },
  ];
  return new AppstoreError(
    'SANDBOX_UNAVAILABLE',
    `The sandbox needs ${names}: not on this machine, and not to be had`,
    {
      hint:
        'One of these is enough: put the programs on PATH or into the folder that KUBEBUILDER_ASSETS names; ' +
        'let this machine reach dl.k8s.io and github.com; or install Go 1.26 or newer (https://go.dev/dl), which builds them once.',
      problems,
      cause,
    },
  );
}

const versions = (entries: readonly ProgramEntry[]): string =>
  [...new Set(entries.map(({ site, version }) => `${site} ${version}`))].join(', ');
