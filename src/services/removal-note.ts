import { ApiError, isForbidden } from '../domain/errors.ts';
import type { KubeObject } from '../domain/objects.ts';
import { indexName, ownershipKeys } from '../domain/ownership.ts';
import type { PendingOperation } from '../domain/release.ts';
import type { Cluster } from './ports.ts';
import type { InstallationName } from './requests.ts';

/** The word that whoever asked for a removal finds it by. */
const requestKey = 'appstore.dev/request';
const eventKind = { group: '', version: 'v1', kind: 'Event' };

/** A removal that was begun. */
interface RemovalNote {
  readonly requestId: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

/**
 * Leaves word of a removal that is named: it takes the record with it, and whoever sends the same request again has to be told of this one.
 * An Event of Kubernetes, which the cluster forgets by itself, after an hour where nobody set another time. Whoever may write none goes
 * without.
 */
export async function noteRemoval(
  cluster: Pick<Cluster, 'create'>,
  { namespace, name }: InstallationName,
  { id, requestId, startedAt }: PendingOperation,
  signal: AbortSignal,
): Promise<void> {
  if (requestId === undefined) return;
  const index = indexName(name);
  const event: KubeObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      namespace,
      name: `${index}.${Buffer.from(id).toString('hex')}`,
      labels: { [ownershipKeys.installation]: name, [ownershipKeys.managedBy]: 'appstore' },
      annotations: { [requestKey]: requestId },
    },
    involvedObject: { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: index },
    reason: 'Removal',
    message: `${name} is being removed`,
    type: 'Normal',
    count: 1,
    firstTimestamp: seconds(startedAt),
    lastTimestamp: seconds(startedAt),
    source: { component: 'appstore' },
  };
  await cluster.create(event, { signal }).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
  });
}

/** The removals of an installation that the cluster has not forgotten yet; none where events may not be read. */
export async function removalNotes(
  cluster: Pick<Cluster, 'list'>,
  { namespace, name }: InstallationName,
  signal: AbortSignal,
): Promise<readonly RemovalNote[]> {
  const labelSelector = `${ownershipKeys.installation}=${name}`;
  const list = await cluster.list(eventKind, { namespace, labelSelector, signal }).catch((error: unknown) => {
    if (isForbidden(error)) return { items: [] };
    throw error;
  });
  return list.items.flatMap(({ metadata, firstTimestamp }) => {
    const requestId = metadata.annotations?.[requestKey];
    return requestId === undefined ? [] : [{ requestId, startedAt: String(firstTimestamp ?? '') }];
  });
}

/** Times of events have no fractions. */
function seconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
