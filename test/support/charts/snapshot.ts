import { isObject, type Json, type JsonObject } from '../../../src/domain/json.ts';
import { displayId, type GroupVersionKind, type KubeObject, refOf } from '../../../src/domain/objects.ts';
import { stableJson } from '../../../src/domain/stable-json.ts';
import type { Cluster } from '../../../src/services/ports.ts';
import { eventually } from '../sandbox.ts';

const kindsOf = (group: string, version: string, ...kinds: string[]): GroupVersionKind[] =>
  kinds.map((kind) => ({ group, version, kind }));

const statefulSet: GroupVersionKind = { group: 'apps', version: 'v1', kind: 'StatefulSet' };
const persistentVolumeClaim: GroupVersionKind = { group: '', version: 'v1', kind: 'PersistentVolumeClaim' };

/** What the charts of the suite are made of. */
const namespacedKinds = [
  ...kindsOf('', 'v1', 'ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'PersistentVolumeClaim', 'Pod'),
  ...kindsOf('apps', 'v1', 'Deployment', 'StatefulSet', 'DaemonSet'),
  ...kindsOf('batch', 'v1', 'Job', 'CronJob'),
  ...kindsOf('networking.k8s.io', 'v1', 'Ingress', 'NetworkPolicy'),
  ...kindsOf('policy', 'v1', 'PodDisruptionBudget'),
  ...kindsOf('autoscaling', 'v2', 'HorizontalPodAutoscaler'),
  ...kindsOf('rbac.authorization.k8s.io', 'v1', 'Role', 'RoleBinding'),
];
const wideKinds = [
  ...kindsOf('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'ClusterRoleBinding'),
  ...kindsOf('admissionregistration.k8s.io', 'v1', 'ValidatingWebhookConfiguration'),
];

/** What a chart left, by `Kind/name`; the namespace stands as `NAMESPACE`. */
export type Snapshot = Readonly<Record<string, string>>;

export interface SnapshotScope {
  readonly cluster: Cluster;
  readonly namespace: string;
  /** Another namespace that the chart writes to, where names begin with that of the release's namespace. */
  readonly other?: string;
  /** Further kinds, of the chart's own definitions. */
  readonly kinds?: readonly GroupVersionKind[];
}

/**
 * Every object that is there and that no controller made, with what the server and the tools say of it taken away. The claims of a
 * StatefulSet have no owner and come one after the other, also after a command that did not wait: they are waited for.
 */
export async function snapshot(scope: SnapshotScope): Promise<Snapshot> {
  await eventually(() => claimed(scope));
  const objects = (await leftBy(scope)).map((object): [string, string] => [
    displayId(refOf(object)).replaceAll(scope.namespace, 'NAMESPACE'),
    stableJson(bare(object)).replaceAll(scope.namespace, 'NAMESPACE'),
  ]);
  return Object.fromEntries(objects.sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface StatefulSetSpec {
  readonly replicas?: number;
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

/** True where every StatefulSet has the claims of all its replicas. */
async function claimed({ cluster, namespace }: SnapshotScope): Promise<boolean> {
  const of = async (kind: GroupVersionKind) => (await cluster.list(kind, { namespace })).items;
  const [sets, claims] = await Promise.all([of(statefulSet), of(persistentVolumeClaim)]);
  const there = new Set(claims.map(({ metadata }) => metadata.name));
  return sets.every(({ metadata, spec }) => {
    const { replicas = 1, volumeClaimTemplates = [] } = spec as StatefulSetSpec;
    return volumeClaimTemplates.every((template) =>
      Array.from({ length: replicas }, (_, at) => `${template.metadata.name}-${metadata.name}-${at}`).every(
        (name) => there.has(name),
      ),
    );
  });
}

/** `Kind/name` and resourceVersion of the same objects: whether anything was written. */
export async function writes(scope: SnapshotScope): Promise<Snapshot> {
  const objects = await leftBy(scope);
  return Object.fromEntries(
    objects.map((object) => [displayId(refOf(object)), object.metadata.resourceVersion ?? '']),
  );
}

async function leftBy({ cluster, namespace, other, kinds = [] }: SnapshotScope): Promise<KubeObject[]> {
  if (kinds.length > 0) cluster.forgetDiscovery();
  const list = async (kind: GroupVersionKind, within?: string) =>
    // A kind that is not served any more has no objects
    (await cluster.resourceType(kind)) === undefined
      ? []
      : (await cluster.list(kind, within === undefined ? {} : { namespace: within })).items;
  const named = (items: readonly KubeObject[]) =>
    items.filter(({ metadata }) => metadata.name.startsWith(`${namespace}-`));
  const lists = await Promise.all([
    ...[...namespacedKinds, ...kinds].map((kind) => list(kind, namespace)),
    ...wideKinds.map(async (kind) => named(await list(kind))),
    ...(other === undefined ? [] : namespacedKinds.map(async (kind) => named(await list(kind, other)))),
  ]);
  return lists.flat().filter(isLeft);
}

/** Not what controllers, the cluster itself and the records of the tools have there, nor what goes already. */
function isLeft({ kind, metadata }: KubeObject): boolean {
  const owners = metadata.ownerReferences as readonly unknown[] | undefined;
  return (
    (owners ?? []).length === 0 &&
    metadata.deletionTimestamp === undefined &&
    metadata.name !== 'kube-root-ca.crt' &&
    !(kind === 'ServiceAccount' && metadata.name === 'default') &&
    !/^(appstore|sh\.helm\.release\.v1)\./.test(metadata.name)
  );
}

/** Set by the server (a Job without any label gets those of its pods), by controllers, or by a tool to know its own objects. */
const notCompared =
  /^(app\.kubernetes\.io\/(managed-by|instance)$|(batch\.kubernetes\.io\/)?job-name$|meta\.helm\.sh|applyset\.kubernetes\.io|appstore\.dev|pv\.kubernetes\.io|volume\.(beta\.)?kubernetes\.io|deployment\.kubernetes\.io|deprecated\.daemonset)/;

function bare({ metadata, status: _, ...object }: KubeObject): JsonObject {
  const { name, labels = {}, annotations = {} } = metadata;
  const kept = (entries: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(entries).filter(([key]) => !notCompared.test(key)));
  return withoutAllocations({
    ...(object as JsonObject),
    metadata: { name, labels: kept(labels), annotations: kept(annotations) },
    // Readable, and the namespace in it is replaced
    ...(object.kind === 'Secret'
      ? { data: decoded((object as { data?: Record<string, string> }).data) }
      : {}),
  }) as JsonObject;
}

function decoded(data: Readonly<Record<string, string>> = {}): JsonObject {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

const allocated: ReadonlySet<string> = new Set([
  'clusterIP',
  'clusterIPs',
  'nodePort',
  'healthCheckNodePort',
  'volumeName',
  'nodeName',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
]);

/** Without what is allocated to each object anew. `clusterIP: None` is said by the chart. */
function withoutAllocations(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutAllocations);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key, inner]) => !allocated.has(key) || inner === 'None');
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutAllocations(inner as Json)]));
}
