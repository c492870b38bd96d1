/** The port of throwaway control planes on this machine: what `appstore sandbox` and the demo ask of it. */
export interface Sandboxes {
  /**
   * Starts one and answers when pods can run in it; one of that name that runs already is answered as it is.
   * Throws NAME_INVALID, SANDBOX_UNAVAILABLE, SANDBOX_FAILED; leaves nothing behind then, nor when aborted.
   */
  start(request: SandboxRequest): Promise<Sandbox>;
  /** Stops one and waits until nothing is left of it. Throws SANDBOX_NOT_RUNNING. */
  stop(name: string, signal: AbortSignal): Promise<void>;
  /** Throws SANDBOX_NOT_RUNNING where there is none of that name. */
  status(name: string): Promise<SandboxStatus>;
  /** Every sandbox of the user, by name, dead ones included. */
  list(): Promise<readonly SandboxStatus[]>;
}

export interface SandboxRequest {
  readonly name: string;
  /** `detached`: lives until it is stopped. `attached`: ends when this process ends, however that happens. */
  readonly mode: 'attached' | 'detached';
  readonly emit: SandboxEmit;
  readonly signal: AbortSignal;
}

export interface Sandbox {
  readonly name: string;
  readonly folder: string;
  readonly server: string;
  /** Path of the kubeconfig of its administrator. */
  readonly kubeconfig: string;
  readonly context: string;
  /** It ran before this call. */
  readonly existing: boolean;
  /** Stops it and waits until nothing is left of it. */
  stop(): Promise<void>;
}

/**
 * `starting`: on its way up. `running`: every program runs. `broken`: a program or the supervisor ended by itself.
 * `stale`: nothing of it runs any more, as after a restart of the machine; `stop` and `start` clean it up.
 */
export type SandboxCondition = 'starting' | 'running' | 'broken' | 'stale';

export interface SandboxStatus {
  readonly name: string;
  readonly condition: SandboxCondition;
  readonly folder: string;
  /** Absent while it is starting. */
  readonly server?: string;
  readonly kubeconfig: string;
  readonly context: string;
  /** It ends with the process that started it. */
  readonly attached: boolean;
  /** RFC 3339; absent while it is starting. */
  readonly startedAt?: string;
  readonly programs: readonly SandboxProgram[];
}

export interface SandboxProgram {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  /** How it ended: `exit code 1`, `signal SIGKILL`; absent while it runs and where nobody saw it end. */
  readonly ended?: string;
  readonly log: string;
}

/** What happens while a sandbox is started. Plain data; the terminal makes lines of it. */
export type SandboxEvent =
  /** A program was found or made. */
  | {
      readonly type: 'program';
      readonly program: string;
      readonly from: ProgramSource;
      readonly path: string;
    }
  /** A program lies there but is not used. */
  | {
      readonly type: 'skipped';
      readonly program: string;
      readonly path: string;
      readonly reason: string;
    }
  /** Repeated while it lasts. `total` where the server tells it. */
  | {
      readonly type: 'download';
      readonly program: string;
      readonly url: string;
      readonly bytes: number;
      readonly total?: number;
    }
  /** No download any more in this start: the next source is tried. */
  | { readonly type: 'download-failed'; readonly reason: string }
  /** Another process makes the programs, or starts a sandbox, now. Repeated about once a second while it lasts. */
  | { readonly type: 'waiting'; readonly reason: string; readonly seconds: number }
  /** Repeated while Go compiles; `packages` are those compiled of `total`, fewer where some are in Go's cache. */
  | {
      readonly type: 'build';
      readonly packages: number;
      readonly total: number;
      readonly seconds: number;
    }
  | { readonly type: 'phase'; readonly phase: SandboxPhase }
  /** A program of the running sandbox ended by itself. */
  | { readonly type: 'exited'; readonly program: string; readonly how: string; readonly log: string };

export type ProgramSource = 'KUBEBUILDER_ASSETS' | 'PATH' | 'cache' | 'download' | 'build';

type SandboxPhase = 'programs' | 'keys' | 'api-server' | 'controllers' | 'nodes' | 'ready';

/** Receives events. Never throws. */
export type SandboxEmit = (event: SandboxEvent) => void;
