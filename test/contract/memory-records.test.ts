import { createMemoryCluster } from '../support/memory/cluster.ts';
import { recordsContract } from './records.ts';
import { unique } from './setup.ts';

recordsContract('in memory', async () => {
  const cluster = createMemoryCluster();
  const namespace = unique('records');
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return {
    cluster,
    stranger: cluster.as('stranger', () => false),
    namespace,
    dispose: () => cluster.close(),
  };
});
