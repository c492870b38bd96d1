import { describe, expect, test } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import { type ChangeHarness, changeHarness, realClock } from '../support/change-harness.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';
import { type DeathAt, killable } from '../support/proofs/killable.ts';
import { type Outcome, outcomeProblems } from '../support/proofs/operations.ts';
import { type ProofVersion, proofApp } from '../support/proofs/proof-app.ts';

/** `kill -9` before and after every write of a change from version 1 to 2 or back; then the commands that name nothing new (row 1). */

const at = { namespace: 'shop', name: 'one' };

const processOn = (cluster: MemoryCluster, version: ProofVersion = 1): ChangeHarness => {
  const harness = changeHarness({ cluster, ...at, app: proofApp(1), hasty: true });
  harness.app = proofApp(2);
  harness.app = proofApp(version);
  return harness;
};

interface Row {
  readonly name: string;
  /** Version that is deployed before, and what the operation makes of it. */
  readonly to: ProofVersion;
  run(harness: ChangeHarness): Promise<unknown>;
}

const first: readonly Row[] = [
  { name: 'install', to: 1, run: (harness) => harness.install() },
  { name: 'upgrade', to: 2, run: (harness) => harness.upgrade() },
  { name: 'rollback', to: 1, run: (harness) => harness.rollback() },
];

/** The next command, and which version is deployed after it: that of the operation that was cut, or the one before. */
const next: readonly (Omit<Row, 'to'> & { readonly ends: 'to' | 'from' })[] = [
  { name: 'upgrade NAME', ends: 'to', run: (harness) => harness.upgradeBare() },
  { name: 'upgrade NAME --undo', ends: 'from', run: (harness) => harness.rollback({ undo: true }) },
];

async function prepared(operation: Row): Promise<MemoryCluster> {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  if (operation.name !== 'install') await processOn(cluster).install();
  if (operation.name === 'rollback') await processOn(cluster, 2).upgrade();
  return cluster;
}

async function cut(cluster: MemoryCluster, operation: Row, death?: DeathAt): Promise<number> {
  const dying = killable(cluster, realClock, death);
  const harness = changeHarness({
    cluster: dying.cluster,
    clock: dying.clock,
    ...at,
    app: proofApp(operation.to),
  });
  const ended = operation.run(harness).then(() => 'done');
  expect(await Promise.race([ended, dying.dead])).toBe(death === undefined ? 'done' : 'dead');
  await cluster.settle();
  return dying.writes.length;
}

describe.each(first)('$name, killed', (operation) => {
  // A first install has nothing to go back to.
  const rows = next.filter(({ ends }) => ends === 'to' || operation.name !== 'install');
  test.each(rows)('at every write, then $name: converges', async (row) => {
    const writes = await cut(await prepared(operation), operation);
    expect(writes).toBeGreaterThan(5);
    for (let write = 1; write <= writes; write++) {
      for (const when of ['before', 'after'] as const) {
        const cluster = await prepared(operation);
        await cut(cluster, operation, { write, when });
        const harness = processOn(cluster, operation.to);
        const pending = (await harness.deps.records.read(at.namespace, at.name))?.pending;
        // Before the record was written nothing was begun, and after its last write all is done.
        if (pending === undefined) continue;
        const resumed = row.ends === 'to';
        await row.run(harness);
        await cluster.settle();
        const ends: Outcome = resumed ? operation.to : operation.to === 1 ? 2 : 1;
        const record = await harness.deps.records.read(at.namespace, at.name);
        expect(
          {
            state: await checkInstallation(cluster, at),
            outcome: await outcomeProblems(cluster, at.namespace, ends),
            newest: record?.revision,
          },
          `killed ${when} write ${write} of ${writes}, then ${row.name}`,
        ).toEqual({ state: [], outcome: [], newest: resumed ? pending.revision : pending.revision + 1 });
      }
    }
  });
});

/** Lets the StatefulSet of the app be refused once it is really written. */
function refuseDatabase(cluster: MemoryCluster): () => void {
  return cluster.fail(
    ({ kind, verb, dryRun }) => kind === 'StatefulSet' && verb === 'patch' && !dryRun,
    new AppstoreError('ADMISSION_DENIED', 'denied'),
  );
}

const afterwards: readonly (readonly [string, Outcome, Row['run']])[] = [
  ['install', 1, (harness) => harness.install()],
  ['remove', 'nothing', (harness) => harness.remove({ purgeData: true })],
];

describe('a first install that fails and is taken back, killed', () => {
  test.each(afterwards)('at every write, then %s: converges', async (_name, outcome, command) => {
    const fresh = async () => {
      const cluster = createMemoryCluster({ simulate: true });
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
      return cluster;
    };
    const failing: Row = {
      name: 'install',
      to: 1,
      run: (harness) => harness.install({ undoOnFailure: true }).catch(() => undefined),
    };
    const all = async (cluster: MemoryCluster, death?: DeathAt) => {
      const stop = refuseDatabase(cluster);
      const writes = await cut(cluster, failing, death);
      stop();
      return writes;
    };
    const writes = await all(await fresh());
    expect(writes).toBeGreaterThan(10);
    for (let write = 1; write <= writes; write++) {
      for (const when of ['before', 'after'] as const) {
        const cluster = await fresh();
        await all(cluster, { write, when });
        if ((await processOn(cluster).deps.records.read(at.namespace, at.name)) === undefined) continue;
        await command(processOn(cluster));
        await cluster.settle();
        expect(
          {
            state: await checkInstallation(cluster, at),
            outcome: await outcomeProblems(cluster, at.namespace, outcome),
          },
          `killed ${when} write ${write} of ${writes}`,
        ).toEqual({ state: [], outcome: [] });
      }
    }
  });
});
