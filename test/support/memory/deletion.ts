import { type KubeObject, type ObjectRef, parseApiVersion } from '../../../src/domain/objects.ts';
import type { DeleteOptions } from '../../../src/services/ports.ts';
import { needKind } from './backend.ts';
import { conflict, type Target } from './refusals.ts';
import { idOf, type Store } from './store.ts';

type Outcome = 'gone' | 'terminating' | 'absent';

/** DELETE. What has finalizers, is a namespace, or has a grace period stays for a while, marked. */
export function remove(store: Store, ref: ObjectRef, options: DeleteOptions, now: () => Date): Outcome {
  const kind = needKind(store, ref);
  const target = { kind, namespace: kind.namespaced ? ref.namespace : '', name: ref.name };
  const live = store.get({ ...kind, namespace: target.namespace, name: target.name });
  if (live === undefined) return 'absent';
  checkPreconditions(target, live, options);
  const holds = finalizersOf(live, options);
  if (options.dryRun === true) return holds.length > 0 ? 'terminating' : 'gone';
  if (live.kind === 'CustomResourceDefinition') removeInstances(store, live);
  if (holds.length === 0 && !isGraceful(live)) {
    store.remove(idOf(live));
    return 'gone';
  }
  if (live.metadata.deletionTimestamp === undefined) mark(store, live, holds, now);
  return 'terminating';
}

/** A CRD takes every object of its kind with it (finalizer `customresourcecleanup.apiextensions.k8s.io`). */
function removeInstances(store: Store, crd: KubeObject): void {
  const names = crd.spec?.names as { readonly kind: string };
  for (const one of store.all({ group: String(crd.spec?.group), kind: names.kind })) store.remove(idOf(one));
}

function checkPreconditions(target: Target, live: KubeObject, { uid, resourceVersion }: DeleteOptions): void {
  if (uid !== undefined && uid !== live.metadata.uid) {
    const which = `the UID in the precondition (${uid}) does not match the UID in record (${live.metadata.uid})`;
    throw conflict(target, `${which}. The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
    const which = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${live.metadata.resourceVersion})`;
    throw conflict(target, `${which}. The object might have been modified`);
  }
}

/** Finalizers of the object and those that the propagation adds (the garbage collector takes them away again). */
function finalizersOf(live: KubeObject, { propagation }: DeleteOptions): string[] {
  const own = live.metadata.finalizers ?? [];
  if (propagation === 'Foreground') return [...own, 'foregroundDeletion'];
  return propagation === 'Orphan' ? [...own, 'orphan'] : own;
}

/** A namespace goes once it is empty, a pod on a node once its containers have ended. */
function isGraceful(live: KubeObject): boolean {
  return live.kind === 'Namespace' || (live.kind === 'Pod' && live.spec?.nodeName !== undefined);
}

function mark(store: Store, live: KubeObject, finalizers: string[], now: () => Date): void {
  const marked = structuredClone(live);
  marked.metadata.deletionTimestamp = `${now().toISOString().slice(0, 19)}Z`;
  if (finalizers.length > 0) marked.metadata.finalizers = [...new Set(finalizers)];
  if (marked.metadata.generation !== undefined) marked.metadata.generation++;
  if (live.kind === 'Namespace') marked.status = { ...marked.status, phase: 'Terminating' };
  store.put(marked);
}

/**
 * What the garbage collector, the namespace controller and the kubelet do after deletions: one step of all that is due.
 * True where something was done, so that there may be more.
 */
export function collectGarbage(store: Store, now: () => Date): boolean {
  const all = store.all();
  const uids = new Set(all.map((object) => object.metadata.uid));
  let done = false;
  for (const object of all) done = collectOne(store, object, { all, uids, now }) || done;
  return done;
}

interface Cycle {
  readonly all: readonly KubeObject[];
  readonly uids: ReadonlySet<string | undefined>;
  readonly now: () => Date;
}

function collectOne(store: Store, object: KubeObject, cycle: Cycle): boolean {
  const { deletionTimestamp, finalizers = [], ownerReferences = [] } = object.metadata;
  const orphaned = ownerReferences.length > 0 && ownerReferences.every((owner) => !cycle.uids.has(owner.uid));
  const terminating = deletionTimestamp !== undefined;
  if (orphaned && !terminating) return erase(store, object, {}, cycle.now);
  if (terminating && finalizers.includes('orphan')) return orphanDependents(store, object, cycle.all);
  if (terminating && finalizers.includes('foregroundDeletion')) return endForeground(store, object, cycle);
  if (terminating && object.kind === 'Namespace') return emptyNamespace(store, object, cycle);
  if (terminating && finalizers.length === 0) {
    store.remove(idOf(object));
    return true;
  }
  return false;
}

function erase(store: Store, object: KubeObject, options: DeleteOptions, now: () => Date): boolean {
  const { version } = parseApiVersion(object.apiVersion);
  return remove(store, { ...idOf(object), version }, options, now) !== 'absent';
}

function dependentsOf(object: KubeObject, all: readonly KubeObject[]): KubeObject[] {
  return all.filter((one) =>
    one.metadata.ownerReferences?.some((owner) => owner.uid === object.metadata.uid),
  );
}

function withoutFinalizer(object: KubeObject, finalizer: string): KubeObject {
  const finalizers = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

function orphanDependents(store: Store, object: KubeObject, all: readonly KubeObject[]): boolean {
  for (const dependent of dependentsOf(object, all)) {
    const owners = dependent.metadata.ownerReferences ?? [];
    const others = owners.filter((owner) => owner.uid !== object.metadata.uid);
    const { ownerReferences: _owners, ...metadata } = dependent.metadata;
    const kept = others.length === 0 ? metadata : { ...metadata, ownerReferences: others };
    store.put({ ...dependent, metadata: kept });
  }
  return putOrRemove(store, withoutFinalizer(object, 'orphan'));
}

function endForeground(store: Store, object: KubeObject, { all, now }: Cycle): boolean {
  const dependents = dependentsOf(object, all);
  if (dependents.length === 0) return putOrRemove(store, withoutFinalizer(object, 'foregroundDeletion'));
  const waiting = dependents.filter((one) => one.metadata.deletionTimestamp === undefined);
  return waiting.map((one) => erase(store, one, {}, now)).includes(true);
}

function putOrRemove(store: Store, object: KubeObject): boolean {
  if (object.metadata.finalizers?.length) store.put(object);
  else store.remove(idOf(object));
  return true;
}

function emptyNamespace(store: Store, namespace: KubeObject, { all, now }: Cycle): boolean {
  const inside = all.filter((one) => one.metadata.namespace === namespace.metadata.name);
  if (inside.length === 0 && !namespace.metadata.finalizers?.length) {
    store.remove(idOf(namespace));
    return true;
  }
  const waiting = inside.filter((one) => one.metadata.deletionTimestamp === undefined);
  return waiting.map((one) => erase(store, one, {}, now)).includes(true);
}
