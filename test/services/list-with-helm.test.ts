import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { listWithHelm } from '../../src/services/list-with-helm.ts';
import { helmProcess } from '../support/helm-cluster.ts';
import { releaseObject } from '../support/helm-samples.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

async function countedReads(releases: number, charts: boolean) {
  const cluster = createMemoryCluster();
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  for (let at = 0; at < releases; at++)
    for (const version of [1, 2])
      await cluster.create(releaseObject({ namespace: 'shop', name: `r${at}`, version, status: 'deployed' }));
  let reads = 0;
  const counting = {
    ...cluster,
    get: (...asked: Parameters<typeof cluster.get>): Promise<KubeObject | undefined> => {
      reads++;
      return cluster.get(...asked);
    },
  };
  const list = await listWithHelm(helmProcess(counting).deps, { charts });
  return { list, reads };
}

test('few releases are read, one request each, whatever their history', async () => {
  const { list, reads } = await countedReads(20, false);
  expect([list.releases.length, list.chartsUnread, reads]).toEqual([20, false, 20]);
  expect(list.releases[0]).toMatchObject({ name: 'r0', app: 'demo', version: '1.0.2', revision: 2 });
});

test('many are listed by their labels alone, unless the charts are asked for', async () => {
  const { list, reads } = await countedReads(21, false);
  expect([list.releases.length, list.chartsUnread, reads]).toEqual([21, true, 0]);
  expect(list.releases[0]).toMatchObject({
    name: 'r0',
    app: '',
    version: '',
    revision: 2,
    state: 'deployed',
  });
  expect((await countedReads(21, true)).reads).toBe(21);
});
