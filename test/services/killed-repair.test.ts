import { describe, expect, test } from 'vitest';
import type { ObjectRef } from '../../src/domain/objects.ts';
import { type ChangeHarness, changeHarness, realClock } from '../support/change-harness.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';
import { type DeathAt, killable } from '../support/proofs/killable.ts';
import { outcomeProblems } from '../support/proofs/operations.ts';
import { proofApp } from '../support/proofs/proof-app.ts';

/** `kill -9` before and after every write of taking drift back and of forgetting (NEEDS rows 1, 11, 20). */

const at = { namespace: 'shop', name: 'one' };
const map = (name: string): ObjectRef => ({
  ...{ group: '', version: 'v1', kind: 'ConfigMap' },
  ...{ namespace: 'shop', name },
});

async function prepared(drifted: boolean): Promise<MemoryCluster> {
  const cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  await processOn(cluster).install();
  if (!drifted) return cluster;
  await cluster.mergePatch(map('one-config'), { data: { version: '9' } }, { fieldManager: 'somebody' });
  await cluster.delete(map('one-only-1'));
  return cluster;
}

const processOn = (cluster: MemoryCluster) =>
  changeHarness({ cluster, ...at, app: proofApp(1), hasty: true });

const commands = {
  repair: (harness: ChangeHarness) => harness.repair(),
  forget: (harness: ChangeHarness) => harness.forget(),
};

async function cut(
  cluster: MemoryCluster,
  run: (harness: ChangeHarness) => Promise<unknown>,
  death?: DeathAt,
): Promise<readonly string[]> {
  const dying = killable(cluster, realClock, death);
  const harness = changeHarness({ cluster: dying.cluster, clock: dying.clock, ...at, app: proofApp(1) });
  const ended = run(harness).then(() => 'done' as const);
  expect(await Promise.race([ended, dying.dead])).toBe(death === undefined ? 'done' : 'dead');
  await cluster.settle();
  return dying.writes;
}

async function atEveryWrite(
  command: keyof typeof commands,
  check: (cluster: MemoryCluster, where: string) => Promise<void>,
): Promise<void> {
  const drifted = command === 'repair';
  const writes = await cut(await prepared(drifted), commands[command]);
  expect(writes.length).toBeGreaterThan(4);
  for (let write = 1; write <= writes.length; write++) {
    for (const when of ['before', 'after'] as const) {
      const cluster = await prepared(drifted);
      await cut(cluster, commands[command], { write, when });
      await check(cluster, `killed ${when} write ${write} of ${writes.length} (${writes[write - 1]})`);
    }
  }
}

describe('a repair, killed', () => {
  test('then the same again: converges', () =>
    atEveryWrite('repair', async (cluster, where) => {
      const harness = processOn(cluster);
      await commands.repair(harness).then(() => cluster.settle());
      const problems = await checkInstallation(cluster, at);
      expect([...problems, ...(await outcomeProblems(cluster, at.namespace, 1))], where).toEqual([]);
      expect((await commands.repair(harness)).outcome, where).toBe('unchanged');
    }));

  test('then an upgrade that takes what somebody holds: converges', () =>
    atEveryWrite('repair', async (cluster, where) => {
      const harness = processOn(cluster);
      harness.app = proofApp(2);
      const take = [{ object: { kind: 'ConfigMap', name: 'one-config' }, field: '.data.version' }];
      await harness.upgrade({ conflicts: { take, yield: [] } });
      await cluster.settle();
      const problems = await checkInstallation(cluster, at);
      expect([...problems, ...(await outcomeProblems(cluster, at.namespace, 2))], where).toEqual([]);
    }));
});

test('forgetting, killed, then the same again: the objects live and nothing of the record is left', () =>
  atEveryWrite('forget', async (cluster, where) => {
    const again = await commands.forget(processOn(cluster)).catch((error: { code: string }) => error.code);
    expect(
      ['INSTALLATION_NOT_FOUND', expect.objectContaining({ kept: expect.anything() })],
      where,
    ).toContainEqual(again);
    expect(await outcomeProblems(cluster, at.namespace, 1), where).toEqual([]);
    const kinds = ['ConfigMap', 'Secret', 'Lease'] as const;
    const left = await Promise.all(
      kinds.map((kind) =>
        cluster.listMetadata(
          { group: kind === 'Lease' ? 'coordination.k8s.io' : '', version: 'v1', kind },
          { namespace: at.namespace, labelSelector: 'appstore.dev/installation=one' },
        ),
      ),
    );
    const names = left.flatMap(({ items }) => items.map(({ metadata }) => metadata.name));
    expect(names, where).toEqual(['appstore.one.generated']);
  }));
