import { afterAll, expect, test } from 'vitest';
import { crowd } from '../support/proofs/crowd.ts';
import type { Writer } from '../support/proofs/some-order.ts';
import { aDay, forMinutes, tell } from './bounds.ts';

const writers: readonly Writer[] = ['install', 'upgrade', 'rollback', 'repair', 'remove', 'forget'];

/** Every pair, each with itself too. */
const pairs = writers.flatMap((one, index) => writers.slice(index).map((other) => [one, other] as const));

const sum = { pairs: 0, done: 0, locked: 0 };
const isOver = forMinutes();
afterAll(() =>
  tell(
    `two writers: ${sum.pairs} of ${pairs.length} pairs, 20 processes each: ${sum.done} answers of some order, ${sum.locked} locked out`,
  ),
);

test.each(pairs)(
  '20 processes at once, %s and %s: each ends done or locked out, and they are some order (row 1)',
  { timeout: aDay },
  async (one, other) => {
    if (isOver() && sum.pairs > 0) return;
    const { done, locked } = await crowd(
      Array.from({ length: 20 }, (_, index) => (index % 4 < 2 ? one : other)),
    );
    sum.pairs++;
    sum.done += done;
    sum.locked += locked;
    expect(done).toBeGreaterThan(0);
  },
);
