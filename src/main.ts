import { run } from './cli/run.ts';

/** Stops at the first Ctrl-C or SIGTERM in good order; the second one ends at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    // 128 + SIGINT: what shells report for a program that Ctrl-C ended
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    if (process.stderr.isTTY) process.stderr.write('\nStopping; press Ctrl-C again to end at once.\n');
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

/**
 * A stream of the process, made when it is first used: Node makes them lazily, and each costs a noticeable part of a short command.
 * A reader that goes away (`| head`) is no failure: what is left of the result is simply not wanted.
 */
function lazyOutput(name: 'stdout' | 'stderr'): () => NodeJS.WriteStream {
  let made: NodeJS.WriteStream | undefined;
  return () => {
    if (made !== undefined) return made;
    made = process[name];
    made.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
    return made;
  };
}

const output = lazyOutput('stdout');
const errors = lazyOutput('stderr');

run(process.argv.slice(2), {
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return output();
  },
  get stderr() {
    return errors();
  },
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  signal: stopSignal(),
}).then((code) => {
  process.exitCode = code;
});
