import { createMemoryCluster } from '../support/memory/cluster.ts';
import { unique } from './setup.ts';
import { workloadContract } from './workloads.ts';

workloadContract('in memory', async () => {
  const cluster = createMemoryCluster({ simulate: true });
  const namespace = unique('workloads');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return {
    cluster,
    stranger: cluster.as('stranger', () => false),
    namespace,
    dispose: () => cluster.close(),
  };
});
