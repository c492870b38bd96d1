import type { KubeObject } from '../../src/domain/objects.ts';
import { refOf } from '../../src/domain/objects.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { addedIn, objectsIn } from './objects.ts';
import type { Sample } from './statistics.ts';
import { installation, namespaceOf } from './tools.ts';
import type { WorkKey } from './work.ts';

/**
 * The requests that no tool can leave out, sent on a connection that is open already, all at once and with nothing around them: what the
 * API server takes for the work, which no program stays below. Undefined for work that has no such requests.
 */
export async function bareRequests(
  cluster: Cluster,
  key: WorkKey,
  signal: AbortSignal,
): Promise<Sample | undefined> {
  const namespace = namespaceOf('bare');
  const first = objectsIn(namespace, installation, 1);
  const second = objectsIn(namespace, installation, 2);
  const added = addedIn(namespace, installation);
  const works: Partial<Record<WorkKey, () => Promise<void>>> = {
    install: () => applyAll(cluster, first, signal),
    'install-ready': () => untilAvailable(cluster, first, signal),
    'upgrade-five': () => applyAll(cluster, added, signal),
    remove: () => deleteAll(cluster, second, signal),
  };
  const work = works[key];
  if (work === undefined) return undefined;
  await cluster.version(signal);
  const began = performance.now();
  await work();
  return { milliseconds: performance.now() - began };
}

const identity = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.name}`;

async function applyAll(
  cluster: Cluster,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    objects.map((object) => cluster.applyMetadata(object, { fieldManager: 'bench', signal })),
  );
}

async function deleteAll(
  cluster: Cluster,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    objects.map((object) => cluster.delete(refOf(object), { propagation: 'Background', signal })),
  );
}

/** Ends with the event that shows the last Deployment available. */
async function untilAvailable(
  cluster: Cluster,
  objects: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  const deployments = { group: 'apps', version: 'v1', kind: 'Deployment' };
  const namespace = namespaceOf('bare');
  const { resourceVersion } = await cluster.list(deployments, { namespace, signal });
  const waiting = new Set(objects.filter(({ kind }) => kind === 'Deployment').map(identity));
  const done = new AbortController();
  const watch = async () => {
    const options = { namespace, resourceVersion, signal: AbortSignal.any([signal, done.signal]) };
    for await (const event of cluster.watch(deployments, options)) {
      if (event.type === 'bookmark') continue;
      if (event.object.status?.availableReplicas) waiting.delete(identity(event.object));
      if (waiting.size === 0) return;
    }
    throw new Error(`${namespace}: the server ended the watch before everything was available`);
  };
  try {
    await Promise.all([watch(), applyAll(cluster, objects, signal)]);
  } finally {
    done.abort();
  }
}
