import { expect, test } from 'vitest';
import { realClock } from '../support/change-harness.ts';
import { helmProcess, installAsHelm, shopWeb, stateOf } from '../support/helm-cluster.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { type DeathAt, killable } from '../support/proofs/killable.ts';

/** `kill -9` before and after every single write of both ways: never two owners, never none, and the next command ends it. */

type Way = 'adopt' | 'back';

async function prepared(way: Way): Promise<MemoryCluster> {
  const cluster = createMemoryCluster();
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: shopWeb.namespace } });
  await installAsHelm(cluster);
  if (way === 'back') await helmProcess(cluster).adopt();
  return cluster;
}

async function cut(cluster: MemoryCluster, way: Way, death?: DeathAt): Promise<readonly string[]> {
  const dying = killable(cluster, realClock, death);
  const ended = helmProcess(dying.cluster, dying.clock)
    [way]()
    .then(() => 'done' as const);
  expect(await Promise.race([ended, dying.dead])).toBe(death === undefined ? 'done' : 'dead');
  return dying.writes;
}

/** Helm manages what it sees the newest revision of; we manage what we have a record of that is not about to begin or end. */
async function checkOwner(cluster: MemoryCluster, when: string): Promise<void> {
  const { helm, record } = await stateOf(cluster);
  const helms = helm.some(({ labels }) => labels?.version === '2');
  const passing = record?.state === 'adopting' || record?.state === 'returning';
  const ours = record !== undefined && !passing;
  expect([helms, ours], `both or none, ${when}`).not.toEqual([true, true]);
  if (!helms) expect(record, `nobody has it, ${when}`).toBeDefined();
}

/** Everything but times and what no two installations have in common. */
function comparable({ helm, record, objects }: Awaited<ReturnType<typeof stateOf>>) {
  const owned = objects.map((object) => ({ ...object, uid: '' }));
  const inventory = record?.inventory.map((entry) => ({ ...entry, uid: '', applied: entry.applied !== '' }));
  return {
    helm,
    objects: owned,
    state: record?.state,
    pending: record?.pending,
    inventory,
    revisions: record?.revisions,
  };
}

const deaths = (count: number): DeathAt[] =>
  Array.from({ length: count }, (_, at) => [
    { write: at + 1, when: 'before' } as const,
    { write: at + 1, when: 'after' } as const,
  ]).flat();

test.each([
  ['adopt', 'adopt'],
  ['adopt', 'back'],
  ['back', 'back'],
] as const)('%s, killed at every write, then %s: converges', async (first, next) => {
  const whole = await prepared(first);
  const writes = await cut(whole, first);
  expect(writes.length).toBeGreaterThan(8);
  const untouched = await stateOf(await prepared('adopt'));
  const wanted = next === 'back' ? untouched : await stateOf(whole);
  for (const death of deaths(writes.length)) {
    const when = `${death.when} ${writes[death.write - 1]}`;
    const cluster = await prepared(first);
    await cut(cluster, first, death);
    await checkOwner(cluster, when);
    const process = helmProcess(cluster);
    const { record } = await stateOf(cluster);
    // Where nothing was begun, or all of it was done, there is nothing to go back from.
    if (next === 'adopt' || record !== undefined) await process[next]();
    const now = comparable(await stateOf(cluster));
    const target = comparable(wanted);
    if (next === 'adopt') expect(now, when).toEqual(target);
    else
      expect({ ...now, objects: now.objects.map(withoutManagers) }, when).toEqual({
        ...target,
        objects: target.objects.map(withoutManagers),
      });
    const { deps } = process;
    expect(await deps.records.read('shop', 'web').then((found) => found?.pending), when).toBeUndefined();
  }
});

/** Who holds which field is Helm's again, if by another entry. */
function withoutManagers({
  managers: _managers,
  ...object
}: ReturnType<typeof comparable>['objects'][number]) {
  return object;
}
