import { expect, test } from 'vitest';
import { liveWithFaults } from '../support/proofs/faulty-life.ts';
import { wholeLife } from '../support/proofs/operations.ts';
import { aDay, forMinutes, seeds, tell } from './bounds.ts';

const shares = [0.1, 0.25, 0.4];

test('whole lives with faults by chance', { timeout: aDay }, async () => {
  const isOver = forMinutes();
  const sum = { lives: 0, operations: 0, requests: 0, repeated: 0 };
  for (let seed = 1; seed <= seeds && !isOver(); seed++) {
    for (const protocol of ['HTTP/2', 'HTTP/1.1'] as const) {
      const share = shares[seed % shares.length] ?? 0.1;
      const life = await liveWithFaults({ seed, share, protocol, operations: wholeLife });
      sum.lives++;
      sum.operations += life.operations;
      sum.requests += life.requests;
      sum.repeated += life.failed.length;
    }
  }
  tell(
    `faults: ${sum.lives} lives, ${sum.operations} operations, ${sum.requests} requests; ${sum.repeated} operations ended with an error and were run again`,
  );
  expect(sum.lives).toBeGreaterThan(0);
});
