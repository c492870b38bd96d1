import { ApiError, AppstoreError, isForbidden } from '../domain/errors.ts';
import { ownershipKeys } from '../domain/ownership.ts';
import type { Cluster } from './ports.ts';

/**
 * True where the namespace exists and can be written to, or where the caller may not look (the dry run will tell).
 * Throws NAMESPACE_TERMINATING, and NAMESPACE_MISSING unless `create` is set.
 */
export async function namespaceReady(
  cluster: Cluster,
  namespace: string,
  create: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await readNamespace(cluster, namespace, signal);
  if (found === 'unknown') return true;
  if (found === 'terminating') {
    throw new AppstoreError(
      'NAMESPACE_TERMINATING',
      `Namespace/${namespace}: it is being deleted, nothing can be created in it`,
    );
  }
  if (found === 'absent' && !create) {
    throw new AppstoreError('NAMESPACE_MISSING', `Namespace/${namespace}: it does not exist`);
  }
  return found === 'active';
}

async function readNamespace(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<'active' | 'terminating' | 'absent' | 'unknown'> {
  try {
    const ref = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: namespace };
    const live = await cluster.getMetadata(ref, signal);
    if (live === undefined) return 'absent';
    return live.metadata.deletionTimestamp === undefined ? 'active' : 'terminating';
  } catch (error) {
    if (isForbidden(error)) return 'unknown';
    throw error;
  }
}

/**
 * Creates the namespace, with the name of the installation that it is made for: a mark that only who may write namespaces
 * can set, so that a later removal need not trust the record alone. Answers false where someone else made it meanwhile:
 * then it is not ours.
 */
export async function makeNamespace(
  cluster: Cluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<boolean> {
  const metadata = { name: namespace, annotations: { [ownershipKeys.createdFor]: name } };
  try {
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata }, { signal });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.failure.reason === 'AlreadyExists') return false;
    throw error;
  }
}

/**
 * What tells this namespace from every other one of any cluster, for who may read ConfigMaps in it: the UID of the one that Kubernetes
 * itself puts there. Undefined where there is none, or it may not be read.
 */
export async function namespaceMark(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace, name: 'kube-root-ca.crt' };
  try {
    return (await cluster.getMetadata(ref, signal))?.metadata.uid;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
