import { readAdmin } from './admin.ts';
import { type BuiltRun, startBuilt, textFile } from './cli.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { testKubeconfig } from './sandbox.ts';

/** One process of the built server. */
export interface Replica extends BuiltRun {
  readonly address: string;
}

/**
 * The built server as it runs in a pod: the address of the API server in its environment, and the mounted folder.
 *
 * @param running gets it, so that a test ends what it began
 */
export async function startReplica(
  running: Replica[],
  folder: string,
  flags: readonly string[],
): Promise<Replica> {
  const { server } = await readAdmin(testKubeconfig());
  const { hostname, port } = new URL(server);
  const run = await startBuilt(['serve', '--port', '0', '--log-level', 'debug', ...flags], {
    env: {
      KUBECONFIG: undefined,
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
      APPSTORE_SERVICE_ACCOUNT_FOLDER: folder,
      APPSTORE_LOCK_SECONDS: '6',
    },
  });
  const address = await run.printed(/http:\/\/127\.0\.0\.1:\d+/);
  const replica = Object.assign(run, { address });
  running.push(replica);
  return replica;
}

/** What all replicas are started with whose people log in at a provider. */
export async function loginFlagsOf(
  provider: IdentityProvider,
  publicUrl: string,
): Promise<readonly string[]> {
  const flags = {
    '--auth': 'oidc',
    '--public-url': publicUrl,
    '--oidc-issuer': provider.issuer,
    '--oidc-client-id': provider.clientId,
    '--oidc-client-secret-file': await textFile('client-secret', provider.clientSecret),
    '--oidc-ca-file': await textFile('ca.crt', provider.ca),
    '--session-key-file': await textFile('key', 'a key that all replicas of this test have '),
  };
  return Object.entries(flags).flat();
}
