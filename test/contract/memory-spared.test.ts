import { createMemoryCluster } from '../support/memory/cluster.ts';
import { unique } from './setup.ts';
import { sparedContract } from './spared.ts';

sparedContract('the cluster in memory', async () => {
  const cluster = createMemoryCluster({ simulate: true });
  const namespace = unique('spared');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const tenant = cluster.as('tenant', (question) => question.namespace === namespace);
  return { cluster, tenant, namespace, dispose: () => cluster.close() };
});
