import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { AppstoreError } from '../../domain/errors.ts';
import { logFile, type SandboxLayout } from './layout.ts';
import type { Order, ProgramCommand, ProgramEnd, Report } from './protocol.ts';

/** The starter's end of the line to a supervisor. */
export interface Supervisor {
  /** Starts a program; done when it runs, which does not mean that it is ready. */
  run(program: ProgramCommand): Promise<void>;
  /** How a program ended; undefined while it runs. */
  end(program: string): ProgramEnd | undefined;
  /** Lets the sandbox live on without this process. */
  detach(): Promise<void>;
  /** Lets this process end without waiting for the sandbox, which then ends too. */
  release(): void;
  /** Ends everything and waits until it is cleaned up. */
  stop(): Promise<void>;
}

export interface SupervisorOptions {
  readonly layout: SandboxLayout;
  readonly sandboxes: string;
  readonly name: string;
  /** Entry file of the supervisor: supervise.ts, or what the bundle makes of it. */
  readonly entry: string;
  readonly path: string;
  onExit(program: string, end: ProgramEnd): void;
}

/** Starts the supervisor of a sandbox in a session of its own, so that no Ctrl-C of the terminal reaches it. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const log = await open(logFile(options.layout, 'supervisor'), 'a', 0o600);
  const child = spawn(process.execPath, [options.entry, options.sandboxes, options.name], {
    cwd: options.layout.folder,
    detached: true,
    // The programs get no more of the environment than this: no kubeconfig, no proxy, no credentials.
    env: { PATH: options.path, HOME: options.layout.folder, KWOK_WORKDIR: options.layout.folder },
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  await log.close();
  const ends = new Map<string, ProgramEnd>();
  child.on('message', (report: Report) => {
    if (report.type !== 'exited') return;
    ends.set(report.name, report.end);
    options.onExit(report.name, report.end);
  });
  await reported(child, (report) => report.type === 'ready', options.layout);
  return controls(child, ends, options.layout);
}

function controls(child: ChildProcess, ends: Map<string, ProgramEnd>, layout: SandboxLayout): Supervisor {
  return {
    async run(program) {
      ends.delete(program.name);
      const running = reported(
        child,
        (report) => report.type !== 'ready' && report.name === program.name,
        layout,
      );
      await send(child, { type: 'run', program });
      await running;
    },
    end: (program) => ends.get(program),
    async detach() {
      await send(child, { type: 'detach' });
      child.disconnect();
      child.unref();
    },
    release() {
      child.unref();
      child.channel?.unref();
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      const gone = once(child, 'exit');
      if (child.connected) child.disconnect();
      else child.kill('SIGTERM');
      await gone;
    },
  };
}

function send(child: ChildProcess, order: Order): Promise<void> {
  return new Promise((resolve, reject) => child.send(order, (error) => (error ? reject(error) : resolve())));
}

/** Waits for a report; throws SANDBOX_FAILED where the supervisor ends instead. */
function reported(
  child: ChildProcess,
  wanted: (report: Report) => boolean,
  layout: SandboxLayout,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = () => {
      child.off('message', received);
      const log = logFile(layout, 'supervisor');
      reject(
        new AppstoreError('SANDBOX_FAILED', `The supervisor of the sandbox ended at once; its log: ${log}`),
      );
    };
    const received = (report: Report) => {
      if (!wanted(report)) return;
      child.off('message', received).off('exit', failed);
      resolve();
    };
    child.on('message', received).once('exit', failed).once('error', failed);
  });
}
