import { expect, test } from 'vitest';
import { testCluster } from '../support/connect.ts';
import { countWrites, proofCommand } from '../support/proofs/commands.ts';
import { frozenAfter } from '../support/proofs/frozen.ts';

/** `npm run soak` freezes each command after every one of its writes. */
test.concurrent.each(['install', 'upgrade', 'rollback', 'repair', 'remove'] as const)(
  '%s frozen (SIGSTOP) amid its writes until another one has finished writes nothing when it is thawed (row 1)',
  { timeout: 300_000 },
  async (name) => {
    const [cluster, command] = [await testCluster(), await proofCommand(name)];
    try {
      const writes = await countWrites(command);
      expect(writes).toBeGreaterThan(4);
      await frozenAfter(cluster, command, Math.ceil(writes / 2));
    } finally {
      await cluster.close();
    }
  },
);
