import type { ApiError } from '../../domain/errors.ts';
import { parseExact } from '../../domain/exact-json.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import type { GroupVersionKind, KubeObject } from '../../domain/objects.ts';
import type { PartialObject, WatchEvent, WatchOptions } from '../../services/ports.ts';
import { type Api, typeOf } from './api.ts';
import { apiError, parseRefusal } from './api-errors.ts';
import { LostConnection } from './connection.ts';
import { pause } from './deadline.ts';
import { collectionPath, withQuery } from './paths.ts';
import { METADATA, toPartial } from './reads.ts';

/** The server ends a watch after this time in good order: between 5 and 10 minutes, so that not all come back at once. */
const SHORTEST = 300;
const SPREAD = 300;
/** Longest event: an object is at most 1.5 MiB in etcd; some room for how it is written. */
const LONGEST_LINE = 32 * 1024 * 1024;
/** Pause before a watch that broke off is opened again. */
const REOPEN_AFTER = 200;

/** Changes of whole objects. */
export function watchObjects(
  api: Api,
  kind: GroupVersionKind,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<KubeObject>> {
  return watchKind(api, kind, options, 'application/json', (object) => object as KubeObject);
}

/** Changes of metadata: for Secrets always. */
export function watchObjectMetadata(
  api: Api,
  kind: GroupVersionKind,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<PartialObject>> {
  return watchKind(api, kind, options, METADATA, (object) => toPartial(kind, object));
}

/** Opens the watch again, from where it was, as often as the connection is lost. */
async function* watchKind<T>(
  api: Api,
  kind: GroupVersionKind,
  options: WatchOptions,
  accept: string,
  convert: (object: JsonObject) => T,
): AsyncGenerator<WatchEvent<T>> {
  let resourceVersion = options.resourceVersion;
  while (!options.signal.aborted) {
    try {
      for await (const event of openWatch(api, kind, { ...options, resourceVersion }, accept)) {
        const { type, object } = checkEvent(event, kind);
        resourceVersion = versionOf(object) || resourceVersion;
        if (type === 'BOOKMARK') yield { type: 'bookmark', resourceVersion };
        else if (type in kinds) yield { type: kinds[type as keyof typeof kinds], object: convert(object) };
      }
      return;
    } catch (error) {
      if (options.signal.aborted) return;
      if (!(error instanceof LostConnection)) throw error;
      await pause(REOPEN_AFTER, options.signal).catch(() => undefined);
    }
  }
}

const kinds = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const;

async function* openWatch(
  api: Api,
  kind: GroupVersionKind,
  options: WatchOptions,
  accept: string,
): AsyncGenerator<JsonObject> {
  const type = await typeOf(api, kind, options.signal);
  const chunks = api.transport.stream({
    method: 'GET',
    path: withQuery(collectionPath(type, options.namespace ?? ''), {
      watch: 1,
      allowWatchBookmarks: 'true',
      resourceVersion: options.resourceVersion,
      timeoutSeconds: SHORTEST + Math.floor(Math.random() * SPREAD),
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    }),
    accept,
    subject: kind.kind,
    safety: 'repeat',
    signal: options.signal,
  });
  for await (const line of lines(chunks)) yield parseLine(line);
}

/** Splits into lines; what the connection broke off in the middle is dropped and comes again. */
export async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new LostConnection('unknown', 'an event that is too long');
    for (const part of parts) if (part !== '') yield part;
  }
}

function parseLine(line: string): JsonObject {
  const event = parseExact(line);
  return isObject(event) ? event : {};
}

/** An ERROR event carries a Status: 410 where the resourceVersion is too old. */
function checkEvent(event: JsonObject, kind: GroupVersionKind): { type: string; object: JsonObject } {
  const object = isObject(event.object) ? event.object : {};
  if (event.type !== 'ERROR') return { type: String(event.type), object };
  const error: ApiError = apiError(
    parseRefusal(Number(object.code ?? 500), JSON.stringify(object)),
    kind.kind,
  );
  throw error;
}

function versionOf(object: JsonObject): string {
  return isObject(object.metadata) ? String(object.metadata.resourceVersion ?? '') : '';
}
