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
  | { readonly type: 'skipped'; readonly program: string; readonly path: string; readonly reason: string }
  | {
      readonly type: 'download';
      readonly program: string;
      readonly url: string;
      readonly bytes: number;
      readonly total?: number;
    }
  | { readonly type: 'download-failed'; readonly reason: string }
  /** Another process makes the programs now. Repeated while it lasts. */
  | { readonly type: 'waiting'; readonly reason: string; readonly seconds: number }
  /** Repeated while Go compiles; `packages` are those compiled so far of `total`, fewer where some are in Go's cache. */
  | { readonly type: 'build'; readonly packages: number; readonly total: number; readonly seconds: number }
  | { readonly type: 'phase'; readonly phase: SandboxPhase }
  /** A program of the running sandbox ended by itself. */
  | { readonly type: 'exited'; readonly program: string; readonly how: string; readonly log: string };

export type ProgramSource = 'KUBEBUILDER_ASSETS' | 'PATH' | 'cache' | 'download' | 'build';

export type SandboxPhase = 'programs' | 'keys' | 'api-server' | 'controllers' | 'nodes' | 'ready';

export type SandboxEmit = (event: SandboxEvent) => void;
