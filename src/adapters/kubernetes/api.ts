import { ApiError, AppstoreError } from '../../domain/errors.ts';
import { formatApiVersion, type GroupVersionKind } from '../../domain/objects.ts';
import type { ResourceType } from '../../services/ports.ts';
import type { Discovery } from './discovery.ts';
import type { Transport } from './transport.ts';

/** What the operations on objects are made of. */
export interface Api {
  readonly transport: Transport;
  readonly discovery: Discovery;
}

/**
 * Does something with a kind as the server serves it. Where the answer says that the path is not there and what was known came
 * from disk, discovery is asked and it is tried once more. Throws KIND_UNKNOWN where the cluster does not serve the kind.
 */
export async function withType<T>(
  api: Api,
  kind: GroupVersionKind,
  signal: AbortSignal | undefined,
  work: (type: ResourceType) => Promise<T>,
): Promise<T> {
  const type = await typeOf(api, kind, signal);
  try {
    return await work(type);
  } catch (error) {
    const outdated = error instanceof ApiError && error.code === 'KIND_UNKNOWN' && api.discovery.mayBeStale();
    if (!outdated) throw error;
    api.discovery.forget();
    return work(await typeOf(api, kind, signal));
  }
}

/** How the cluster serves a kind in a version. Throws KIND_UNKNOWN. */
export async function typeOf(api: Api, kind: GroupVersionKind, signal?: AbortSignal): Promise<ResourceType> {
  const type = await api.discovery.find(kind, signal);
  if (type !== undefined) return type;
  throw new AppstoreError(
    'KIND_UNKNOWN',
    `${kind.kind}: the cluster does not serve this kind in ${formatApiVersion(kind)}`,
  );
}
