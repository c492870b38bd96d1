import { testCluster } from '../support/connect.ts';
import { freshNamespace } from '../support/sandbox.ts';
import { savedPlanContract } from './saved-plan.ts';

savedPlanContract('a real API server', async () => {
  const [cluster, namespace] = await Promise.all([testCluster(), freshNamespace()]);
  return { cluster, namespace, dispose: () => cluster.close() };
});
