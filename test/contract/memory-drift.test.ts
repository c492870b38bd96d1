import { createMemoryCluster } from '../support/memory/cluster.ts';
import { driftContract } from './drift.ts';
import { unique } from './setup.ts';

driftContract('the cluster in memory', async () => {
  const cluster = createMemoryCluster({ simulate: true });
  const namespace = unique('drift');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return { cluster, namespace, dispose: () => cluster.close() };
});
