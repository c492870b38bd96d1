import { createMemoryCluster } from '../support/memory/cluster.ts';
import { clusterContract } from './cluster.ts';
import { unique } from './setup.ts';

clusterContract('in memory', async () => {
  const cluster = createMemoryCluster();
  const namespace = unique('contract');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return {
    cluster,
    stranger: cluster.as('stranger', () => false),
    namespace,
    dispose: () => cluster.close(),
  };
});
