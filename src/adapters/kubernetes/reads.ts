import { ApiError } from '../../domain/errors.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import {
  displayId,
  formatApiVersion,
  type GroupVersionKind,
  type KubeObject,
  type ObjectRef,
} from '../../domain/objects.ts';
import type { List, ListOptions, PartialObject, ResourceType } from '../../services/ports.ts';
import { type Api, withType } from './api.ts';
import { collectionPath, objectPath, withQuery } from './paths.ts';

/** Accept headers for metadata alone; an aggregated API server that does not know them answers whole objects. */
export const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
export const METADATA_LIST =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** Objects a page: client-go's number. Metadata is small, so more of it fits into one answer. */
const PAGE = 500;
const METADATA_PAGE = 5_000;

/** One object; undefined where there is none, and only then. */
export async function getObject(
  api: Api,
  ref: ObjectRef,
  signal?: AbortSignal,
): Promise<KubeObject | undefined> {
  return (await read(api, ref, 'application/json', signal)) as KubeObject | undefined;
}

/**
 * One object that never changes, out of the cache of the API server (`resourceVersion=0`); asked for at its source where that does not
 * know it: it may be younger than the cache.
 */
export async function getImmutableObject(
  api: Api,
  ref: ObjectRef,
  signal?: AbortSignal,
): Promise<KubeObject | undefined> {
  const cached = await read(api, ref, 'application/json', signal, CACHED);
  return cached === undefined ? getObject(api, ref, signal) : (cached as unknown as KubeObject);
}

/** Metadata of one object. */
export async function getObjectMetadata(
  api: Api,
  ref: ObjectRef,
  signal?: AbortSignal,
): Promise<PartialObject | undefined> {
  const answer = await read(api, ref, METADATA, signal);
  return answer === undefined ? undefined : toPartial(ref, answer);
}

/** The UID of an object that is never made anew. */
export async function getUid(api: Api, ref: ObjectRef, signal?: AbortSignal): Promise<string | undefined> {
  const answer = await read(api, ref, METADATA, signal, CACHED);
  return answer === undefined ? undefined : toPartial(ref, answer).metadata.uid;
}

/** Whatever the API server remembers: no quorum of etcd is asked (Kubernetes docs, API concepts, resource versions). */
const CACHED = { resourceVersion: '0' };

async function read(
  api: Api,
  ref: ObjectRef,
  accept: string,
  signal?: AbortSignal,
  query: Readonly<Record<string, string>> = {},
) {
  try {
    return await withType(api, ref, signal, (type) =>
      api.transport.json({
        method: 'GET',
        path: withQuery(objectPath(type, ref), query),
        accept,
        subject: displayId(ref),
        safety: 'repeat',
        ...(signal === undefined ? {} : { signal }),
      }),
    );
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** True for a 404 about the object or its namespace; a path that is not served is no answer about an object. */
export function isAbsent(error: unknown): boolean {
  return error instanceof ApiError && error.failure.status === 404 && error.code !== 'KIND_UNKNOWN';
}

/** All objects of a kind. */
export async function listObjects(
  api: Api,
  kind: GroupVersionKind,
  options: ListOptions,
): Promise<List<KubeObject>> {
  const { items, resourceVersion } = await listAll(api, kind, options, {
    accept: 'application/json',
    page: PAGE,
  });
  const named = { apiVersion: formatApiVersion(kind), kind: kind.kind };
  return { items: items.map((item) => ({ ...item, ...named }) as KubeObject), resourceVersion };
}

/** Metadata of all objects of a kind. */
export async function listObjectMetadata(
  api: Api,
  kind: GroupVersionKind,
  options: ListOptions,
): Promise<List<PartialObject>> {
  const how = { accept: METADATA_LIST, page: METADATA_PAGE };
  const { items, resourceVersion } = await listAll(api, kind, options, how);
  return { items: items.map((item) => toPartial(kind, item)), resourceVersion };
}

/** An answer cut down to what was asked for, under the kind that was asked for. */
export function toPartial(kind: GroupVersionKind, answer: JsonObject): PartialObject {
  const metadata = answer.metadata as unknown as PartialObject['metadata'];
  return { apiVersion: formatApiVersion(kind), kind: kind.kind, metadata };
}

interface How {
  readonly accept: string;
  readonly page: number;
}

async function listAll(api: Api, kind: GroupVersionKind, options: ListOptions, how: How) {
  return withType(api, kind, options.signal, async (type) => {
    try {
      return await listPages(api, type, options, how);
    } catch (error) {
      const expired = error instanceof ApiError && error.failure.status === 410;
      if (!expired) throw error;
      // The pages outlived what etcd keeps of the past (five minutes): as client-go does, all at once.
      return listPages(api, type, options, { ...how, page: 0 });
    }
  });
}

async function listPages(api: Api, type: ResourceType, options: ListOptions, { accept, page }: How) {
  const items: JsonObject[] = [];
  let next = '';
  let resourceVersion = '';
  do {
    const answer = await api.transport.json({
      method: 'GET',
      path: withQuery(collectionPath(type, options.namespace ?? ''), {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: page === 0 ? undefined : page,
        continue: next,
      }),
      accept,
      subject: type.kind,
      safety: 'repeat',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    for (const item of Array.isArray(answer.items) ? answer.items : []) if (isObject(item)) items.push(item);
    const metadata = isObject(answer.metadata) ? answer.metadata : {};
    resourceVersion ||= String(metadata.resourceVersion ?? '');
    next = typeof metadata.continue === 'string' ? metadata.continue : '';
  } while (next !== '');
  return { items, resourceVersion };
}
