import { createHash } from 'node:crypto';
import type { InventoryEntry } from './inventory.ts';
import type { KubeObject, ObjectMeta } from './objects.ts';

/** The field manager of every apply. Never forced. */
export const fieldManager = 'appstore';

/** Holds `replicas` at its live value while an autoscaler takes over, so that leaving it out does not drop it to 1. */
export const replicasManager = 'appstore-replicas';

/** Labels and annotations of ApplySets (KEP-3659) and the recommended labels of Kubernetes. */
export const ownershipKeys = {
  partOf: 'applyset.kubernetes.io/part-of',
  applySetId: 'applyset.kubernetes.io/id',
  tooling: 'applyset.kubernetes.io/tooling',
  managedBy: 'app.kubernetes.io/managed-by',
  instance: 'app.kubernetes.io/instance',
  /** On every object of a record and on the Lease: the name of the installation. */
  installation: 'appstore.dev/installation',
  /** On a namespace that an install made: the name of that installation. */
  createdFor: 'appstore.dev/created-for',
  /** On volumes and passwords that a removal left: `catalog/name` of the app. */
  leftBy: 'appstore.dev/left-by',
} as const;

/** Name of the ConfigMap that is the index of an installation and the parent of its ApplySet. */
export function indexName(name: string): string {
  return `appstore.${name}`;
}

/** Name of the Secret with the generated secrets of an installation. */
export function generatedName(name: string): string {
  return `${indexName(name)}.generated`;
}

/**
 * The ApplySet ID of an installation: `applyset-<base64url(sha256(<name>.<namespace>.<kind>.<group>))>-v1` of the parent
 * object (KEP-3659, "ApplySet identification"). 55 characters, so it fits a label value.
 */
export function applySetId(namespace: string, name: string): string {
  const parent = `${indexName(name)}.${namespace}.ConfigMap.`;
  return `applyset-${createHash('sha256').update(parent).digest('base64url')}-v1`;
}

/**
 * A copy of an object that says whose it is. On `metadata.labels` only: a label in a selector or pod template could never be
 * taken away again. `managed-by` and `instance` are the package's where it sets them, and never decide.
 */
export function stampOwnership(
  object: KubeObject,
  installation: { readonly namespace: string; readonly name: string },
): KubeObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: {
        [ownershipKeys.managedBy]: 'appstore',
        [ownershipKeys.instance]: installation.name,
        ...object.metadata.labels,
        [ownershipKeys.partOf]: applySetId(installation.namespace, installation.name),
      },
    },
  };
}

/** `owner` is for people: it names who has the object. */
export type Ownership =
  | { readonly state: 'free' }
  | { readonly state: 'ours' }
  | { readonly state: 'adoptable'; readonly reason: string }
  | {
      readonly state: 'foreign';
      readonly owner: string;
      /** The Helm release, where it is one: whether that still exists shows in the cluster alone. */
      readonly helm?: { readonly namespace: string; readonly name: string };
      /** The ApplySet, where it is that of another installation: the same. */
      readonly applySet?: string;
    };

type LiveMetadata = Pick<
  ObjectMeta,
  'uid' | 'labels' | 'annotations' | 'ownerReferences' | 'managedFields'
> & { readonly namespace?: string };

/** Marks that other tools leave on what they own. The first that fits names the owner. */
const foreignMarks: readonly {
  readonly tool: string;
  readonly in: 'labels' | 'annotations';
  readonly name: string;
  readonly namespace?: string;
  readonly reason: string;
}[] = [
  {
    tool: 'Helm release',
    in: 'annotations',
    name: 'meta.helm.sh/release-name',
    namespace: 'meta.helm.sh/release-namespace',
    reason: 'Helm refuses to share an object that carries it (helm pkg/action/validate.go)',
  },
  {
    tool: 'Argo CD application',
    in: 'annotations',
    name: 'argocd.argoproj.io/tracking-id',
    reason: 'resource tracking by annotation',
  },
  {
    tool: 'Argo CD application',
    in: 'labels',
    name: 'argocd.argoproj.io/instance',
    reason: 'resource tracking by label',
  },
  {
    tool: 'Flux Kustomization',
    in: 'labels',
    name: 'kustomize.toolkit.fluxcd.io/name',
    namespace: 'kustomize.toolkit.fluxcd.io/namespace',
    reason: 'owner labels of the kustomize controller',
  },
  {
    tool: 'Flux HelmRelease',
    in: 'labels',
    name: 'helm.toolkit.fluxcd.io/name',
    namespace: 'helm.toolkit.fluxcd.io/namespace',
    reason: 'origin labels of the helm controller',
  },
  {
    tool: 'Timoni instance',
    in: 'labels',
    name: 'instance.timoni.sh/name',
    namespace: 'instance.timoni.sh/namespace',
    reason: 'owner labels of Timoni',
  },
  { tool: 'kapp application', in: 'labels', name: 'kapp.k14s.io/app', reason: 'ownership label of kapp' },
  {
    tool: 'Operator Lifecycle Manager',
    in: 'labels',
    name: 'olm.owner',
    namespace: 'olm.owner.namespace',
    reason: 'owner label of OLM',
  },
  {
    tool: 'cluster add-on',
    in: 'labels',
    name: 'addonmanager.kubernetes.io/mode',
    reason: 'the add-on manager of the control plane reconciles it',
  },
];

type Foreign = Extract<Ownership, { state: 'foreign' }>;

function markedOwner(live: LiveMetadata): Foreign | undefined {
  for (const mark of foreignMarks) {
    const marks = live[mark.in] ?? {};
    const name = marks[mark.name];
    if (name === undefined) continue;
    const namespace = mark.namespace === undefined ? undefined : marks[mark.namespace];
    const owner = `${mark.tool} ${namespace === undefined ? name : `${namespace}/${name}`}`;
    const helm =
      mark.tool === 'Helm release' ? { namespace: namespace ?? live.namespace ?? '', name } : undefined;
    return { state: 'foreign', owner, ...(helm === undefined ? {} : { helm }) };
  }
  return undefined;
}

function applySetOwner(live: LiveMetadata, ours: string): Foreign | undefined {
  const partOf = live.labels?.[ownershipKeys.partOf];
  if (partOf === undefined || partOf === ours) return undefined;
  const instance = live.labels?.[ownershipKeys.instance];
  const byUs = live.managedFields?.some((entry) => entry.manager === fieldManager) === true;
  if (!byUs) return { state: 'foreign', owner: `ApplySet ${partOf}` };
  const owner =
    instance === undefined
      ? `another appstore installation (${partOf})`
      : `appstore installation ${instance} (${partOf})`;
  return { state: 'foreign', owner, applySet: partOf };
}

function controllerOwner(live: LiveMetadata): string | undefined {
  const owner = live.ownerReferences?.find((reference) => reference.controller === true);
  return owner === undefined ? undefined : `${owner.kind} ${owner.name}`;
}

/**
 * True where the recorded object is the live one. Another UID is still ours where our manager applied it: an operation that
 * recreated the object may have been cut before it could record the new UID.
 */
function sameObject(live: LiveMetadata, entry: InventoryEntry): boolean {
  return (
    entry.uid === '' ||
    entry.uid === live.uid ||
    live.managedFields?.some((field) => field.manager === fieldManager && field.operation === 'Apply') ===
      true
  );
}

/**
 * Whose a live object is. Ours = in the recorded or pending inventory and carrying our part-of id; the label alone is only
 * adoptable, because anyone may write a label.
 * @param live Metadata as read from the cluster; undefined where there is no such object.
 */
export function classifyOwner(
  live: LiveMetadata | undefined,
  known: { readonly applySetId: string; readonly entry?: InventoryEntry | undefined },
): Ownership {
  if (live === undefined) return { state: 'free' };
  const labelled = live.labels?.[ownershipKeys.partOf] === known.applySetId;
  if (known.entry !== undefined && labelled && sameObject(live, known.entry)) return { state: 'ours' };
  const named = applySetOwner(live, known.applySetId);
  const marked = named ?? markedOwner(live);
  const controller = controllerOwner(live);
  // What has a controller is its, whatever other marks say that are left over.
  if (marked !== undefined && controller === undefined) return marked;
  const owner = marked?.owner ?? controller;
  if (owner !== undefined) return { state: 'foreign', owner };
  return { state: 'adoptable', reason: adoptableReason(labelled, known.entry) };
}

function adoptableReason(labelled: boolean, entry: InventoryEntry | undefined): string {
  if (labelled && entry !== undefined) return 'it was deleted and created again by someone else';
  if (labelled) return 'it carries the label of this installation but is not in its record';
  if (entry !== undefined) return 'it lost the label of this installation';
  return 'it has no owner';
}
