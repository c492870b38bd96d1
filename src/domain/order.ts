import type { GroupKind, KubeObject, ObjectId } from './objects.ts';

/** Stages are written one after the other; the first two are waited for before the next begins. */
export type Stage = 1 | 2 | 3 | 4 | 5;

/** Where a kind stands: stages in turn, ranks in turn inside a stage, all of one rank at once. */
export interface Standing {
  readonly stage: Stage;
  readonly rank: number;
}

interface OrderRow extends Standing {
  readonly group: string;
  readonly kinds: readonly string[];
  readonly reason: string;
}

/** Stages whose objects must be ready before the next stage is written. */
export const awaitedStages: readonly Stage[] = [1, 2];

const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';

/**
 * The order of writing. Objects of one rank do not need each other. The sequence of rows is the order in which people are
 * shown them. Sources: fluxcd/pkg ssa `sort.go`, the measured rows of the design notes.
 */
const orderTable: readonly OrderRow[] = [
  { stage: 1, rank: 0, group: '', kinds: ['Namespace'], reason: 'what is namespaced needs its namespace' },
  {
    stage: 1,
    rank: 1,
    group: 'apiextensions.k8s.io',
    kinds: ['CustomResourceDefinition'],
    reason: 'custom resources are refused until their kind is established',
  },
  {
    stage: 1,
    rank: 1,
    group: rbac,
    kinds: ['ClusterRole'],
    reason: 'a binding is refused before its role exists, unless the caller is cluster-admin',
  },
  {
    stage: 3,
    rank: 0,
    group: rbac,
    kinds: ['Role'],
    reason: 'a binding is refused before its role exists, unless the caller is cluster-admin',
  },
  {
    stage: 4,
    rank: 0,
    group: '',
    kinds: ['ResourceQuota', 'LimitRange'],
    reason: 'limits judge what is created after them',
  },
  {
    stage: 4,
    rank: 1,
    group: rbac,
    kinds: ['ClusterRoleBinding', 'RoleBinding'],
    reason: 'a program that starts without its rights fails',
  },
  {
    stage: 4,
    rank: 1,
    group: 'networking.k8s.io',
    kinds: ['NetworkPolicy'],
    reason: 'a pod must not run unprotected for a moment',
  },
  {
    stage: 4,
    rank: 1,
    group: '',
    kinds: ['ServiceAccount'],
    reason: 'a pod is refused without its ServiceAccount; for Secrets with a token see `followsItsRank`',
  },
  {
    stage: 4,
    rank: 1,
    group: '',
    kinds: ['ConfigMap', 'Secret'],
    reason: 'a container waits in CreateContainerConfigError until they are there',
  },
  {
    stage: 4,
    rank: 1,
    group: '',
    kinds: ['Service', 'Endpoints'],
    reason: 'a container gets the variables and a StatefulSet the names of services that exist before it',
  },
  {
    stage: 4,
    rank: 1,
    group: 'discovery.k8s.io',
    kinds: ['EndpointSlice'],
    reason: 'belongs to a Service',
  },
  {
    stage: 4,
    rank: 1,
    group: '',
    kinds: ['PersistentVolume', 'PersistentVolumeClaim'],
    reason: 'a pod is unschedulable until its claims exist',
  },
  {
    stage: 4,
    rank: 1,
    group: 'policy',
    kinds: ['PodDisruptionBudget'],
    reason: 'protects pods from their first moment',
  },
  {
    stage: 4,
    rank: 2,
    group: 'apps',
    kinds: ['DaemonSet', 'StatefulSet', 'Deployment', 'ReplicaSet', 'ControllerRevision'],
    reason: 'workloads read all of the above',
  },
  {
    stage: 4,
    rank: 2,
    group: '',
    kinds: ['ReplicationController', 'Pod'],
    reason: 'workloads read all of the above',
  },
  {
    stage: 4,
    rank: 2,
    group: 'batch',
    kinds: ['Job', 'CronJob'],
    reason: 'workloads read all of the above',
  },
  {
    stage: 4,
    rank: 3,
    group: 'autoscaling',
    kinds: ['HorizontalPodAutoscaler'],
    reason: 'an autoscaler complains of a target that is not there',
  },
  {
    stage: 4,
    rank: 3,
    group: 'networking.k8s.io',
    kinds: ['Ingress'],
    reason: 'outside traffic comes in last',
  },
  {
    stage: 4,
    rank: 3,
    group: 'apiregistration.k8s.io',
    kinds: ['APIService'],
    reason: 'an API whose server is not there breaks discovery for everybody',
  },
  {
    stage: 5,
    rank: 1,
    group: admission,
    kinds: [
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
      'MutatingAdmissionPolicy',
      'MutatingAdmissionPolicyBinding',
      'MutatingWebhookConfiguration',
      'ValidatingWebhookConfiguration',
    ],
    reason: 'a webhook whose server is not up yet refuses the rest of the app',
  },
];

/** API groups that every API server brings itself; whatever stands elsewhere is a custom resource. */
const builtInGroups: ReadonlySet<string> = new Set([
  '',
  admission,
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  rbac,
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

const classKinds = { stage: 2, rank: 0, sequence: -1 } as const;
const otherBuiltIns = { stage: 4, rank: 3, sequence: orderTable.length } as const;
const customResources = { stage: 5, rank: 0, sequence: -1 } as const;

const standings: ReadonlyMap<string, Standing & { readonly sequence: number }> = new Map(
  orderTable.flatMap((row, index) =>
    row.kinds.map((kind, place) => [
      `${row.group}/${kind}`,
      { stage: row.stage, rank: row.rank, sequence: index + place / 100 },
    ]),
  ),
);

/** True for a kind that no API server has of itself: it needs a CRD or an aggregated API. */
export function isCustomKind(kind: GroupKind): boolean {
  return !builtInGroups.has(kind.group);
}

function standingOf(kind: GroupKind): Standing & { readonly sequence: number } {
  const known = standings.get(`${kind.group}/${kind.kind}`);
  if (known !== undefined) return known;
  // StorageClass, IngressClass, PriorityClass, GatewayClass, VolumeSnapshotClass ...: others name them.
  if (kind.kind.endsWith('Class')) return classKinds;
  return isCustomKind(kind) ? customResources : otherBuiltIns;
}

/** Stage and rank of a kind. Deletion runs backwards. */
export function stageOf(kind: GroupKind): Standing {
  const { stage, rank } = standingOf(kind);
  return { stage, rank };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares two identities by the order of writing: stage, rank, place in the table, namespace, name, kind, group. */
function compareApplyOrder(a: ObjectId, b: ObjectId): number {
  const left = standingOf(a);
  const right = standingOf(b);
  return (
    left.stage - right.stage ||
    left.rank - right.rank ||
    left.sequence - right.sequence ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name) ||
    compareText(a.kind, b.kind) ||
    compareText(a.group, b.group)
  );
}

/** Items in the order of writing. The result does not depend on the order given. */
export function applyOrder<T>(items: readonly T[], idOf: (item: T) => ObjectId): T[] {
  return [...items].sort((a, b) => compareApplyOrder(idOf(a), idOf(b)));
}

/** Items in the order of deletion: the order of writing backwards. */
export function deleteOrder<T>(items: readonly T[], idOf: (item: T) => ObjectId): T[] {
  return applyOrder(items, idOf).reverse();
}

/**
 * Groups items that are in order already into batches of one stage and rank, whose members may run at once. What `follows`
 * the others of its rank makes a batch of its own after them.
 */
export function batches<T extends { readonly ref: GroupKind }>(
  ordered: readonly T[],
  follows: (item: T) => boolean = () => false,
): T[][] {
  return byStanding(ordered, (item) => stageOf(item.ref))
    .flatMap((rank) => [rank.filter((item) => !follows(item)), rank.filter(follows)])
    .filter((batch) => batch.length > 0);
}

/**
 * The same for deletion, for items in its order. A Service goes with the workloads that it leads to and is sent first: it leads nowhere
 * without them, and the server takes longer over it than over anything else (measured: of 100 objects it ended 20 Services as the last).
 */
export function deletionBatches<T extends { readonly ref: GroupKind }>(ordered: readonly T[]): T[][] {
  const workloads = stageOf({ group: 'apps', kind: 'Deployment' });
  return byStanding(ordered, (item) => (isService(item.ref) ? workloads : stageOf(item.ref))).map(
    sendingOrder,
  );
}

function byStanding<T>(ordered: readonly T[], standing: (item: T) => Standing): T[][] {
  const ranks = new Map<string, T[]>();
  for (const item of ordered) {
    const { stage, rank } = standing(item);
    const key = `${stage}.${rank}`;
    const members = ranks.get(key) ?? [];
    members.push(item);
    ranks.set(key, members);
  }
  return [...ranks.values()];
}

/** True for the Service of Kubernetes itself. */
export function isService({ group, kind }: GroupKind): boolean {
  return group === '' && kind === 'Service';
}

/** True for a Secret with the token of a ServiceAccount: without the account, the token controller deletes it. */
export function followsItsRank(object: KubeObject | undefined): boolean {
  return object?.kind === 'Secret' && object.type === 'kubernetes.io/service-account-token';
}

/**
 * The members of a batch in the order in which they are best sent: Services first, because the server gives out their addresses
 * one after the other while it takes everything else at once (measured: 20 Services of 60 objects were the last 100 ms).
 */
export function sendingOrder<T extends { readonly ref: GroupKind }>(batch: readonly T[]): T[] {
  const slow = (item: T): number => (isService(item.ref) ? 0 : 1);
  return [...batch].sort((a, b) => slow(a) - slow(b));
}
