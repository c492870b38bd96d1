import { AppstoreError } from '../../domain/errors.ts';
import { cleanSandbox } from './clean.ts';
import type { SandboxFolders } from './layout.ts';
import { programsFolder, type SandboxLayout, sandboxesFolder, sandboxLayout } from './layout.ts';
import { withLock } from './lock.ts';
import { signalProcess, waitForEnd } from './processes.ts';
import type { ProcessesFile } from './protocol.ts';
import { allLayouts, readProcesses } from './state.ts';

export interface StopOptions {
  readonly name: string;
  readonly folders: SandboxFolders;
  readonly signal: AbortSignal;
}

/** How long killed processes may need to go, in milliseconds. */
const GRACE = 10_000;

/**
 * Stops a sandbox and waits until nothing is left of it: processes, ports, volumes, files. Works as well for one whose
 * supervisor was killed or whose machine was started anew. Throws SANDBOX_NOT_RUNNING where there is none.
 */
export async function stopSandbox(options: StopOptions): Promise<void> {
  const { cache, sandboxes = sandboxesFolder(cache) } = options.folders;
  const layout = sandboxLayout(sandboxes, options.name);
  const known = await allLayouts(sandboxes);
  if (!known.some(({ name }) => name === options.name)) {
    throw new AppstoreError('SANDBOX_NOT_RUNNING', `sandbox "${options.name}": not running`);
  }
  const lock = { signal: options.signal, onWait: () => undefined };
  await withLock(programsFolder(cache), 'claim', lock, () => stopAndClean(layout));
}

async function stopAndClean(layout: SandboxLayout): Promise<void> {
  const processes = await readProcesses(layout);
  if (processes !== undefined) await endProcesses(processes);
  await cleanSandbox(layout);
}

/** Ends the supervisor, which ends its programs; then what is still there of them. Only processes that it recorded itself. */
export async function endProcesses(file: ProcessesFile): Promise<void> {
  if (await signalProcess(file.supervisor, 'SIGTERM')) {
    if (!(await waitForEnd(file.supervisor, GRACE))) await signalProcess(file.supervisor, 'SIGKILL');
  }
  for (const { process } of file.programs) await signalProcess(process, 'SIGKILL');
  const left = await Promise.all(file.programs.map(({ process }) => waitForEnd(process, GRACE)));
  if (left.includes(false)) {
    const pids = file.programs.map(({ process }) => process.pid).join(', ');
    throw new AppstoreError('SANDBOX_FAILED', `Processes of the sandbox do not end (process ids ${pids})`);
  }
}
