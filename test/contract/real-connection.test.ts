import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { allWellKnown } from '../../src/adapters/kubernetes/well-known.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { testCluster } from '../support/connect.ts';
import { freshNamespace, userKubeconfig } from '../support/sandbox.ts';
import { configMap, configMapKind, deployment, errorOf, refTo, until } from './setup.ts';

/** What only a real API server can show: the in-memory cluster has no connection, no kubelet and no credentials. */
async function open(kubeconfig?: string): Promise<Cluster> {
  const cluster = await testCluster(kubeconfig);
  onTestFinished(() => cluster.close());
  return cluster;
}

test('the kinds that need no discovery are served as the table says', async () => {
  const cluster = await open();
  const served = await cluster.resourceTypes();
  for (const type of allWellKnown()) {
    const found = served.find((one) => one.group === type.group && one.kind === type.kind);
    expect({ ...found, verbs: [...(found?.verbs ?? [])].sort() }).toEqual(
      type.kind === 'Namespace'
        ? { ...type, verbs: type.verbs.filter((verb) => verb !== 'deletecollection') }
        : type,
    );
  }
});

test('the target says that it is a sandbox', async () => {
  const { target } = await open();
  expect(target).toMatchObject({ simulated: true, namespace: 'default' });
  expect(target.server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
});

test('a certificate that has expired is not accepted', async () => {
  const notAfter = new Date(Date.now() - 60_000);
  const cluster = await open(await userKubeconfig({ user: 'late', notAfter }));
  expect((await errorOf(cluster.get(refTo(configMapKind, 'default', 'x')))).code).toBe('UNAUTHENTICATED');
});

test('a watch goes on for longer than a moment without an event', async () => {
  const cluster = await open();
  const namespace = await freshNamespace();
  const { resourceVersion } = await cluster.list(configMapKind, { namespace });
  const control = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    const options = { namespace, resourceVersion, signal: control.signal };
    for await (const event of cluster.watch(configMapKind, options)) {
      if ('object' in event) seen.push(event.object.metadata.name);
    }
  })();
  await sleep(1_500);
  await cluster.apply(configMap(namespace, 'later', {}), { fieldManager: 'appstore' });
  await until(async () => seen.includes('later'));
  control.abort();
  await watching;
});

test('logs and forwarded ports of a pod', async () => {
  const cluster = await open();
  const namespace = await freshNamespace();
  await cluster.apply(deployment(namespace, 'web', 1), { fieldManager: 'appstore' });
  const podKind = { group: '', version: 'v1', kind: 'Pod' };
  const pod = await until(async () => {
    const { items } = await cluster.list(podKind, { namespace });
    return items.find((item) => item.status?.phase === 'Running');
  });
  const id = { group: '', kind: 'Pod', namespace, name: pod.metadata.name };
  const container = 'web';
  const log = await cluster.logs(id, { container, tailLines: 2 });
  expect(log.trim().split('\n').length).toBe(2);
  expect(await cluster.logs(id, { container, tailLines: 2, previous: true })).not.toBe('');
  expect(await cluster.logs({ ...id, name: 'gone' }, { container, tailLines: 2 })).toBe('');
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const errors: Error[] = [];
  const { port } = await cluster.portForward(id, 8080, {
    signal: stop.signal,
    onError: (error) => errors.push(error),
  });
  for (let round = 0; round < 3; round++) {
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('simulated');
  }
  expect(errors).toEqual([]);
});

test('250 objects at once over one connection', async () => {
  const cluster = await open();
  const namespace = await freshNamespace();
  const names = Array.from({ length: 250 }, (_, index) => `many-${index}`);
  await Promise.all(
    names.map((name) =>
      cluster.applyMetadata(configMap(namespace, name, { name }), { fieldManager: 'appstore' }),
    ),
  );
  const { items } = await cluster.listMetadata(configMapKind, { namespace });
  expect(items.filter((item) => item.metadata.name.startsWith('many-')).length).toBe(250);
  const gone = await Promise.all(
    items.map((item) =>
      cluster.delete(
        refTo(configMapKind, namespace, item.metadata.name),
        item.metadata.uid === undefined ? {} : { uid: item.metadata.uid },
      ),
    ),
  );
  expect(new Set(gone)).toEqual(new Set(['gone']));
});
