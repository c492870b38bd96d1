import type { ProcessIdentity } from './processes.ts';

/** How the starter and the supervisor of a sandbox speak, over the channel that Node opens between them. */
export type Order =
  | { readonly type: 'run'; readonly program: ProgramCommand }
  /** Live on without the starter. Until this is said, the sandbox ends with it. */
  | { readonly type: 'detach' };

export interface ProgramCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly log: string;
}

export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'running'; readonly name: string }
  | { readonly type: 'exited'; readonly name: string; readonly end: ProgramEnd };

export interface ProgramEnd {
  /** Exit code or signal, as a person reads it: `exit code 1`, `signal SIGKILL`. */
  readonly how: string;
  readonly at: string;
}

/** What the supervisor writes down, so that another process can stop the sandbox and tell how it does. */
export interface ProcessesFile {
  readonly supervisor: ProcessIdentity;
  readonly programs: readonly ProgramProcess[];
}

export interface ProgramProcess {
  readonly name: string;
  readonly process: ProcessIdentity;
  readonly log: string;
  readonly end?: ProgramEnd;
}
