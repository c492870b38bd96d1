import { beforeEach, expect, test } from 'vitest';
import { exportChart } from '../../src/services/export-chart.ts';
import { stored } from '../../src/services/inspect.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { helmProcess, installAsHelm, shopWeb } from '../support/helm-cluster.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

/** What is read of releases that Helm manages. */

let cluster: MemoryCluster;
beforeEach(async () => {
  cluster = createMemoryCluster();
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
});

const { signal } = new AbortController();
const get = (through: Cluster = cluster, name = shopWeb.name, revision?: number) =>
  stored(helmProcess(through).deps, { ...shopWeb, name }, 'values', revision, signal);

test('the deployed revision, or one that is named; none is told as what is not installed', async () => {
  await installAsHelm(cluster);
  expect(await get()).toMatchObject({ part: 'values', ofHelm: true });
  expect(await get(cluster, 'web', 1)).toMatchObject({ ofHelm: true });
  await expect(get(cluster, 'web', 9)).rejects.toMatchObject({
    code: 'REVISION_NOT_FOUND',
    hint: 'There are 1, 2.',
  });
  await expect(get(cluster, 'other')).rejects.toMatchObject({ code: 'INSTALLATION_NOT_FOUND' });
});

test('once it is taken over, it is ours that is read', async () => {
  await installAsHelm(cluster);
  await helmProcess(cluster).adopt();
  expect(await get()).not.toHaveProperty('ofHelm');
});

test('who may not read Secrets is told that nothing is installed, not of Secrets', async () => {
  await installAsHelm(cluster);
  const reader = cluster.as('reader', ({ resource }) => resource !== 'secrets');
  await expect(get(reader)).rejects.toMatchObject({ code: 'INSTALLATION_NOT_FOUND' });
  const deps = { ...helmProcess(reader).deps, catalogs: [], renderers: [] };
  await expect(exportChart(deps, shopWeb, signal)).rejects.toMatchObject({ code: 'INSTALLATION_NOT_FOUND' });
});
