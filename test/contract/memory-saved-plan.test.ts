import { createMemoryCluster } from '../support/memory/cluster.ts';
import { savedPlanContract } from './saved-plan.ts';
import { unique } from './setup.ts';

savedPlanContract('the cluster in memory', async () => {
  const cluster = createMemoryCluster({ simulate: true });
  const namespace = unique('saved');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return { cluster, namespace, dispose: () => cluster.close() };
});
