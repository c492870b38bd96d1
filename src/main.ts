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

/** A reader that goes away (`| head`) is no failure: what is left of the result is simply not wanted. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

ignoreClosedPipes();
process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  platform: process.platform,
  signal: stopSignal(),
});
