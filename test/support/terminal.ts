import { PassThrough, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';
import type { Io, OutStream } from '../../src/cli/io.ts';

/** A stand-in for a terminal: what is typed goes in, what is shown can be read. */
export interface TestTerminal {
  readonly io: Io;
  readonly stop: AbortController;
  stdout(): string;
  stderr(): string;
  /** Waits until the screen shows a text after what was seen before, then types. Throws where it does not show within 30 s. */
  answer(question: string, typed: string): Promise<void>;
}

export interface TerminalOptions {
  readonly tty?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Makes one; with `tty: false` a pipe on all three streams. */
export function testTerminal(options: TerminalOptions = {}): TestTerminal {
  const tty = options.tty !== false;
  // Node's line editor knows few keys where the terminal of the tests themselves is a dumb one.
  if (process.env.TERM === 'dumb') vi.stubEnv('TERM', 'xterm');
  const stdin = Object.assign(new PassThrough(), { isTTY: tty });
  const stdout = screen(options, tty);
  const stderr = screen(options, tty);
  const stop = new AbortController();
  let seen = 0;
  return {
    io: {
      stdin,
      stdout: stdout.stream,
      stderr: stderr.stream,
      env: { NO_COLOR: '1', ...options.env },
      cwd: process.cwd(),
      platform: 'linux',
      signal: stop.signal,
    },
    stop,
    stdout: stdout.text,
    stderr: stderr.text,
    async answer(question, typed) {
      const patience = performance.now() + 30_000;
      for (;;) {
        if (performance.now() > patience) throw new Error(`"${question}" is not shown: ${stderr.text()}`);
        const at = stderr.text().indexOf(question, seen);
        if (at >= 0) {
          seen = at + question.length;
          break;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      await settled(stderr.text);
      stdin.write(typed);
    },
  };
}

/** A question is drawn several times before it listens again, and no person is faster than that. */
async function settled(text: () => string): Promise<void> {
  for (let quiet = 0, before = text(); quiet < 5; quiet = text() === before ? quiet + 1 : 0) {
    before = text();
    await sleep(2);
  }
}

/** A stream that keeps what is written to it, with the methods of a terminal that libraries call. */
function screen(options: TerminalOptions, tty: boolean): { stream: OutStream; text(): string } {
  let kept = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      kept += String(chunk);
      done();
    },
  });
  // A question ends the stream that it is piped to; the streams of the process cannot be ended either.
  stream.end = () => stream;
  const moves = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  const size = { isTTY: tty, columns: options.columns ?? 80, rows: options.rows ?? 24 };
  return { stream: Object.assign(stream, moves, size), text: () => kept };
}
