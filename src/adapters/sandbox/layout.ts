import { join } from 'node:path';

/** Where sandboxes lie on this machine. */
export interface SandboxFolders {
  /** The tool's folder below the user's cache directory; holds the program cache. */
  readonly cache: string;
  /** Where the sandboxes live; below `cache` where not given. */
  readonly sandboxes?: string;
}

/** Where a sandbox keeps its files. Everything below `folder` goes when it stops. */
export interface SandboxLayout {
  readonly folder: string;
  readonly stateFile: string;
  /** Written by the supervisor: the processes with their identities and ends. */
  readonly processesFile: string;
  readonly kubeconfig: string;
  /** Whose tokens the API server believes besides its own; it reads the file anew when it changes. */
  readonly authentication: string;
  readonly keys: string;
  readonly logs: string;
  readonly etcdData: string;
}

/** The folder of the program cache; the only thing that outlives a sandbox. */
export const programsFolder = (cacheFolder: string): string => join(cacheFolder, 'programs');

/** The folder of all sandboxes of a user. */
export const sandboxesFolder = (cacheFolder: string): string => join(cacheFolder, 'sandboxes');

/** Names the files of a sandbox. */
export function sandboxLayout(sandboxes: string, name: string): SandboxLayout {
  const folder = join(sandboxes, name);
  return {
    folder,
    stateFile: join(folder, 'sandbox.json'),
    processesFile: join(folder, 'processes.json'),
    kubeconfig: join(folder, 'kubeconfig'),
    authentication: join(folder, 'authentication.json'),
    keys: join(folder, 'keys'),
    logs: join(folder, 'logs'),
    etcdData: join(folder, 'etcd'),
  };
}

/** Log file of a program. */
export const logFile = (layout: SandboxLayout, program: string): string =>
  join(layout.logs, `${program}.log`);
