import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject } from '../../../src/domain/json.ts';
import type { KubeObject, ManagedFieldsEntry, ObjectRef } from '../../../src/domain/objects.ts';
import { checkNamespace, needKind, served, shapesOf, targetOf } from './backend.ts';
import { withDefaults } from './defaults.ts';
import { afterApply, afterUpdate, type Writer } from './managed-fields.ts';
import { alreadyExists, applyConflict, conflict, notFound, type Target } from './refusals.ts';
import type { Store } from './store.ts';
import { validate } from './validate.ts';

/** What a write needs to know besides the object. */
export interface WriteContext {
  readonly store: Store;
  readonly now: () => Date;
  readonly manager: string;
  readonly dryRun: boolean;
  /** True for an apply that takes fields from others. */
  readonly force?: boolean;
  /** Set for a write through the status subresource. */
  readonly subresource?: 'status';
}

function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function writerOf(context: WriteContext, target: Target, apiVersion: string): Writer {
  return {
    manager: context.manager,
    apiVersion,
    time: rfc3339(context.now()),
    shapeOf: shapesOf(context.store, target.kind),
    status: target.kind.status,
    ...(context.subresource === undefined ? {} : { subresource: context.subresource }),
  };
}

function liveOf(store: Store, target: Target): KubeObject | undefined {
  return store.get({ ...target.kind, namespace: target.namespace, name: target.name });
}

/** POST. */
export function create(context: WriteContext, object: KubeObject): KubeObject {
  const target = targetOf(context.store, object);
  checkNamespace(context.store, target);
  if (liveOf(context.store, target) !== undefined) throw alreadyExists(target);
  const made = withDefaults(born(context, target, object));
  const managedFields = afterUpdate(undefined, made, writerOf(context, target, object.apiVersion));
  return store(context, target, made, managedFields, undefined);
}

/** The object as it begins to exist; a status that was sent is dropped. */
function born(context: WriteContext, target: Target, object: KubeObject): KubeObject {
  const { resourceVersion: _version, managedFields: _fields, ...metadata } = object.metadata;
  const made: KubeObject = {
    ...object,
    metadata: {
      ...metadata,
      ...(target.kind.namespaced ? { namespace: target.namespace } : {}),
      uid: randomUUID(),
      creationTimestamp: rfc3339(context.now()),
      ...(target.kind.generation ? { generation: 1 } : {}),
    },
  };
  if (target.kind.status) delete made.status;
  return made;
}

/** PUT. */
export function replace(context: WriteContext, object: KubeObject): KubeObject {
  const target = targetOf(context.store, object);
  const live = liveOf(context.store, target);
  if (live === undefined) throw notFound(target);
  checkUnchanged(target, live, object);
  return update(context, target, live, object);
}

function checkUnchanged(target: Target, live: KubeObject, sent: KubeObject): void {
  const { uid, resourceVersion } = sent.metadata;
  if (uid !== undefined && uid !== live.metadata.uid) {
    const why = `StorageError: invalid object, Code: 4, Key: ${target.name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
    throw conflict(target, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion)
    throw conflict(target);
}

/** JSON merge patch. */
export function mergePatch(context: WriteContext, ref: ObjectRef, patch: JsonObject): KubeObject {
  const kind = needKind(context.store, ref);
  const target = { kind, namespace: kind.namespaced ? ref.namespace : '', name: ref.name };
  const live = liveOf(context.store, target);
  if (live === undefined) throw notFound(target);
  const patched = mergeValue(live, patch) as KubeObject;
  checkUnchanged(target, live, patched);
  return update(context, target, live, served(patched, kind));
}

/** RFC 7386. */
function mergeValue(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (value !== undefined) merged[key] = mergeValue(merged[key], value);
  }
  return merged;
}

function update(context: WriteContext, target: Target, live: KubeObject, sent: KubeObject): KubeObject {
  const after = withDefaults(
    context.subresource === 'status' ? { ...live, status: sent.status } : kept(target, live, sent),
  );
  const managedFields = afterUpdate(live, after, writerOf(context, target, sent.apiVersion));
  return store(context, target, after, managedFields, live);
}

/** What a client cannot change is as it was. */
function kept(target: Target, live: KubeObject, sent: KubeObject): KubeObject {
  const { uid, creationTimestamp, generation, deletionTimestamp, namespace } = live.metadata;
  const after: KubeObject = {
    ...sent,
    metadata: {
      ...sent.metadata,
      ...(uid === undefined ? {} : { uid }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(generation === undefined ? {} : { generation }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(namespace === undefined ? {} : { namespace }),
    },
  };
  if (!target.kind.status) return after;
  const { status: _sent, ...body } = after;
  return live.status === undefined ? body : { ...body, status: live.status };
}

/** Server-side apply. */
export function apply(context: WriteContext, object: KubeObject): KubeObject {
  const target = targetOf(context.store, object);
  const live = liveOf(context.store, target);
  if (live === undefined) checkNamespace(context.store, target);
  if (live !== undefined) checkUnchanged(target, live, object);
  const config = live === undefined ? born(context, target, object) : object;
  const applied = afterApply(
    live,
    config,
    writerOf(context, target, object.apiVersion),
    context.force === true,
  );
  if ('held' in applied) throw applyConflict(target, applied.held);
  return store(context, target, withDefaults(applied.object), applied.managedFields, live);
}

/** The last step of every write: generation, validation, and nothing at all where nothing changed. */
function store(
  context: WriteContext,
  target: Target,
  object: KubeObject,
  managedFields: ManagedFieldsEntry[],
  live: KubeObject | undefined,
): KubeObject {
  const after = structuredClone(object);
  after.metadata.managedFields = managedFields;
  if (live?.metadata.resourceVersion !== undefined)
    after.metadata.resourceVersion = live.metadata.resourceVersion;
  if (live !== undefined && isDeepStrictEqual(plain(live), plain(after))) return live;
  if (target.kind.generation && live !== undefined && !isDeepStrictEqual(body(live), body(after))) {
    after.metadata.generation = (live.metadata.generation ?? 0) + 1;
  }
  validate(target, after, live);
  if (context.dryRun) return served(after, target.kind);
  const stored = context.store.put(after);
  if (stored.metadata.deletionTimestamp !== undefined && !stored.metadata.finalizers?.length) {
    context.store.remove({ ...target.kind, namespace: target.namespace, name: target.name });
  }
  return served(stored, target.kind);
}

function plain(object: KubeObject): unknown {
  return JSON.parse(JSON.stringify(object));
}

function body({ metadata: _metadata, status: _status, ...rest }: KubeObject): unknown {
  return plain(rest as KubeObject);
}
