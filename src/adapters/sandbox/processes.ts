import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * One process, for ever: a process id is given again to others, so its start time (and on Linux the boot) belongs to it.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly born: string;
}

/** Who runs under a process id now; undefined where nobody does (a zombie counts as nobody). */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const born = process.platform === 'linux' ? await bornOnLinux(pid) : await bornByPs(pid);
  return born === undefined ? undefined : { pid, born };
}

/** True while exactly this process runs. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.born === identity.born;
}

/** Sends a signal to exactly this process; false where it is gone. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until the process is gone, at most `milliseconds`; false where it still runs then. */
export async function waitForEnd(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const end = performance.now() + milliseconds;
  while (await isAlive(identity)) {
    if (performance.now() > end) return false;
    await sleep(20);
  }
  return true;
}

/** proc(5): field 3 of /proc/PID/stat is the state, field 22 the start time in clock ticks since boot. */
async function bornOnLinux(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in parentheses, may hold blanks and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()} ${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

async function bornByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const [state = 'Z', ...started] = stdout.trim().split(/\s+/);
    return state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}
