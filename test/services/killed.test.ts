import { describe, expect, test } from 'vitest';
import { changeHarness, realClock } from '../support/change-harness.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';
import { type DeathAt, killable } from '../support/proofs/killable.ts';
import {
  addBystanders,
  nextOperations,
  type Outcome,
  operations,
  outcomeProblems,
  type ProofOperation,
  prepareFor,
  refusalOf,
  volumeUid,
} from '../support/proofs/operations.ts';
import { proofApp } from '../support/proofs/proof-app.ts';

/**
 * `kill -9` before and after every single write of every operation, enumerated; then each next command. It converges without
 * repair, and record and cluster agree (NEEDS rows 1, 19, 20, 22).
 */

const at = { namespace: 'shop', name: 'one' };

async function freshCluster(): Promise<MemoryCluster> {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  return cluster;
}

/** A process of its own: nothing of what an earlier one knew. */
const processOn = (cluster: MemoryCluster) =>
  changeHarness({ cluster, ...at, app: proofApp(1), hasty: true });

/** Starts an operation in a process that dies at a write. Answers what it wrote until then. */
async function cut(
  cluster: MemoryCluster,
  operation: ProofOperation,
  death?: DeathAt,
): Promise<readonly string[]> {
  const dying = killable(cluster, realClock, death);
  const harness = changeHarness({ cluster: dying.cluster, clock: dying.clock, ...at, app: proofApp(1) });
  const ended = operation.run(harness).then(() => 'done' as const);
  expect(await Promise.race([ended, dying.dead])).toBe(death === undefined ? 'done' : 'dead');
  await cluster.settle();
  return dying.writes;
}

async function prepared(operation: ProofOperation): Promise<MemoryCluster> {
  const cluster = await freshCluster();
  await prepareFor(operation, processOn(cluster));
  return cluster;
}

interface End {
  readonly outcome: Outcome;
  /** True where the last command wrote; else the passwords of an install that was cut wait for the next one of that name. */
  readonly wrote: boolean;
}

/** Runs the next command and, where it is refused, what its refusal says to do. */
async function goOn(cluster: MemoryCluster, next: ProofOperation): Promise<End> {
  const ended = Promise.withResolvers<End>();
  const refused = await refusalOf(run(cluster, next).then(ended.resolve));
  if (refused === undefined) return ended.promise;
  if (refused === 'INSTALLATION_NOT_FOUND') return { outcome: 'nothing', wrote: false };
  const wayOut = refused === 'ALREADY_INSTALLED' ? 'upgrade' : 'remove';
  return run(cluster, nextOperations.find((one) => one.name === wayOut) as ProofOperation);
}

async function run(cluster: MemoryCluster, operation: ProofOperation): Promise<End> {
  const result = await operation.run(processOn(cluster));
  return { outcome: operation.to, wrote: result.outcome !== 'unchanged' };
}

describe.each(operations)('$name, killed', (first) => {
  test.each(nextOperations)('at every write, then $name: converges', { timeout: 300_000 }, async (next) => {
    const writes = await cut(await prepared(first), first);
    expect(writes.length).toBeGreaterThan(5);
    for (let write = 1; write <= writes.length; write++) {
      for (const when of ['before', 'after'] as const) {
        const cluster = await prepared(first);
        const bystanders = await addBystanders(cluster, at.namespace);
        const volume = await volumeUid(cluster, at.namespace);
        await cut(cluster, first, { write, when });
        const { outcome, wrote } = await goOn(cluster, next);
        await cluster.settle();
        const left = await volumeUid(cluster, at.namespace);
        const purged = first.name === 'purge' || next.name === 'purge';
        // Passwords stay with the volume that they open; those of an install that was cut before it began, for the next one.
        const allowed = { generated: left !== undefined || !wrote };
        expect(
          {
            state: await checkInstallation(cluster, at, allowed),
            outcome: await outcomeProblems(cluster, at.namespace, outcome),
            bystanders: await bystanders.problems(),
            volume: volume === undefined || purged || left === volume,
          },
          `killed ${when} write ${write} of ${writes.length} (${writes[write - 1]}), then ${next.name}`,
        ).toEqual({ state: [], outcome: [], bystanders: [], volume: true });
        // Whatever was left is gone with the next whole life of that name.
        if (outcome === 'nothing') await processOn(cluster).install();
        await processOn(cluster).remove({ purgeData: true });
        await cluster.settle();
        expect(await checkInstallation(cluster, at)).toEqual([]);
      }
    }
  });
});
