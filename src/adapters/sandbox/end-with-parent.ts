import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const SETPRIV = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;

/**
 * What a command is prefixed with so that it dies when its parent does, even when the parent is killed: util-linux's setpriv
 * asks Linux for it (prctl(2), PR_SET_PDEATHSIG) and becomes the command. Empty where there is none (macOS, BusyBox): then a
 * killed supervisor leaves its programs, until the next `start` or `stop` of that sandbox ends them.
 */
export async function endWithParent(path: string): Promise<readonly string[]> {
  const [command, ...args] = SETPRIV;
  try {
    await promisify(execFile)(command, [...args, 'true'], { env: { PATH: path } });
    return SETPRIV;
  } catch {
    return [];
  }
}
