import { ApiError } from '../../../src/domain/errors.ts';
import {
  apiVersionsOf,
  type GroupVersionKind,
  type KubeObject,
  type ObjectRef,
} from '../../../src/domain/objects.ts';
import type {
  Cluster,
  List,
  ListOptions,
  PartialObject,
  ResourceType,
  WatchEvent,
  WatchOptions,
} from '../../../src/services/ports.ts';
import { findKind, needKind, served, servedKinds } from './backend.ts';
import type { ServedKind } from './kinds.ts';
import { selects } from './selectors.ts';
import type { View } from './world.ts';

type ReadSide = Pick<
  Cluster,
  | 'uid'
  | 'resourceType'
  | 'resourceTypes'
  | 'apiVersions'
  | 'get'
  | 'getMetadata'
  | 'getImmutable'
  | 'list'
  | 'listMetadata'
  | 'watch'
  | 'watchMetadata'
>;

const systemNamespace = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'kube-system' };

/** The methods that change nothing. */
export function readSide(view: View): ReadSide {
  return {
    async uid(signal) {
      try {
        return (await get(view, systemNamespace, true, signal))?.metadata.uid ?? '';
      } catch (error) {
        if (error instanceof ApiError && error.failure.status === 403) return '';
        throw error;
      }
    },
    resourceType: async (kind) => typeOf(findKind(view.store, kind)),
    resourceTypes: async () => preferred(servedKinds(view.store)),
    apiVersions: async () => apiVersionsOf(servedKinds(view.store)),
    get: (ref, signal) => get(view, ref, false, signal),
    getImmutable: (ref, signal) => get(view, ref, false, signal),
    async getMetadata(ref, signal) {
      const object = await get(view, ref, true, signal);
      return object === undefined ? undefined : metadataOf(object);
    },
    list: (kind, how) => list(view, kind, how, false),
    async listMetadata(kind, how) {
      const { items, resourceVersion } = await list(view, kind, how, true);
      return { items: items.map(metadataOf), resourceVersion };
    },
    watch: (kind, how) => watch(view, kind, how, false),
    async *watchMetadata(kind, how) {
      for await (const event of watch(view, kind, how, true)) {
        yield event.type === 'bookmark' ? event : { type: event.type, object: metadataOf(event.object) };
      }
    },
  };
}

async function get(
  { store, gate }: View,
  ref: ObjectRef,
  metadataOnly: boolean,
  signal: AbortSignal | undefined,
): Promise<KubeObject | undefined> {
  const kind = needKind(store, ref);
  await gate.pass('get', kind, ref, { metadataOnly, signal });
  const live = store.get({ ...ref, namespace: kind.namespaced ? ref.namespace : '' });
  return live === undefined ? undefined : served(live, kind);
}

async function list(
  { store, gate }: View,
  wanted: GroupVersionKind,
  how: ListOptions,
  metadataOnly: boolean,
): Promise<List<KubeObject>> {
  const kind = needKind(store, wanted);
  await gate.pass('list', kind, scopeOf(how), { metadataOnly, signal: how.signal });
  const items = store
    .all(kind)
    .filter((object) => selects(how, object))
    .sort((a, b) => placeOf(a).localeCompare(placeOf(b)))
    .map((object) => served(object, kind));
  return { items, resourceVersion: String(store.version) };
}

async function* watch(
  { store, gate, watches }: View,
  wanted: GroupVersionKind,
  how: WatchOptions,
  metadataOnly: boolean,
): AsyncGenerator<WatchEvent<KubeObject>> {
  if (how.signal.aborted) return;
  const kind = needKind(store, wanted);
  await gate.pass('watch', kind, scopeOf(how), { metadataOnly });
  yield* watches.open(kind, how);
}

function scopeOf({ namespace }: ListOptions): { readonly namespace?: string } {
  return namespace === undefined ? {} : { namespace };
}

function placeOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** An object without its payload. */
export function metadataOf({ apiVersion, kind, metadata }: KubeObject): PartialObject {
  return { apiVersion, kind, metadata };
}

function typeOf(kind: ServedKind | undefined): ResourceType | undefined {
  if (kind === undefined) return undefined;
  const { generation: _generation, status: _status, ...type } = kind;
  return type;
}

function preferred(kinds: readonly ServedKind[]): ResourceType[] {
  const first = new Map<string, ServedKind>();
  for (const kind of kinds) {
    const key = `${kind.group}/${kind.kind}`;
    if (!first.has(key)) first.set(key, kind);
  }
  return [...first.values()].map(typeOf).filter((type) => type !== undefined);
}
