import { expect, test } from 'vitest';
import { crowd } from '../support/proofs/crowd.ts';

/** `npm run soak` has twenty of every pair of commands. */
test('20 processes of the built file at once on one installation: each ends done or locked out, and they are some order (row 1)', {
  timeout: 600_000,
}, async () => {
  const five = (['install', 'upgrade', 'rollback', 'remove'] as const).flatMap((one) => Array(5).fill(one));
  const { done, locked } = await crowd(five);
  expect(done + locked).toBe(20);
  expect(done).toBeGreaterThan(1);
});
