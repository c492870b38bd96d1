import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/**
 * A cluster that nobody may ever speak to: KUBECONFIG and ~/.kube/config of the tests name it. `close` answers how many
 * connections came in.
 */
export async function setTrap(home: string): Promise<{ kubeconfig: string; close(): Promise<number> }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const kubeconfig = join(home, '.kube', 'config');
  await mkdir(join(home, '.kube'), { recursive: true });
  await writeFile(kubeconfig, JSON.stringify(trapConfig(`https://127.0.0.1:${port}`)));
  return {
    kubeconfig,
    async close() {
      await new Promise((closed) => server.close(closed));
      return visits;
    },
  };
}

function trapConfig(server: string) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'production',
    clusters: [{ name: 'production', cluster: { server, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name: 'production', context: { cluster: 'production', user: 'production' } }],
    users: [{ name: 'production', user: { token: 'trap' } }],
  };
}
