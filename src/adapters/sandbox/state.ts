import { readdir } from 'node:fs/promises';
import { isMissing, readJson } from './files.ts';
import { type SandboxLayout, sandboxLayout } from './layout.ts';
import { isAlive } from './processes.ts';
import type { ProcessesFile } from './protocol.ts';

/** What the starter writes down about a sandbox. */
export interface SandboxState {
  readonly formatVersion: 1;
  readonly name: string;
  readonly server: string;
  /** It ends with the process that started it. */
  readonly attached: boolean;
  readonly startedAt: string;
}

/** Reads the state; undefined before the API server is up. */
export const readState = (layout: SandboxLayout): Promise<SandboxState | undefined> =>
  readJson<SandboxState>(layout.stateFile);

/** The supervisor's file with whether the supervisor still lives; undefined where there is none. */
export async function readProcesses(
  layout: SandboxLayout,
): Promise<(ProcessesFile & { readonly supervised: boolean }) | undefined> {
  const file = await readJson<ProcessesFile>(layout.processesFile);
  return file === undefined ? undefined : { ...file, supervised: await isAlive(file.supervisor) };
}

/** Layouts of all sandboxes that have a folder, by name. */
export async function allLayouts(
  sandboxes: string,
): Promise<readonly { name: string; layout: SandboxLayout }[]> {
  try {
    const entries = await readdir(sandboxes, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return names.sort().map((name) => ({ name, layout: sandboxLayout(sandboxes, name) }));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
