import { expect, test } from 'vitest';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
const ref = { ...kind, namespace: 'default', name: 'a' };
const object = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'default' },
  data: { a: '1' },
};

test('requests are recorded, and fail as often as a test wants it', async () => {
  const cluster = createMemoryCluster();
  const lost = new Error('lost');
  cluster.fail((request) => request.verb === 'create', lost, 2);
  await expect(cluster.create(object)).rejects.toBe(lost);
  await expect(cluster.create(object, { dryRun: true })).rejects.toBe(lost);
  await cluster.create(object);
  await cluster.getMetadata(ref);
  expect(cluster.requests.map((one) => [one.verb, one.kind, one.name, one.dryRun, one.metadataOnly])).toEqual(
    [
      ['create', 'ConfigMap', 'a', false, false],
      ['create', 'ConfigMap', 'a', true, false],
      ['create', 'ConfigMap', 'a', false, false],
      ['get', 'ConfigMap', 'a', false, true],
    ],
  );
});

test('a policy decides, with its reason, and is asked for the right to create by an apply that creates', async () => {
  const cluster = createMemoryCluster();
  const patcher = cluster.as('patcher', ({ verb }) =>
    verb === 'patch' ? true : { allowed: false, reason: 'only patch' },
  );
  await expect(patcher.apply(object, { fieldManager: 'x' })).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message:
      'ConfigMap/default/a: configmaps "a" is forbidden: User "patcher" cannot create resource "configmaps" in API group "" in the namespace "default": only patch',
  });
  await cluster.create(object);
  expect((await patcher.apply({ ...object, data: { b: '2' } }, { fieldManager: 'x' })).data).toEqual({
    a: '1',
    b: '2',
  });
  expect(patcher.requests).toHaveLength(2);
});

test('watches get bookmarks, end in good order, and find the past forgotten', async () => {
  const cluster = createMemoryCluster();
  const { resourceVersion } = await cluster.list(kind, { namespace: 'default' });
  const signal = new AbortController().signal;
  const events = cluster
    .watch(kind, { namespace: 'default', resourceVersion, signal })
    [Symbol.asyncIterator]();
  const first = events.next();
  await cluster.create(object);
  expect((await first).value).toMatchObject({ type: 'added' });
  expect(cluster.openWatches()).toBe(1);
  cluster.bookmark();
  expect((await events.next()).value).toMatchObject({ type: 'bookmark' });
  cluster.endWatches();
  expect((await events.next()).done).toBe(true);
  expect(cluster.openWatches()).toBe(0);
  cluster.compact();
  const late = cluster.watch(kind, { namespace: 'default', resourceVersion, signal })[Symbol.asyncIterator]();
  await expect(late.next()).rejects.toMatchObject({ failure: { status: 410, reason: 'Expired' } });
});

test('a status is written beside the spec, by another manager', async () => {
  const cluster = createMemoryCluster();
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', namespace: 'default' },
    spec: { selector: {}, template: { spec: { containers: [{ name: 'c', image: 'i' }] } } },
  };
  await cluster.apply(deployment, { fieldManager: 'appstore' });
  cluster.setStatus({ ...ref, group: 'apps', kind: 'Deployment' }, { readyReplicas: 1 });
  const again = await cluster.apply(deployment, { fieldManager: 'appstore' });
  expect(again.status).toEqual({ readyReplicas: 1 });
  expect(again.metadata.generation).toBe(1);
  const managers = again.metadata.managedFields?.map(({ manager, subresource }) => [manager, subresource]);
  expect(managers).toEqual([
    ['appstore', undefined],
    ['controller', 'status'],
  ]);
});
