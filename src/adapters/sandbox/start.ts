import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppstoreError } from '../../domain/errors.ts';
import { sandboxContext } from '../../domain/sandbox.ts';
import type { Sandbox, SandboxRequest } from '../../services/sandboxes.ts';
import { bringUp } from './bring-up.ts';
import { cleanSandbox } from './clean.ts';
import { endWithParent } from './end-with-parent.ts';
import { writeAtomically } from './files.ts';
import {
  logFile,
  programsFolder,
  type SandboxFolders,
  type SandboxLayout,
  sandboxesFolder,
  sandboxLayout,
} from './layout.ts';
import { withLock } from './lock.ts';
import { type FindPort, freePort } from './ports.ts';
import { PROGRAM_NAMES, type ProgramName } from './program-table.ts';
import { type ProgramOptions, providePrograms } from './programs.ts';
import { readProcesses, readState, type SandboxState } from './state.ts';
import { endProcesses, stopSandbox } from './stop.ts';
import { type Supervisor, startSupervisor } from './supervisor.ts';

/** Where a sandbox finds its parts at run time. */
export interface SandboxSite {
  readonly folders: SandboxFolders;
  /** Folder with go.mod, go.sum and stages: `src/adapters/sandbox/programs`, wherever that lies. */
  readonly assets: string;
  /** Entry file of the supervisor: `src/adapters/sandbox/supervise.ts`, or what the bundle makes of it. */
  readonly supervisor: string;
  /** The environment: PATH, KUBEBUILDER_ASSETS, HOME, and what Go and proxies read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where programs are downloaded from; the official sites by default, nowhere with `false`. */
  readonly sites?: ProgramOptions['sites'];
  /** Finds the ports; any free one by default. */
  readonly findPort?: FindPort;
}

export type StartOptions = SandboxRequest & SandboxSite;

/** A folder name, part of a context name, and short enough for both. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/**
 * Starts a sandbox and answers when pods can run in it. A detached one of that name that runs already is answered as it is.
 * Throws NAME_INVALID, SANDBOX_UNAVAILABLE (no programs), SANDBOX_FAILED; leaves nothing behind then, nor when aborted.
 */
export async function startSandbox(options: StartOptions): Promise<Sandbox> {
  checkName(options.name);
  const { cache, sandboxes = sandboxesFolder(cache) } = options.folders;
  const layout = sandboxLayout(sandboxes, options.name);
  const running = await runningSandbox(layout, options);
  if (running !== undefined) return running;
  options.emit({ type: 'phase', phase: 'programs' });
  const programs = await providePrograms({
    folder: programsFolder(cache),
    assets: options.assets,
    environment: options.environment,
    emit: options.emit,
    signal: options.signal,
    ...(options.sites === undefined ? {} : { sites: options.sites }),
  });
  const claim = await claimName(options, layout, sandboxes, cache);
  return claim === 'running'
    ? await existing(layout, options)
    : await complete(options, layout, claim, programs);
}

function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new AppstoreError('NAME_INVALID', `sandbox "${name}": not a name for a sandbox`, {
    hint: 'Use lower-case letters, digits and hyphens, at most 40.',
  });
}

/** One at a time: looks whether the name is free, clears what a dead sandbox left, and starts the supervisor. */
function claimName(
  options: StartOptions,
  layout: SandboxLayout,
  sandboxes: string,
  cache: string,
): Promise<Supervisor | 'running'> {
  const lock = {
    signal: options.signal,
    onWait: (holder: number | undefined, seconds: number) =>
      options.emit({
        type: 'waiting',
        reason: `process ${holder ?? '?'} starts or stops a sandbox`,
        seconds,
      }),
  };
  return withLock(programsFolder(cache), 'claim', lock, async () => {
    const processes = await readProcesses(layout);
    if (processes?.supervised) return 'running';
    if (processes !== undefined) await endProcesses(processes);
    await cleanSandbox(layout);
    await mkdir(dirname(layout.folder), { recursive: true, mode: 0o700 });
    for (const folder of [layout.folder, layout.keys, layout.logs]) await mkdir(folder, { mode: 0o700 });
    return startSupervisor({
      layout,
      sandboxes,
      name: options.name,
      entry: options.supervisor,
      path: options.environment.PATH ?? '',
      onExit: (program, end) =>
        options.emit({ type: 'exited', program, how: end.how, log: logFile(layout, program) }),
    });
  });
}

async function complete(
  options: StartOptions,
  layout: SandboxLayout,
  supervisor: Supervisor,
  paths: Readonly<Record<ProgramName, string>>,
): Promise<Sandbox> {
  try {
    const wrapper = await endWithParent(options.environment.PATH ?? '');
    const wrapped = PROGRAM_NAMES.map((program) => [program, [...wrapper, paths[program]]]);
    const programs = Object.fromEntries(wrapped) as Record<ProgramName, readonly string[]>;
    const server = await bringUp({ findPort: freePort, ...options, layout, supervisor, programs });
    const state: SandboxState = {
      formatVersion: 1,
      name: options.name,
      server,
      attached: options.mode === 'attached',
      startedAt: new Date().toISOString(),
    };
    await writeAtomically(layout.stateFile, `${JSON.stringify(state, undefined, 2)}\n`);
    if (options.mode === 'detached') await supervisor.detach();
    else supervisor.release();
    options.emit({ type: 'phase', phase: 'ready' });
    return describe(layout, state, false, () => supervisor.stop());
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

async function runningSandbox(layout: SandboxLayout, options: StartOptions): Promise<Sandbox | undefined> {
  const processes = await readProcesses(layout);
  return processes?.supervised ? await existing(layout, options) : undefined;
}

/** The sandbox that has the name already, once it is ready. */
async function existing(layout: SandboxLayout, options: StartOptions): Promise<Sandbox> {
  const state = await readState(layout);
  if (state !== undefined && options.mode === 'detached' && !state.attached) {
    const stop = () =>
      stopSandbox({ name: options.name, folders: options.folders, signal: new AbortController().signal });
    return describe(layout, state, true, stop);
  }
  throw new AppstoreError(
    'SANDBOX_FAILED',
    `sandbox "${options.name}": another process has it or is starting it`,
    {
      hint: 'Wait for it, stop it with `appstore sandbox stop`, or choose another name.',
    },
  );
}

function describe(
  layout: SandboxLayout,
  state: SandboxState,
  found: boolean,
  stop: () => Promise<void>,
): Sandbox {
  return {
    name: state.name,
    folder: layout.folder,
    server: state.server,
    kubeconfig: layout.kubeconfig,
    context: sandboxContext(state.name),
    existing: found,
    stop,
  };
}
