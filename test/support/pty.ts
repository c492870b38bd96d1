import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'vitest';

/** A program on a pseudo terminal of the system. */
export interface Pty {
  /** All that it showed, without control sequences. */
  screen(): string;
  type(keys: string): void;
  /** Waits until the screen shows a text. */
  shows(text: string | RegExp): Promise<void>;
  /** The exit code. */
  readonly ended: Promise<number>;
}

/**
 * Runs a command line on a pseudo terminal, by `script` of util-linux. It has no size: nobody sits before it who could have given
 * one, as in a pipeline.
 */
export function startPty(command: string, env: Readonly<Record<string, string | undefined>>): Pty {
  const child = spawn('script', ['-qfec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  child.stdin.on('error', () => undefined);
  const screen = () => stripVTControlCharacters(text);
  return {
    screen,
    type: (keys) => void child.stdin.write(keys),
    shows: async (wanted) => {
      const shown =
        typeof wanted === 'string' ? expect.stringContaining(wanted) : expect.stringMatching(wanted);
      await expect.poll(screen, { timeout: 30_000 }).toEqual(shown);
    },
    ended: new Promise((done) => child.once('close', (code) => done(code ?? -1))),
  };
}
