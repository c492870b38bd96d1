import { isObject, type Json, type JsonObject } from '../../domain/json.ts';
import { displayId, type KubeObject, type ObjectRef, refOf } from '../../domain/objects.ts';
import type { ApplyOptions, DeleteOptions, PartialObject, WriteOptions } from '../../services/ports.ts';
import { type Api, withType } from './api.ts';
import { collectionPath, objectPath, withQuery } from './paths.ts';
import { getObject, isAbsent, METADATA, toPartial } from './reads.ts';
import type { ApiRequest } from './transport.ts';

/** Manager of what is created or replaced as a whole, which is our own records alone. */
const WRITER = 'appstore';

/** Unknown and duplicate fields are an error, as kubectl asks for: a typing mistake in a package is not dropped in silence. */
const STRICT = { fieldValidation: 'Strict' };

/** POST. */
export async function createObject(
  api: Api,
  object: KubeObject,
  options: WriteOptions & { readonly fieldManager?: string } = {},
): Promise<KubeObject> {
  const ref = refOf(object);
  const answer = await withType(api, ref, options.signal, (type) =>
    api.transport.json({
      ...common(ref, options),
      method: 'POST',
      path: withQuery(collectionPath(type, ref.namespace), {
        fieldManager: options.fieldManager ?? WRITER,
        ...STRICT,
        ...dryRun(options),
      }),
      body: object as JsonObject,
      safety: 'settle',
      settle: () => written(api, ref, object, options),
    }),
  );
  return answer as KubeObject;
}

/** PUT. */
export async function replaceObject(
  api: Api,
  object: KubeObject,
  options: WriteOptions = {},
): Promise<KubeObject> {
  const ref = refOf(object);
  const guarded = object.metadata.resourceVersion !== undefined || options.dryRun === true;
  const answer = await withType(api, ref, options.signal, (type) =>
    api.transport.json({
      ...common(ref, options),
      method: 'PUT',
      path: withQuery(objectPath(type, ref), { fieldManager: WRITER, ...STRICT, ...dryRun(options) }),
      body: object as JsonObject,
      safety: guarded ? 'settle' : 'once',
      settle: () => written(api, ref, object, options),
    }),
  );
  return answer as KubeObject;
}

/** Server-side apply; forced only where the options say so. */
export async function applyObject(api: Api, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
  return (await apply(api, object, options, 'application/json')) as KubeObject;
}

/** Server-side apply that answers metadata alone. */
export async function applyObjectMetadata(
  api: Api,
  object: KubeObject,
  options: ApplyOptions,
): Promise<PartialObject> {
  return toPartial(refOf(object), await apply(api, object, options, METADATA));
}

function apply(api: Api, object: KubeObject, options: ApplyOptions, accept: string): Promise<JsonObject> {
  const ref = refOf(object);
  const force = options.force === true ? { force: 'true' } : {};
  const query = { fieldManager: options.fieldManager, ...force, ...STRICT, ...dryRun(options) };
  return withType(api, ref, options.signal, (type) =>
    api.transport.json({
      ...common(ref, options),
      method: 'PATCH',
      path: withQuery(objectPath(type, ref), query),
      accept,
      contentType: 'application/apply-patch+yaml',
      body: object as JsonObject,
      safety: 'repeat',
    }),
  );
}

/** JSON merge patch. It says what the fields shall be, so that a second time changes nothing. */
export async function mergePatchObject(
  api: Api,
  ref: ObjectRef,
  patch: JsonObject,
  options: WriteOptions & { readonly fieldManager?: string } = {},
): Promise<KubeObject> {
  const query = { fieldManager: options.fieldManager ?? WRITER, ...STRICT, ...dryRun(options) };
  const answer = await withType(api, ref, options.signal, (type) =>
    api.transport.json({
      ...common(ref, options),
      method: 'PATCH',
      path: withQuery(objectPath(type, ref), query),
      contentType: 'application/merge-patch+json',
      body: patch,
      safety: 'repeat',
    }),
  );
  return answer as KubeObject;
}

/** DELETE. */
export async function deleteObject(
  api: Api,
  ref: ObjectRef,
  options: DeleteOptions = {},
): Promise<'gone' | 'terminating' | 'absent'> {
  try {
    const answer = await withType(api, ref, options.signal, (type) =>
      api.transport.json({
        ...common(ref, options),
        method: 'DELETE',
        path: objectPath(type, ref),
        body: deleteBody(options),
        // With a UID, a second request can only meet the same object or none.
        safety: options.uid !== undefined || options.dryRun === true ? 'repeat' : 'once',
      }),
    );
    return isTerminating(answer) ? 'terminating' : 'gone';
  } catch (error) {
    if (isAbsent(error)) return 'absent';
    throw error;
  }
}

function deleteBody({ uid, resourceVersion, propagation, dryRun: dry }: DeleteOptions): JsonObject {
  const preconditions = {
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: propagation ?? 'Background',
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    ...(dry === true ? { dryRun: ['All'] } : {}),
  };
}

/** The answer is a Status or the object as it was last; one that finalizers or a grace period hold has its deletion time set. */
function isTerminating(answer: JsonObject): boolean {
  return isObject(answer.metadata) && answer.metadata.deletionTimestamp !== undefined;
}

function common(
  ref: ObjectRef,
  { signal, guard }: WriteOptions,
): Pick<ApiRequest, 'subject' | 'signal' | 'guard'> {
  return {
    subject: displayId(ref),
    ...(signal === undefined ? {} : { signal }),
    ...(guard === undefined ? {} : { guard }),
  };
}

function dryRun(options: WriteOptions): { dryRun?: string } {
  return options.dryRun === true ? { dryRun: 'All' } : {};
}

/**
 * A repeated write that finds a conflict may have met its own first try, whose answer was lost. It did where the object holds
 * all that was sent; its UID and resourceVersion are the server's own.
 */
async function written(
  api: Api,
  ref: ObjectRef,
  sent: KubeObject,
  { signal }: WriteOptions,
): Promise<JsonObject | undefined> {
  const live = await getObject(api, ref, signal);
  const { resourceVersion: _, managedFields: __, ...metadata } = sent.metadata;
  return live !== undefined && holds(live, { ...sent, metadata: { ...metadata } as unknown as JsonObject })
    ? live
    : undefined;
}

/** True where everything of `part` is in `whole`; what the server added does not count. */
function holds(whole: Json | undefined, part: Json | undefined): boolean {
  if (part === undefined) return true;
  if (isObject(part))
    return isObject(whole) && Object.entries(part).every(([key, value]) => holds(whole[key], value));
  if (Array.isArray(part)) {
    return (
      Array.isArray(whole) &&
      whole.length === part.length &&
      part.every((value, index) => holds(whole[index], value))
    );
  }
  return whole === part;
}
