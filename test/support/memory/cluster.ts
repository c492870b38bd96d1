import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApiError, AppstoreError } from '../../../src/domain/errors.ts';
import {
  formatApiVersion,
  type GroupVersionKind,
  type KubeObject,
  type ObjectId,
  type ObjectRef,
  refOf,
} from '../../../src/domain/objects.ts';
import type {
  AccessQuestion,
  Cluster,
  ClusterTarget,
  ListOptions,
  PartialObject,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../../../src/services/ports.ts';
import { findKind, needKind, served, servedKinds } from './backend.ts';
import { establishCrds } from './crds.ts';
import { collectGarbage, remove } from './deletion.ts';
import type { ServedKind } from './kinds.ts';
import { openPodPort } from './pod-port.ts';
import { forbidden, invalid } from './refusals.ts';
import { seed } from './seed.ts';
import { selects } from './selectors.ts';
import { simulate } from './simulate.ts';
import { createStore, type Store } from './store.ts';
import { createWatches } from './watch.ts';
import { apply, create, mergePatch, replace, type WriteContext } from './writes.ts';

/** A request as it reached the cluster. */
export interface MemoryRequest {
  readonly verb:
    | 'get'
    | 'list'
    | 'watch'
    | 'create'
    | 'update'
    | 'patch'
    | 'delete'
    | 'access'
    | 'log'
    | 'portforward';
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly metadataOnly: boolean;
  readonly dryRun: boolean;
}

/** Whether a request is allowed, and why not. */
export type AccessPolicy = (
  question: AccessQuestion,
) => boolean | { readonly allowed: boolean; readonly reason: string };

export interface MemoryOptions {
  /** Whose requests these are; all is allowed where there is no policy. */
  readonly user?: string;
  readonly access?: AccessPolicy;
  /** Workloads become ready by themselves, as on a cluster with controllers and nodes. */
  readonly simulate?: boolean;
  readonly target?: Partial<ClusterTarget>;
  readonly version?: { readonly major: number; readonly minor: number; readonly gitVersion: string };
  readonly now?: () => Date;
  /** Last lines of containers by `namespace/pod/container`, `... previous` for the run before. */
  readonly logs?: Readonly<Record<string, string>>;
}

/** The in-memory cluster with what tests do to it. */
export interface MemoryCluster extends Cluster {
  /** Every request so far, in order. */
  readonly requests: MemoryRequest[];
  /** Refuses requests that fit with an error, so many times (for ever where not said). Returns what takes it back. */
  fail(
    matches: (request: MemoryRequest) => boolean,
    error: Error | (() => Error),
    times?: number,
  ): () => void;
  /** The same cluster as another user sees it, with requests and failures of its own. */
  as(user: string, access: AccessPolicy): MemoryCluster;
  /** Writes the status of an object, as its controller would. */
  setStatus(ref: ObjectRef, status: Readonly<Record<string, unknown>>): void;
  /** Waits until controllers and garbage collection have nothing more to do. */
  settle(): Promise<void>;
  /** Forgets the past, so that older resourceVersions are too old for a watch. */
  compact(): void;
  /** Sends a bookmark to every watch. */
  bookmark(): void;
  /** Ends every watch in good order. */
  endWatches(): void;
  /** How many watches are open. */
  openWatches(): number;
}

interface World {
  readonly store: Store;
  readonly watches: ReturnType<typeof createWatches>;
  readonly settle: () => Promise<void>;
}

/** A Kubernetes API in memory that passes the same contract suite as a real one (test/contract/cluster.ts). */
export function createMemoryCluster(options: MemoryOptions = {}): MemoryCluster {
  const now = options.now ?? (() => new Date());
  const store = createStore();
  seed(store, now, options.simulate === true);
  const settle = runControllers(store, now, options.simulate === true);
  return view({ store, watches: createWatches(store), settle }, options);
}

/** Runs controllers after every change, in a later turn; the answer waits until they rest. */
function runControllers(store: Store, now: () => Date, simulated: boolean): () => Promise<void> {
  let running: Promise<void> | undefined;
  const run = async () => {
    await nextTurn();
    while (establishCrds(store) || collectGarbage(store, now) || (simulated && simulate(store, now)))
      await nextTurn();
    running = undefined;
  };
  store.onChange(() => {
    running ??= run();
  });
  return async () => {
    while (running !== undefined) await running;
  };
}

function view(world: World, options: MemoryOptions): MemoryCluster {
  const { store, watches } = world;
  const requests: MemoryRequest[] = [];
  const failures: {
    matches: (request: MemoryRequest) => boolean;
    error: Error | (() => Error);
    left: number;
  }[] = [];
  const user = options.user ?? 'test-user';
  const now = options.now ?? (() => new Date());

  function allows(question: AccessQuestion): { allowed: boolean; reason: string } {
    const answer = options.access?.(question) ?? true;
    return typeof answer === 'boolean' ? { allowed: answer, reason: '' } : answer;
  }

  async function ask(
    verb: MemoryRequest['verb'],
    kind: ServedKind,
    where: { readonly namespace?: string; readonly name?: string; readonly subresource?: string },
    how: {
      readonly metadataOnly?: boolean;
      readonly dryRun?: boolean | undefined;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<void> {
    await nextTurn();
    if (how.signal?.aborted) throw how.signal.reason;
    const namespace = kind.namespaced ? (where.namespace ?? '') : '';
    const request: MemoryRequest = {
      verb,
      group: kind.group,
      kind: kind.kind,
      resource: kind.resource,
      namespace,
      name: where.name ?? '',
      metadataOnly: how.metadataOnly === true,
      dryRun: how.dryRun === true,
    };
    requests.push(request);
    failIfAsked(request);
    const question: AccessQuestion = {
      verb,
      group: kind.group,
      resource: kind.resource,
      namespace,
      ...(where.subresource === undefined ? {} : { subresource: where.subresource }),
      ...(where.name === undefined || verb === 'create' ? {} : { name: where.name }),
    };
    const { allowed, reason } = allows(question);
    if (!allowed) throw forbidden({ kind, namespace, name: where.name ?? '' }, user, question, reason);
  }

  function failIfAsked(request: MemoryRequest): void {
    const failure = failures.find((one) => one.left > 0 && one.matches(request));
    if (failure === undefined) return;
    failure.left--;
    throw typeof failure.error === 'function' ? failure.error() : failure.error;
  }

  function context(manager: string, write: WriteOptions = {}): WriteContext {
    return { store, now, manager, dryRun: write.dryRun === true };
  }

  async function get(
    ref: ObjectRef,
    metadataOnly: boolean,
    signal?: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const kind = needKind(store, ref);
    await ask('get', kind, ref, { metadataOnly, signal });
    const live = store.get({ ...ref, namespace: kind.namespaced ? ref.namespace : '' });
    return live === undefined ? undefined : served(live, kind);
  }

  async function list(gvk: GroupVersionKind, how: ListOptions, metadataOnly: boolean) {
    const kind = needKind(store, gvk);
    await ask('list', kind, how.namespace === undefined ? {} : { namespace: how.namespace }, {
      metadataOnly,
      signal: how.signal,
    });
    const items = store
      .all(kind)
      .filter((object) => selects(how, object.metadata))
      .sort((a, b) => placeOf(a).localeCompare(placeOf(b)))
      .map((object) => served(object, kind));
    return { items, resourceVersion: String(store.version) };
  }

  async function* watch(
    gvk: GroupVersionKind,
    how: WatchOptions,
    metadataOnly: boolean,
  ): AsyncGenerator<WatchEvent<KubeObject>> {
    if (how.signal.aborted) return;
    const kind = needKind(store, gvk);
    await ask('watch', kind, how.namespace === undefined ? {} : { namespace: how.namespace }, {
      metadataOnly,
    });
    yield* watches.open(kind, how);
  }

  async function write(
    verb: 'create' | 'update' | 'patch',
    object: KubeObject,
    how: WriteOptions,
    act: () => KubeObject,
  ): Promise<KubeObject> {
    const ref = refOf(object);
    const kind = needKind(store, ref);
    await ask(verb, kind, ref, { dryRun: how.dryRun, signal: how.signal });
    if (kind.namespaced && ref.namespace === '') {
      const message = 'Required value';
      throw invalid({ kind, namespace: '', name: ref.name }, [
        { field: 'metadata.namespace', message, reason: 'FieldValueRequired' },
      ]);
    }
    return act();
  }

  const self: MemoryCluster = {
    requests,
    target: { context: 'memory', server: 'memory', namespace: 'default', simulated: true, ...options.target },
    version: async () => options.version ?? { major: 1, minor: 36, gitVersion: 'v1.36.3' },
    async uid(signal) {
      const ref = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'kube-system' };
      try {
        return (await get(ref, true, signal))?.metadata.uid ?? '';
      } catch (error) {
        if (error instanceof ApiError && error.failure.status === 403) return '';
        throw error;
      }
    },
    resourceType: async (kind) => typeOf(findKind(store, kind)),
    resourceTypes: async () => preferred(servedKinds(store)),
    forgetDiscovery: () => undefined,
    get: (ref, signal) => get(ref, false, signal),
    getMetadata: async (ref, signal) => partial(await get(ref, true, signal)),
    list: (kind, how) => list(kind, how, false),
    async listMetadata(kind, how) {
      const { items, resourceVersion } = await list(kind, how, true);
      return { items: items.map(metadataOf), resourceVersion };
    },
    watch: (kind, how) => watch(kind, how, false),
    async *watchMetadata(kind, how) {
      for await (const event of watch(kind, how, true)) {
        yield event.type === 'bookmark' ? event : { type: event.type, object: metadataOf(event.object) };
      }
    },
    create: (object, how = {}) =>
      write('create', object, how, () => create(context('appstore', how), object)),
    replace: (object, how = {}) =>
      write('update', object, how, () => replace(context('appstore', how), object)),
    apply: (object, how) => applyAs(object, how),
    applyMetadata: async (object, how) => metadataOf(await applyAs(object, how)),
    async mergePatch(ref, patch, how = {}) {
      await ask('patch', needKind(store, ref), ref, { dryRun: how.dryRun, signal: how.signal });
      return mergePatch(context(how.fieldManager ?? 'appstore', how), ref, patch);
    },
    async delete(ref, how = {}) {
      await ask('delete', needKind(store, ref), ref, { dryRun: how.dryRun, signal: how.signal });
      return remove(store, ref, how, now);
    },
    async access(questions) {
      await nextTurn();
      return questions.map(allows);
    },
    async logs(pod, how) {
      const name = `${pod.namespace}/${pod.name}/${how.container}${how.previous === true ? ' previous' : ''}`;
      await ask('log', needKind(store, podRef(pod)), { ...pod, subresource: 'log' }, { signal: how.signal });
      return (options.logs?.[name] ?? '').split('\n').slice(-how.tailLines).join('\n');
    },
    async portForward(pod, port, how) {
      await ask('portforward', needKind(store, podRef(pod)), { ...pod, subresource: 'portforward' });
      return openPodPort(port, how);
    },
    close: async () => watches.end(),
    fail(matches, error, times = Number.POSITIVE_INFINITY) {
      const failure = { matches, error, left: times };
      failures.push(failure);
      return () => {
        failure.left = 0;
      };
    },
    as: (other, access) => view(world, { ...options, user: other, access }),
    setStatus(ref, status) {
      const object = {
        apiVersion: formatApiVersion(ref),
        kind: ref.kind,
        metadata: { name: ref.name, namespace: ref.namespace },
        status,
      };
      replace({ ...context('controller'), subresource: 'status' }, object);
    },
    settle: world.settle,
    compact: () => store.compact(),
    bookmark: () => watches.bookmark(),
    endWatches: () => watches.end(),
    openWatches: () => watches.count(),
  };

  function applyAs(object: KubeObject, how: Parameters<Cluster['apply']>[1]): Promise<KubeObject> {
    return write('patch', object, how, () => {
      const ref = refOf(object);
      const kind = needKind(store, ref);
      const exists = store.get({ ...ref, namespace: kind.namespaced ? ref.namespace : '' }) !== undefined;
      const question = {
        verb: 'create',
        group: kind.group,
        resource: kind.resource,
        namespace: ref.namespace,
      };
      const { allowed, reason } = allows(question);
      if (!exists && !allowed)
        throw forbidden(
          { kind, namespace: ref.namespace, name: ref.name },
          user,
          { ...question, name: ref.name },
          reason,
        );
      return apply(context(how.fieldManager, how), object);
    });
  }

  return self;
}

function placeOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function podRef(pod: ObjectId): ObjectRef {
  if (pod.kind !== 'Pod') throw new AppstoreError('INTERNAL', `${pod.kind}/${pod.name} is no pod`);
  return { ...pod, version: 'v1' };
}

function metadataOf({ apiVersion, kind, metadata }: KubeObject): PartialObject {
  return { apiVersion, kind, metadata };
}

function partial(object: KubeObject | undefined): PartialObject | undefined {
  return object === undefined ? undefined : metadataOf(object);
}

function typeOf(kind: ServedKind | undefined) {
  if (kind === undefined) return undefined;
  const { generation: _generation, status: _status, ...type } = kind;
  return type;
}

function preferred(kinds: readonly ServedKind[]) {
  const first = new Map<string, ServedKind>();
  for (const kind of kinds)
    if (!first.has(`${kind.group}/${kind.kind}`)) first.set(`${kind.group}/${kind.kind}`, kind);
  return [...first.values()].map((kind) => typeOf(kind)).filter((type) => type !== undefined);
}
