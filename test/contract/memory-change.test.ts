import { createMemoryCluster } from '../support/memory/cluster.ts';
import { changeContract } from './change.ts';
import { unique } from './setup.ts';

changeContract('the cluster in memory', async () => {
  const cluster = createMemoryCluster({ simulate: true });
  const namespace = unique('change');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return { cluster, namespace, dispose: () => cluster.close() };
});
