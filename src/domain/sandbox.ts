/** What every output on a sandbox says. */
export const SANDBOX_NOTICE = 'simulated nodes: no container runs';

/** Extension of a kubeconfig cluster that marks it as a sandbox; clients that do not know it keep or drop it unread. */
export const SANDBOX_EXTENSION = 'sandbox.appstore.dev';

/** Annotation of a pod template that chooses how its pods behave in a sandbox (docs/sandbox.md). */
export const SANDBOX_BEHAVIOUR = 'sandbox.appstore.dev/behaviour';

/** Annotation of a pod template beside the behaviour `slow`: how long its pods take, as a Go duration such as `5s`. */
export const SANDBOX_DELAY = 'sandbox.appstore.dev/delay';

const PREFIX = 'appstore-sandbox';

/** Name of the context and of the cluster that the kubeconfig of a sandbox holds. */
export function sandboxContext(name: string): string {
  return name === 'default' ? PREFIX : `${PREFIX}-${name}`;
}

/**
 * True where a kubeconfig cluster is a sandbox: by the name that `sandboxContext` gives and a loopback address, so that
 * neither a cluster that is merely called so, nor another one on this machine is taken for one.
 */
export function isSandboxCluster(cluster: { readonly name: string; readonly server: string }): boolean {
  const named = cluster.name === PREFIX || cluster.name.startsWith(`${PREFIX}-`);
  return named && /^https:\/\/127\.0\.0\.1(:|\/|$)/.test(cluster.server);
}
