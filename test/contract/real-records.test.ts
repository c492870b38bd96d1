import { testCluster } from '../support/connect.ts';
import { freshNamespace, userKubeconfig } from '../support/sandbox.ts';
import { recordsContract } from './records.ts';

recordsContract('API server', async () => {
  const [cluster, stranger, namespace] = await Promise.all([
    testCluster(),
    userKubeconfig({ user: 'stranger' }).then((file) => testCluster(file)),
    freshNamespace(),
  ]);
  const dispose = async () => {
    await Promise.all([cluster.close(), stranger.close()]);
  };
  return { cluster, stranger, namespace, dispose };
});
