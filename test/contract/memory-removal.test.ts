import { createMemoryCluster } from '../support/memory/cluster.ts';
import { removalContract } from './removal.ts';

removalContract('the cluster in memory', async () => {
  const cluster = createMemoryCluster({ simulate: true });
  return { cluster, dispose: () => cluster.close() };
});
