import { textFile } from './cli.ts';

/** A kubeconfig of one cluster at an address, with a token that no real one takes. Answers its path. */
export const kubeconfigFor = (server: string): Promise<string> =>
  textFile(
    'config',
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'it',
      clusters: [{ name: 'it', cluster: { server } }],
      contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
      users: [{ name: 'it', user: { token: 'secret-token-1' } }],
    }),
  );
