import { AppstoreError } from '../domain/errors.ts';
import { isObject } from '../domain/json.ts';
import type { Cluster } from './ports.ts';

/**
 * Who the cluster takes the caller for (SelfSubjectReview, which everybody who is authenticated may ask).
 * @throws AppstoreError UNAUTHENTICATED
 */
export async function whoAmI(
  cluster: Pick<Cluster, 'create'>,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly groups: readonly string[] }> {
  const review = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
    metadata: { name: '' },
  };
  const { status } = (await cluster.create(review, { signal })) as { readonly status?: unknown };
  const user = isObject(status) && isObject(status.userInfo) ? status.userInfo : {};
  const { username, groups } = user;
  if (typeof username !== 'string' || username === '' || username === 'system:anonymous')
    throw new AppstoreError('UNAUTHENTICATED', 'the cluster does not know who this is');
  const names = Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
  return { name: username, groups: names };
}
