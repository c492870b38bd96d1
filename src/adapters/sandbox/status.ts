import { AppstoreError } from '../../domain/errors.ts';
import { sandboxContext } from '../../domain/sandbox.ts';
import type { SandboxCondition, SandboxProgram, SandboxStatus } from '../../services/sandboxes.ts';
import type { SandboxFolders } from './layout.ts';
import { type SandboxLayout, sandboxesFolder } from './layout.ts';
import { isAlive } from './processes.ts';
import type { ProcessesFile, ProgramProcess } from './protocol.ts';
import { allLayouts, readProcesses, readState } from './state.ts';

/** Every sandbox of the user, by name, dead ones included. */
export async function listSandboxes(folders: SandboxFolders): Promise<readonly SandboxStatus[]> {
  const layouts = await allLayouts(folders.sandboxes ?? sandboxesFolder(folders.cache));
  return Promise.all(layouts.map(({ name, layout }) => inspect(name, layout)));
}

/** How a sandbox does, program by program. Throws SANDBOX_NOT_RUNNING where there is none of that name. */
export async function sandboxStatus(name: string, folders: SandboxFolders): Promise<SandboxStatus> {
  const layouts = await allLayouts(folders.sandboxes ?? sandboxesFolder(folders.cache));
  const found = layouts.find((candidate) => candidate.name === name);
  if (found !== undefined) return inspect(name, found.layout);
  throw new AppstoreError('SANDBOX_NOT_RUNNING', `sandbox "${name}": not running`);
}

async function inspect(name: string, layout: SandboxLayout): Promise<SandboxStatus> {
  const [state, processes] = await Promise.all([readState(layout), readProcesses(layout)]);
  const programs = await Promise.all((processes?.programs ?? []).map(inspectProgram));
  return {
    name,
    condition: condition(processes, state !== undefined, programs),
    folder: layout.folder,
    kubeconfig: layout.kubeconfig,
    context: sandboxContext(name),
    attached: state?.attached ?? false,
    programs,
    ...(state === undefined ? {} : { server: state.server, startedAt: state.startedAt }),
  };
}

async function inspectProgram({ name, process, log, end }: ProgramProcess): Promise<SandboxProgram> {
  const running = end === undefined && (await isAlive(process));
  return { name, pid: process.pid, running, log, ...(end === undefined ? {} : { ended: end.how }) };
}

function condition(
  processes: (ProcessesFile & { readonly supervised: boolean }) | undefined,
  ready: boolean,
  programs: readonly SandboxProgram[],
): SandboxCondition {
  const supervised = processes?.supervised === true;
  if (!supervised && programs.every(({ running }) => !running)) return 'stale';
  if (!supervised || programs.some(({ running }) => !running)) return 'broken';
  return ready ? 'running' : 'starting';
}
