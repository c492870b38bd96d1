import { type ClusterEvent, readEvent } from '../domain/cluster-event.ts';
import { AppstoreError } from '../domain/errors.ts';
import { type KubeObject, refOf } from '../domain/objects.ts';
import { podTrouble } from '../domain/pod-health.ts';
import { newestPods, runsPods } from '../domain/pods-of.ts';
import { conditionOf, fieldsAt } from '../domain/status-of.ts';
import type { Cluster } from './ports.ts';

/** Warnings shown of one object, the latest. */
const eventsShown = 3;

/** The answer, or nothing where it is refused or cannot be had: evidence is never worth failing for. */
export async function orNothing<T>(answer: Promise<T>, nothing: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AppstoreError) return nothing;
    throw error;
  }
}

/** The pod that tells why a workload is not ready: one in trouble, else one that is not ready. A pod tells for itself. */
export async function failingPod(
  cluster: Cluster,
  object: KubeObject,
  signal: AbortSignal | undefined,
): Promise<KubeObject | undefined> {
  const ref = refOf(object);
  if (ref.kind === 'Pod' && ref.group === '') return object;
  const labels = Object.entries(fieldsAt(object, 'spec', 'selector', 'matchLabels'));
  if (!runsPods(ref) || labels.length === 0) return undefined;
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const scope = { namespace: ref.namespace, labelSelector, ...(signal === undefined ? {} : { signal }) };
  const pods = await orNothing(cluster.list(kind, scope), { items: [], resourceVersion: '' });
  const newest = newestPods(pods.items, ref);
  return (
    newest.find((pod) => podTrouble(pod) !== undefined) ??
    newest.find((pod) => conditionOf(pod, 'Ready')?.status !== 'True')
  );
}

/** The latest warnings about an object, oldest first. */
export async function warningsOf(
  cluster: Cluster,
  object: KubeObject,
  signal: AbortSignal | undefined,
): Promise<ClusterEvent[]> {
  const { uid, namespace } = object.metadata;
  if (uid === undefined || namespace === undefined) return [];
  const kind = { group: '', version: 'v1', kind: 'Event' };
  const scope = {
    namespace,
    fieldSelector: `involvedObject.uid=${uid}`,
    ...(signal === undefined ? {} : { signal }),
  };
  const events = await orNothing(cluster.list(kind, scope), { items: [], resourceVersion: '' });
  return events.items
    .map(readEvent)
    .filter((event) => event.warning)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .slice(-eventsShown);
}
