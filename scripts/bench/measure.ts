import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Sample } from './statistics.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

export interface Surroundings {
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/** No single command may take longer. */
const longest = 10 * 60_000;

/** Often enough for a process of 50 ms, seldom enough to cost the other core nothing. */
const lookEvery = 5;

/**
 * Runs a command to its end and answers what it took: wall time of the whole process, and the most memory that it held. Its
 * output goes nowhere. Throws Error with its last words where it fails.
 */
export async function measure(command: Command, surroundings: Surroundings): Promise<Sample> {
  const began = performance.now();
  const child = spawn(command.program, command.args, {
    cwd: surroundings.cwd,
    env: { ...surroundings.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: AbortSignal.any([surroundings.signal, AbortSignal.timeout(longest)]),
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-2000);
  });
  let peak = 0;
  const look = setInterval(() => {
    peak = Math.max(peak, peakMemory(child.pid));
  }, lookEvery);
  try {
    const ended = await new Promise<{ code: number | null; at: number }>((resolve, reject) => {
      let at = 0;
      child.once('error', reject);
      child.once('exit', () => {
        at = performance.now();
      });
      child.once('close', (code) => resolve({ code, at }));
    });
    if (ended.code !== 0) {
      throw new Error(
        `${command.program} ${command.args.join(' ')} ended with exit code ${ended.code}:\n${said}`,
      );
    }
    return { milliseconds: ended.at - began, ...(peak === 0 ? {} : { peakBytes: peak }) };
  } finally {
    clearInterval(look);
  }
}

/** VmHWM: the most resident memory so far (https://man7.org/linux/man-pages/man5/proc_pid_status.5.html); 0 elsewhere. */
function peakMemory(pid: number | undefined): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
