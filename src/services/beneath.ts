import { idKey, type KubeObject, type ObjectId, type ObjectRef, parseApiVersion } from '../domain/objects.ts';
import { runsPods } from '../domain/pods-of.ts';
import { orNothing } from './explain-reads.ts';
import type { Cluster, PartialObject } from './ports.ts';

/** Kinds that stand between what an app brings and its pods, operators' and CronJobs' included. */
const between = [
  { group: 'apps', version: 'v1', kind: 'ReplicaSet' },
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  { group: 'apps', version: 'v1', kind: 'StatefulSet' },
  { group: 'apps', version: 'v1', kind: 'DaemonSet' },
  { group: 'batch', version: 'v1', kind: 'Job' },
] as const;
const podKind = { group: '', version: 'v1', kind: 'Pod' };

/** What belongs to some objects: by owner references, whose controllers keep them, not by labels. */
export interface Beneath {
  /** Live pods, by namespace and name. */
  readonly pods: readonly KubeObject[];
  /** True for the objects, for what they own, and for what they must have owned by its name and is gone. */
  has(id: ObjectId): boolean;
}

/**
 * Finds the pods beneath objects. Throws FORBIDDEN where pods may not be listed; what stands between and may not be listed is left
 * out.
 */
export async function findBeneath(
  cluster: Cluster,
  roots: readonly ObjectId[],
  signal: AbortSignal,
): Promise<Beneath> {
  const namespaces = [...new Set(roots.map((root) => root.namespace).filter((one) => one !== ''))];
  const found = await Promise.all(namespaces.map((namespace) => readNamespace(cluster, namespace, signal)));
  const ours = new Set(roots.map(idKey));
  const controllers = found.flatMap((one) => one.controllers);
  // An operator's StatefulSet may own what another kind owns: as deep as there are kinds.
  for (const _depth of between)
    for (const item of controllers) if (isOwned(item, ours)) ours.add(keyOf(item));
  const pods = found.flatMap((one) => one.pods).filter((pod) => isOwned(pod, ours) || ours.has(keyOf(pod)));
  for (const pod of pods) ours.add(keyOf(pod));
  const owners = [...roots, ...controllers.map(idOf)].filter((one) => runsPods(one) && ours.has(idKey(one)));
  return {
    pods: pods.sort(byName),
    has: (id) => ours.has(idKey(id)) || owners.some((owner) => wasOf(id, owner)),
  };
}

async function readNamespace(cluster: Cluster, namespace: string, signal: AbortSignal) {
  const [pods, ...lists] = await Promise.all([
    cluster.list(podKind, { namespace, signal }),
    ...between.map(async (kind) => {
      const { items } = await orNothing(cluster.listMetadata(kind, { namespace, signal }), nothing);
      return items.map((item) => ({ ...item, ...typed(kind) }));
    }),
  ]);
  return { pods: pods.items.map((pod) => ({ ...pod, ...typed(podKind) })), controllers: lists.flat() };
}

const nothing = { items: [] as readonly PartialObject[], resourceVersion: '' };

/** Items of a list need not say what they are. */
function typed(kind: { readonly group: string; readonly version: string; readonly kind: string }) {
  return { apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`, kind: kind.kind };
}

function idOf({ apiVersion, kind, metadata }: PartialObject): ObjectRef {
  return { ...parseApiVersion(apiVersion), kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

function keyOf(item: PartialObject): string {
  return idKey(idOf(item));
}

function isOwned({ metadata }: PartialObject, ours: ReadonlySet<string>): boolean {
  return (metadata.ownerReferences ?? []).some(({ apiVersion, kind, name }) =>
    ours.has(idKey({ ...parseApiVersion(apiVersion), kind, namespace: metadata.namespace ?? '', name })),
  );
}

/** How controllers name what they make: for events about what is gone. */
const madeNames: Readonly<Record<string, (kind: string) => RegExp | undefined>> = {
  Deployment: (kind) =>
    kind === 'ReplicaSet'
      ? /^-[a-z0-9]{6,10}$/
      : kind === 'Pod'
        ? /^-[a-z0-9]{6,10}-[a-z0-9]{5}$/
        : undefined,
  ReplicaSet: (kind) => (kind === 'Pod' ? /^-[a-z0-9]{5}$/ : undefined),
  DaemonSet: (kind) => (kind === 'Pod' ? /^-[a-z0-9]{5}$/ : undefined),
  Job: (kind) => (kind === 'Pod' ? /^-[a-z0-9]{5}$/ : undefined),
  StatefulSet: (kind) => (kind === 'Pod' ? /^-\d+$/ : undefined),
};

function wasOf(id: ObjectId, owner: ObjectId): boolean {
  if (id.namespace !== owner.namespace) return false;
  if (id.kind === 'PersistentVolumeClaim' && owner.kind === 'StatefulSet')
    return /-\d+$/.test(id.name) && id.name.replace(/-\d+$/, '').endsWith(`-${owner.name}`);
  const pattern = madeNames[owner.kind]?.(id.kind);
  return (
    pattern !== undefined && id.name.startsWith(owner.name) && pattern.test(id.name.slice(owner.name.length))
  );
}

function byName(a: KubeObject, b: KubeObject): number {
  const [left, right] = [a, b].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`) as [
    string,
    string,
  ];
  return left < right ? -1 : left > right ? 1 : 0;
}
