import type { Clock } from './ports.ts';

/** Watches open at once: below the 100 streams that the API server allows on a connection. */
export const watchesAtOnce = 60;

/** Something that runs beside the wait until its signal aborts. */
type Task = (signal: AbortSignal) => Promise<void>;

/** Runs tasks, and further ones that they start, until it is settled or the time is up. */
export interface Until {
  /** Starts a task; its failure ends the wait with that failure. */
  start(task: Task): void;
  /** Ends the wait in good order. */
  settle(): void;
  /** Waits. Nothing runs any more when it returns. Throws the reason of the outer signal, or the failure of a task. */
  wait(deadline: number): Promise<void>;
}

export function createUntil(clock: Clock, outer: AbortSignal): Until {
  const scope = new AbortController();
  const signal = AbortSignal.any([outer, scope.signal]);
  const settled = Promise.withResolvers<void>();
  const running: Promise<void>[] = [];
  return {
    start: (task) => {
      const run = task(signal).catch((error: unknown) => {
        if (!signal.aborted) settled.reject(error);
      });
      running.push(run);
    },
    settle: () => settled.resolve(),
    wait: async (deadline) => {
      try {
        outer.throwIfAborted();
        await Promise.race([settled.promise, clock.sleep(Math.max(0, deadline - clock.monotonic()), signal)]);
      } finally {
        scope.abort();
        settled.promise.catch(() => undefined);
        await Promise.all(running);
      }
    },
  };
}
