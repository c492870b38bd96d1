import { describe, expect, it } from 'vitest';
import { changeHarness } from '../support/change-harness.ts';
import { testCluster } from '../support/connect.ts';
import { freshNamespace } from '../support/sandbox.ts';
import { removalContract, statefulSet } from './removal.ts';
import { unique } from './setup.ts';

removalContract('a real API server', async () => {
  const cluster = await testCluster();
  return { cluster, dispose: () => cluster.close() };
});

describe('volumes that outlive their claims', () => {
  it('are named when data is purged (row 20)', async () => {
    const [cluster, namespace] = await Promise.all([testCluster(), freshNamespace()]);
    const storageClass = unique('retain');
    await cluster.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: storageClass },
      provisioner: 'kubernetes.io/host-path',
      reclaimPolicy: 'Retain',
    });
    const objects = () => [statefulSet('one-db', storageClass)];
    const harness = changeHarness({ cluster, namespace, name: 'one', app: { version: '1.0.0', objects } });
    await harness.install();
    const { left } = await harness.remove({ purgeData: true });
    expect(left).toMatchObject([
      {
        ref: { kind: 'PersistentVolume' },
        reason: 'the volume of data-one-db-0: its reclaim policy is Retain',
      },
    ]);
    for (const { ref } of left) await cluster.delete(ref);
    await cluster.delete({
      group: 'storage.k8s.io',
      version: 'v1',
      kind: 'StorageClass',
      namespace: '',
      name: storageClass,
    });
    await cluster.close();
  });
});
