import type { KubeObject, ObjectId } from './objects.ts';

/** Kinds whose health is explained by pods. */
const podOwners: ReadonlySet<string> = new Set([
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'batch/Job',
]);

/** True for kinds that run pods. */
export function runsPods(kind: Pick<ObjectId, 'group' | 'kind'>): boolean {
  return podOwners.has(`${kind.group}/${kind.kind}`);
}

/** The controller of a pod as `Kind/name`; a Deployment stands for its ReplicaSet, which is named after it and the hash. */
function controllers(pod: KubeObject): string[] {
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (owner === undefined) return [];
  const hash = pod.metadata.labels?.['pod-template-hash'];
  const isOfDeployment = owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`);
  const names = [`${owner.kind}/${owner.name}`];
  if (isOfDeployment && hash !== undefined) names.push(`Deployment/${owner.name.slice(0, -hash.length - 1)}`);
  return names;
}

/** True where the pod belongs to the workload. */
export function isPodOf(pod: KubeObject, workload: ObjectId): boolean {
  if (workload.kind === 'Pod') return workload.group === '' && pod.metadata.name === workload.name;
  return runsPods(workload) && controllers(pod).includes(`${workload.kind}/${workload.name}`);
}

/**
 * The pods of a workload that its newest template made, newest first: they tell how a rollout goes. Times have whole seconds: what was
 * made in the same one may be of either template, and is all of it among them.
 */
export function newestPods(pods: Iterable<KubeObject>, workload: ObjectId): KubeObject[] {
  const owned = [...pods]
    .filter((pod) => pod.metadata.namespace === workload.namespace && isPodOf(pod, workload))
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .sort((a, b) => (createdAt(a) < createdAt(b) ? 1 : createdAt(a) > createdAt(b) ? -1 : 0));
  const [newest] = owned;
  const youngest = owned.filter((pod) => newest !== undefined && createdAt(pod) === createdAt(newest));
  const revisions = new Set(youngest.map(revisionOf));
  return owned.filter((pod) => revisions.has(revisionOf(pod)));
}

function createdAt(pod: KubeObject): string {
  return pod.metadata.creationTimestamp ?? '';
}

function revisionOf(pod: KubeObject): string {
  const labels = pod.metadata.labels ?? {};
  return labels['pod-template-hash'] ?? labels['controller-revision-hash'] ?? '';
}
