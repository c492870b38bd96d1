import { describe, test } from 'vitest';
import { liveWithFaults } from '../support/proofs/faulty-life.ts';
import { wholeLife } from '../support/proofs/operations.ts';

/**
 * Faults by chance, from a seed, between us and a real API server. After each operation record and cluster agree, nothing is
 * lost, nothing is orphaned; one that failed is run again, and converges (NEEDS rows 1, 22, 31). `npm run soak` runs many more.
 */
describe.each(['HTTP/2', 'HTTP/1.1'] as const)('a life with faults over %s', (protocol) => {
  test.each([
    { seed: 1, share: 0.1 },
    { seed: 2, share: 0.25 },
  ])('seed $seed', { timeout: 300_000 }, async ({ seed, share }) => {
    await liveWithFaults({ seed, share, protocol, operations: wholeLife });
  });
});
