import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../src/services/ports.ts';

/** A clock that stands still until a test moves it on. */
export interface TestClock extends Clock {
  /** Lets time pass; whoever sleeps wakes at the right moment, in order. */
  advance(milliseconds: number): Promise<void>;
  /** Lets everything run that does not wait for time. */
  rest(): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export function createTestClock(start = new Date('2026-01-01T00:00:00Z')): TestClock {
  let elapsed = 0;
  const sleepers = new Set<Sleeper>();
  const rest = async () => {
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  };
  return {
    now: () => new Date(start.getTime() + elapsed),
    monotonic: () => elapsed,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const end = () => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', abort);
        };
        const abort = () => {
          end();
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          at: elapsed + milliseconds,
          wake: () => {
            end();
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', abort, { once: true });
      }),
    advance: async (milliseconds) => {
      const target = elapsed + milliseconds;
      for (;;) {
        await rest();
        const [next] = [...sleepers].sort((a, b) => a.at - b.at);
        if (next === undefined || next.at > target) break;
        elapsed = next.at;
        next.wake();
      }
      elapsed = target;
    },
    rest,
  };
}
