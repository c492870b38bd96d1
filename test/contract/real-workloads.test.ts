import { testCluster } from '../support/connect.ts';
import { freshNamespace } from '../support/sandbox.ts';
import { workloadContract } from './workloads.ts';

workloadContract('API server', async () => {
  const [cluster, namespace] = await Promise.all([testCluster(), freshNamespace()]);
  return { cluster, stranger: cluster, namespace, dispose: () => cluster.close() };
});
