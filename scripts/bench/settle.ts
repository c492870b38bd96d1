import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../src/services/ports.ts';

/** How long the control plane may take to come to rest. */
const longest = 120_000;

/**
 * Waits until every Deployment of the namespace is available, or until no pod is left, so that one tool's leftover work is not
 * measured with the other's. Throws Error where that does not come.
 */
export async function settle(
  cluster: Cluster,
  namespace: string,
  until: 'ready' | 'gone',
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now();
  while (!(await isSettled(cluster, namespace, until, signal))) {
    if (performance.now() - began > longest) throw new Error(`${namespace}: not ${until} after two minutes`);
    await sleep(200, undefined, { signal });
  }
  await sleep(500, undefined, { signal });
}

async function isSettled(cluster: Cluster, namespace: string, until: 'ready' | 'gone', signal: AbortSignal) {
  const options = { namespace, signal };
  if (until === 'gone') {
    const kinds = [
      { group: '', version: 'v1', kind: 'Pod' },
      { group: 'apps', version: 'v1', kind: 'ReplicaSet' },
      { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice' },
    ];
    const lists = await Promise.all(kinds.map((kind) => cluster.listMetadata(kind, options)));
    return lists.every(({ items }) => items.length === 0);
  }
  const { items } = await cluster.list({ group: 'apps', version: 'v1', kind: 'Deployment' }, options);
  return items.every(
    (item) => (item.status as { availableReplicas?: number } | undefined)?.availableReplicas,
  );
}
