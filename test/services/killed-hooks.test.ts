import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/services/ports.ts';
import { type ChangeHarness, changeHarness, realClock } from '../support/change-harness.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { countJobs } from '../support/proofs/count-jobs.ts';
import { hookedApp, hookJobs } from '../support/proofs/hooked-app.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';
import { type DeathAt, killable } from '../support/proofs/killable.ts';
import { type Outcome, outcomeProblems, refusalOf } from '../support/proofs/operations.ts';

/**
 * `kill -9` before and after every write of an operation of an app with hooks; then each next command. It converges, and the same
 * command again runs no hook twice: a Job that was begun is waited for, one that is done is done.
 */

const at = { namespace: 'shop', name: 'one' };

function processOn(cluster: Cluster, version: 1 | 2 = 1): ChangeHarness {
  const harness = changeHarness({ cluster, ...at, app: hookedApp(1), hasty: true });
  harness.app = hookedApp(2);
  harness.app = hookedApp(version);
  return harness;
}

interface Row {
  readonly name: keyof typeof hookJobs;
  readonly version: 1 | 2;
  readonly to: Outcome;
  run(harness: ChangeHarness): Promise<unknown>;
}

const operations: readonly Row[] = [
  { name: 'install', version: 1, to: 1, run: (harness) => harness.install() },
  { name: 'upgrade', version: 2, to: 2, run: (harness) => harness.upgrade() },
  { name: 'rollback', version: 1, to: 1, run: (harness) => harness.rollback({ revision: 1 }) },
  { name: 'remove', version: 1, to: 'nothing', run: (harness) => harness.remove() },
];

async function prepared({ name }: Row): Promise<MemoryCluster> {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  if (name !== 'install') await processOn(cluster).install();
  if (name === 'rollback') await processOn(cluster, 2).upgrade();
  return cluster;
}

/** Starts an operation in a process that dies at a write, or in one that lives. Answers how often it wrote. */
async function cut(memory: MemoryCluster, cluster: Cluster, row: Row, death?: DeathAt): Promise<number> {
  const dying = killable(cluster, realClock, death);
  const harness = changeHarness({ cluster: dying.cluster, clock: dying.clock, ...at, app: hookedApp(1) });
  harness.app = hookedApp(row.version);
  const ended = row.run(harness).then(() => 'done' as const);
  expect(await Promise.race([ended, dying.dead])).toBe(death === undefined ? 'done' : 'dead');
  await memory.settle();
  return dying.writes.length;
}

/** Kills an operation at every write in turn, and answers each time what is left to go on from. */
async function* everyDeath(row: Row) {
  const whole = await prepared(row);
  const writes = await cut(whole, whole, row);
  expect(writes).toBeGreaterThan(8);
  for (let write = 1; write <= writes; write++) {
    for (const when of ['before', 'after'] as const) {
      const memory = await prepared(row);
      const counted = countJobs(memory);
      await cut(memory, counted.cluster, row, { write, when });
      yield { ...counted, memory, label: `killed ${when} write ${write} of ${writes}` };
    }
  }
}

async function problems(memory: MemoryCluster, outcome: Outcome): Promise<string[]> {
  await memory.settle();
  return [
    ...(await checkInstallation(memory, at)),
    ...(await outcomeProblems(memory, at.namespace, outcome)),
  ];
}

describe.each(operations)('$name with hooks, killed at every write', (row) => {
  test('then the same again: every hook ran, and none twice', { timeout: 300_000 }, async () => {
    for await (const { cluster, made, memory, label } of everyDeath(row)) {
      await refusalOf(row.run(processOn(cluster, row.version)));
      expect(await problems(memory, row.to), label).toEqual([]);
      const runs = [...made].map(([name, uids]) => [name, uids.size]).sort();
      expect(runs, label).toEqual(hookJobs[row.name].map((name) => [name, 1]));
    }
  });
});

describe.each(operations.filter(({ name }) => name !== 'rollback'))(
  '$name with hooks, killed at every write',
  (row) => {
    test('then a removal: nothing is left of hooks and objects', { timeout: 300_000 }, async () => {
      for await (const { cluster, memory, label } of everyDeath(row)) {
        await refusalOf(processOn(cluster).remove());
        expect(await problems(memory, 'nothing'), label).toEqual([]);
        const jobs = await memory.list({ group: 'batch', version: 'v1', kind: 'Job' }, at);
        expect(jobs.items, label).toEqual([]);
      }
    });
  },
);

const upgrade = operations[1] as Row;
const next = [
  { name: 'upgrade NAME', to: 2, run: (harness: ChangeHarness) => harness.upgradeBare() },
  { name: 'rollback to 1', to: 1, run: (harness: ChangeHarness) => harness.rollback({ revision: 1 }) },
] as const;

test.each(next)(
  'upgrade with hooks, killed at every write, then $name: converges',
  { timeout: 300_000 },
  async ({ run, to }) => {
    for await (const { cluster, memory, label } of everyDeath(upgrade)) {
      await run(processOn(cluster, 2));
      expect(await problems(memory, to), label).toEqual([]);
    }
  },
);
