import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';
import { connectWith, fakeApi, thrownBy, version, writeKubeconfig } from './fake-api.ts';

test('a connection that is made ahead is the one that is used', async () => {
  const api = await fakeApi(() => version);
  const entry = { server: api.server, 'certificate-authority-data': Buffer.from(api.ca).toString('base64') };
  const cluster = await connectWith({ kubeconfig: await writeKubeconfig(entry, {}), early: true });
  onTestFinished(() => cluster.close());
  await vi.waitFor(() => expect(api.counts.connections).toBe(1));
  expect(api.seen).toEqual([]);
  await cluster.version();
  expect(api.counts.connections).toBe(1);
  expect(api.seen).toHaveLength(1);
});

test('that of watches which are sure to come is one of their own, and is made once', async () => {
  const api = await fakeApi(() => version);
  const entry = { server: api.server, 'insecure-skip-tls-verify': true };
  const cluster = await connectWith({ kubeconfig: await writeKubeconfig(entry, {}) });
  onTestFinished(() => cluster.close());
  await cluster.version();
  cluster.expectWatches();
  cluster.expectWatches();
  await vi.waitFor(() => expect(api.counts.connections).toBe(2));
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const watch = cluster.watchMetadata(kind, {
    namespace: 'shop',
    resourceVersion: '1',
    signal: new AbortController().signal,
  });
  await thrownBy(watch[Symbol.asyncIterator]().next());
  expect(api.seen.map(({ path }) => path).at(-1)).toContain('watch=1');
  expect(api.counts.connections).toBe(2);
  await cluster.close();
  cluster.expectWatches();
  await sleep(100);
  expect(api.counts.connections).toBe(2);
});

test('no program is run for it', async () => {
  const api = await fakeApi(() => version);
  const mark = join(await temporaryFolder(), 'ran');
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'touch',
    args: [mark],
    interactiveMode: 'Never',
  };
  const entry = { server: api.server, 'insecure-skip-tls-verify': true };
  const cluster = await connectWith({ kubeconfig: await writeKubeconfig(entry, { exec }), early: true });
  onTestFinished(() => cluster.close());
  await sleep(300);
  expect(existsSync(mark)).toBe(false);
  expect(api.counts.connections).toBe(0);
});

test('a server that is not there is told by the request alone', async () => {
  const entry = { server: 'https://127.0.0.1:9' };
  const cluster = await connectWith({ kubeconfig: await writeKubeconfig(entry, {}), early: true });
  onTestFinished(() => cluster.close());
  await sleep(100);
  expect(await thrownBy(cluster.version())).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
});

test('closing gives up a connection that nobody asked for yet', async () => {
  const api = await fakeApi(() => version);
  const entry = { server: api.server, 'insecure-skip-tls-verify': true };
  const cluster = await connectWith({ kubeconfig: await writeKubeconfig(entry, {}), early: true });
  await cluster.close();
  await sleep(100);
  expect(api.seen).toEqual([]);
});
