import { afterAll, expect, test } from 'vitest';
import { inParallel } from '../../src/services/parallel.ts';
import { testCluster } from '../support/connect.ts';
import { commandNames, countWrites, proofCommand } from '../support/proofs/commands.ts';
import { frozenAfter } from '../support/proofs/frozen.ts';
import { aDay, forMinutes, tell } from './bounds.ts';

const atOnce = 3;

let frozen = 0;
afterAll(() =>
  tell(`SIGSTOP: ${frozen} processes frozen past their lock and thawed; none wrote after another one had`),
);

/** The built file, frozen after each of its writes but the last one, which lets go of the lock (row 1). */
test.each(commandNames)('SIGSTOP after every write of %s', { timeout: aDay }, async (name) => {
  const [cluster, command, isOver] = [await testCluster(), await proofCommand(name), forMinutes()];
  const writes = Array.from({ length: (await countWrites(command)) - 1 }, (_, index) => index + 1);
  await inParallel(writes, atOnce, async (write) => {
    if (isOver()) return;
    await frozenAfter(cluster, command, write);
    frozen++;
  });
  await cluster.close();
  expect(frozen).toBeGreaterThan(0);
});
