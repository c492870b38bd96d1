import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../src/services/ports.ts';
import { type ChangeHarness, changeHarness, realClock } from '../support/change-harness.ts';
import { type FixtureApp, job } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { countJobs } from '../support/proofs/count-jobs.ts';
import { hookedApp } from '../support/proofs/hooked-app.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';
import { type DeathAt, killable } from '../support/proofs/killable.ts';
import { type Outcome, outcomeProblems } from '../support/proofs/operations.ts';

/**
 * Going back, killed before and after every write, of an app with hooks, as charts have them: by `--undo-on-failure`, by
 * `upgrade --undo` after an upgrade that failed, and after one that was cut. Then each next command: it converges without repair, and
 * no hook of the way back runs twice (NEEDS rows 1, 6, 30).
 */

const at = { namespace: 'shop', name: 'one' };

/** The second version, whose hook after an upgrade fails. */
const bad: FixtureApp = {
  ...hookedApp(2),
  hooks: (hookedApp(2).hooks ?? []).map((hook) =>
    hook.object.metadata.name === 'one-after' ? { ...hook, object: job('one-after', 'job-failed') } : hook,
  ),
};

function processOn(cluster: Cluster): ChangeHarness {
  const harness = changeHarness({ cluster, ...at, app: hookedApp(1), hasty: true });
  harness.app = bad;
  return harness;
}

/** Runs what is to fail as it must, and nothing else. */
async function failing(command: Promise<unknown>, hint: RegExp): Promise<void> {
  await command.then(
    () => expect.unreachable('it did not fail'),
    (error: { hint?: string }) => expect(error.hint).toMatch(hint),
  );
}

const undo = (harness: ChangeHarness) => harness.rollback({ undo: true });

interface Row {
  readonly name: string;
  /** Brings version 1, and what is to be undone. */
  prepare(cluster: MemoryCluster): Promise<void>;
  run(harness: ChangeHarness): Promise<unknown>;
}

const rows: readonly Row[] = [
  {
    name: 'an upgrade with --undo-on-failure',
    prepare: async () => undefined,
    run: (harness) => failing(harness.upgrade({ undoOnFailure: true }), /revision 3 is revision 1 again/),
  },
  {
    name: 'upgrade --undo after an upgrade that failed',
    prepare: (cluster) => failing(processOn(cluster).upgrade(), /./),
    run: undo,
  },
  {
    name: 'upgrade --undo after an upgrade that was cut',
    prepare: async (cluster) => {
      const dying = killable(cluster, realClock, { write: 7, when: 'after' });
      const harness = changeHarness({ cluster: dying.cluster, clock: dying.clock, ...at, app: hookedApp(1) });
      harness.app = bad;
      harness.upgrade().catch(() => undefined);
      await dying.dead;
    },
    run: undo,
  },
];

async function prepared(row: Row): Promise<MemoryCluster> {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  await changeHarness({ cluster, ...at, app: hookedApp(1) }).install();
  await row.prepare(cluster);
  await cluster.settle();
  // The lock of who was cut is not sat out here.
  const lease = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespace: at.namespace };
  await cluster.delete({ ...lease, name: `appstore.${at.name}` });
  return cluster;
}

/** Goes back in a process that dies at a write, or in one that lives. Answers how often it wrote. */
async function cut(memory: MemoryCluster, cluster: Cluster, row: Row, death?: DeathAt): Promise<number> {
  const dying = killable(cluster, realClock, death);
  const harness = changeHarness({ cluster: dying.cluster, clock: dying.clock, ...at, app: hookedApp(1) });
  harness.app = bad;
  const ended = row.run(harness).then(() => 'done' as const);
  // A run that was counted on a slow machine has renewed its lock, and written more often for it.
  if ((await Promise.race([ended, dying.dead])) === 'done')
    expect(dying.writes.length).toBeLessThan(death?.write ?? Number.POSITIVE_INFINITY);
  await memory.settle();
  return dying.writes.length;
}

interface Next {
  readonly name: string;
  readonly to: Outcome;
  run(harness: ChangeHarness): Promise<unknown>;
}

const nexts: readonly Next[] = [
  {
    name: 'upgrade --undo',
    to: 1,
    // Killed before it began, or when all was done, there is nothing to undo.
    run: (harness) =>
      undo(harness).catch((error: { code?: string }) => expect(error.code).toBe('NOTHING_TO_UNDO')),
  },
  {
    name: 'an upgrade to a version with the hook mended',
    to: 2,
    run: (harness) => {
      harness.app = { ...hookedApp(2), version: '2.0.1' };
      return harness.upgrade();
    },
  },
  { name: 'a removal', to: 'nothing', run: (harness) => harness.remove() },
];

// After the first way back every next command; the others begin where it goes back, and are gone on with.
const proofs = rows.flatMap((row, index) =>
  (index === 0 ? nexts : nexts.slice(0, 1)).map(
    (next) => [`${row.name}, then ${next.name}`, row, next] as const,
  ),
);

describe('killed at every write', () => {
  test.each(proofs)('%s: converges', { timeout: 300_000 }, async (_title, row, next) => {
    const whole = await prepared(row);
    const writes = await cut(whole, whole, row);
    expect(writes).toBeGreaterThan(8);
    expect(await outcomeProblems(whole, at.namespace, 1)).toEqual([]);
    // Before the first, and after each: that is before the one that follows, too.
    const deaths = Array.from({ length: writes }, (_, index) => ({
      write: index + 1,
      when: 'after' as const,
    }));
    for (const death of [{ write: 1, when: 'before' as const }, ...deaths]) {
      const memory = await prepared(row);
      const counted = countJobs(memory);
      await cut(memory, counted.cluster, row, death);
      const label = `killed ${death.when} write ${death.write} of ${writes}, then ${next.name}`;
      await next.run(processOn(counted.cluster));
      await memory.settle();
      const problems = [
        ...(await checkInstallation(memory, at)),
        ...(await outcomeProblems(memory, at.namespace, next.to)),
      ];
      expect(problems, label).toEqual([]);
      if (next.to === 1) expect(runs(counted.made), label).toBeLessThanOrEqual(row === rows[0] ? 2 : 1);
      if (next.to !== 'nothing') continue;
      const jobs = await memory.list({ group: 'batch', version: 'v1', kind: 'Job' }, at);
      expect(jobs.items, label).toEqual([]);
    }
  });
});

/** How often the hook ran that ran most often. */
function runs(made: ReadonlyMap<string, ReadonlySet<string>>): number {
  return Math.max(0, ...[...made.values()].map((uids) => uids.size));
}
