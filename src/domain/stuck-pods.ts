import type { CauseCode } from './health.ts';
import type { KubeObject } from './objects.ts';
import { crashBetween, podTrouble } from './pod-health.ts';
import { isPodOf } from './pods-of.ts';
import { fieldsAt, numberOr } from './status-of.ts';

/** What does not pass while the template of the pod stays as it is. A pod that is only slow to get ready is not among it. */
const lasting: ReadonlySet<CauseCode> = new Set<CauseCode>([
  ...(['IMAGE_PULL_NOT_FOUND', 'IMAGE_PULL_AUTH', 'IMAGE_NAME_INVALID'] as const),
  ...(['CRASH_LOOP', 'OOM_KILLED', 'CONFIG_INVALID'] as const),
  ...(['UNSCHEDULABLE_CPU', 'UNSCHEDULABLE_MEMORY', 'UNSCHEDULABLE', 'VOLUME_UNBOUND'] as const),
]);

/** A pod that keeps its StatefulSet from going on, and why it will not get ready. */
export interface StuckPod {
  readonly pod: KubeObject;
  readonly reason: string;
}

/** True once the controller has seen the newest template: only then `status.updateRevision` is that of it. */
export function hasSeenTemplate(set: KubeObject): boolean {
  const { generation } = fieldsAt(set, 'metadata');
  return numberOr(fieldsAt(set, 'status').observedGeneration, -1) >= numberOr(generation, 0);
}

/**
 * Pods of an older template that will not get ready, of a set that waits for just that before it replaces them: a StatefulSet with
 * pods in order never gets beyond one that is not ready, not even when its template was changed back (kubernetes#67250; the
 * manual of StatefulSets has it as "Forced rollback").
 */
export function stuckPods(set: KubeObject, pods: readonly KubeObject[]): StuckPod[] {
  const { podManagementPolicy } = fieldsAt(set, 'spec');
  const { type } = fieldsAt(set, 'spec', 'updateStrategy');
  if (podManagementPolicy === 'Parallel' || type === 'OnDelete' || !hasSeenTemplate(set)) return [];
  const partition = numberOr(fieldsAt(set, 'spec', 'updateStrategy', 'rollingUpdate').partition, 0);
  const { updateRevision } = fieldsAt(set, 'status');
  if (typeof updateRevision !== 'string') return [];
  const namespace = set.metadata.namespace ?? '';
  const workload = { group: 'apps', kind: 'StatefulSet', namespace, name: set.metadata.name };
  return pods
    .filter((pod) => isPodOf(pod, workload) && isMadeBy(pod, set))
    .filter(({ metadata }) => metadata.labels?.['controller-revision-hash'] !== updateRevision)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter((pod) => ordinalOf(pod) >= partition)
    .flatMap((pod) => {
      const trouble = podTrouble(pod) ?? crashBetween(pod);
      return trouble !== undefined && lasting.has(trouble.cause) ? [{ pod, reason: trouble.reason }] : [];
    });
}

function isMadeBy(pod: KubeObject, set: KubeObject): boolean {
  return pod.metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid) === true;
}

function ordinalOf({ metadata }: KubeObject): number {
  return Number(/-(\d+)$/.exec(metadata.name)?.[1] ?? -1);
}
