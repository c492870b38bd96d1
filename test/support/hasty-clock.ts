import type { Clock } from '../../src/services/ports.ts';

/** The real time, for who comes after a dead holder and does not want to sit out its lock. */
export interface HastyClock extends Clock {
  /** Whoever sleeps next wakes at once, longer after than any lock lasts that nobody edited. */
  skip(): void;
}

const longerThanALock = 16_000;

/** The real time until it is told to skip. */
export function hastyClock(real: Clock): HastyClock {
  let ahead = 0;
  let skips = 0;
  return {
    now: real.now,
    monotonic: () => real.monotonic() + ahead,
    async sleep(milliseconds, signal) {
      if (skips === 0) return real.sleep(milliseconds, signal);
      skips--;
      ahead += longerThanALock;
    },
    skip: () => {
      skips++;
    },
  };
}
