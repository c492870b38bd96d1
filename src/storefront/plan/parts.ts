/** What an object is for people: the word is in the table of texts, not the name of its kind. */
export type PartKind =
  | 'program'
  | 'task'
  | 'scheduled'
  | 'inside'
  | 'outside'
  | 'storage'
  | 'settings'
  | 'secrets'
  | 'identity'
  | 'network'
  | 'scaling'
  | 'definition'
  | 'space'
  | 'other';

const kinds: Readonly<Record<string, PartKind>> = {
  Deployment: 'program',
  StatefulSet: 'program',
  DaemonSet: 'program',
  ReplicaSet: 'program',
  Pod: 'program',
  Job: 'task',
  CronJob: 'scheduled',
  Service: 'inside',
  Ingress: 'outside',
  HTTPRoute: 'outside',
  Gateway: 'outside',
  PersistentVolumeClaim: 'storage',
  PersistentVolume: 'storage',
  StorageClass: 'storage',
  ConfigMap: 'settings',
  Secret: 'secrets',
  ServiceAccount: 'identity',
  Role: 'identity',
  RoleBinding: 'identity',
  ClusterRole: 'identity',
  ClusterRoleBinding: 'identity',
  NetworkPolicy: 'network',
  HorizontalPodAutoscaler: 'scaling',
  PodDisruptionBudget: 'scaling',
  CustomResourceDefinition: 'definition',
  Namespace: 'space',
};

/** The order in which parts are told: what people ask for first. */
const partKinds: readonly PartKind[] = [
  ...(['program', 'task', 'scheduled', 'outside', 'inside', 'storage', 'settings'] as const),
  ...(['secrets', 'identity', 'network', 'scaling', 'definition', 'space', 'other'] as const),
];

/** What an object of this kind is for people. */
export function partOf(kind: string): PartKind {
  return Object.hasOwn(kinds, kind) ? (kinds[kind] ?? 'other') : 'other';
}

/** How many of each there are, in the order of telling; none that there are not. */
export function countParts(objects: readonly { readonly kind: string }[]): (readonly [PartKind, number])[] {
  return partKinds.flatMap((part) => {
    const count = objects.filter(({ kind }) => partOf(kind) === part).length;
    return count === 0 ? [] : [[part, count] as const];
  });
}
