import { testCluster } from '../support/connect.ts';
import { freshNamespace, userKubeconfig } from '../support/sandbox.ts';
import { clusterContract } from './cluster.ts';

/** kubectl's own switch takes HTTP/2 away: gateways and proxies in front of a cluster often have none. */
const protocols: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'API server over HTTP/2': {},
  'API server over HTTP/1.1': { DISABLE_HTTP2: 'true' },
};

for (const [name, env] of Object.entries(protocols)) {
  clusterContract(name, async () => {
    const [cluster, stranger, namespace] = await Promise.all([
      testCluster(undefined, env),
      userKubeconfig({ user: 'stranger' }).then((file) => testCluster(file, env)),
      freshNamespace(),
    ]);
    const dispose = async () => {
      await Promise.all([cluster.close(), stranger.close()]);
    };
    return { cluster, stranger, namespace, dispose };
  });
}
