import type { HealthContext } from '../domain/health-of.ts';
import { isReadyWhenWritten } from '../domain/health-of.ts';
import { idKey, type KubeObject, type ObjectId, type ObjectRef } from '../domain/objects.ts';
import { isCustomKind } from '../domain/order.ts';
import { ownershipKeys } from '../domain/ownership.ts';
import { isPodOf } from '../domain/pods-of.ts';
import { fieldsAt } from '../domain/status-of.ts';
import { createConnection, type ObserveDeps, type Observer, observe } from './observe.ts';
import { inParallel } from './parallel.ts';
import { createPodEvidence, type PodEvidence } from './pod-evidence.ts';
import type { Cluster } from './ports.ts';
import type { ClusterDeps, Session } from './requests.ts';
import { createSlots } from './slots.ts';
import { storageBinding } from './storage-binding.ts';
import { createUntil, type Until, watchesAtOnce } from './until.ts';
import { createBoard, type WaitBoard, type WaitedObject } from './wait-board.ts';
import { type WaitGroup, waitGroups } from './wait-groups.ts';
import { type CrashLogs, createCrashLogs } from './wait-logs.ts';
import { createPodsWatch } from './wait-pods.ts';

export type { WaitedObject } from './wait-board.ts';
export { waitGone } from './wait-gone.ts';

export interface WaitRequest {
  /** What to wait for, with the versions that the cluster serves. */
  readonly refs: readonly ObjectRef[];
  readonly applySetId: string;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
  /** Milliseconds after which evidence lasts, in place of the times of the table (`--fail-after`); infinite: never. */
  readonly failAfter?: number;
  /** When the operation began (RFC 3339): restarts of pods made since count from zero. */
  readonly since?: string;
  /** The operation wrote nothing: a pod that kept ending before it has had its chance. */
  readonly untouched?: boolean;
  /** Pods are waited for until they end (hooks). */
  readonly toCompletion?: boolean;
}

export interface WaitResult {
  readonly objects: readonly WaitedObject[];
  /** The deadline passed and something was not ready. */
  readonly timedOut: boolean;
  /** Objects that will not become ready by waiting; waiting ended because of them. */
  readonly failed: readonly WaitedObject[];
}

type WaitDeps = Pick<ClusterDeps, 'cluster' | 'clock'>;

/** How often what depends on time alone is looked at again, milliseconds. Costs no request. */
const reviewPause = 1_000;
/** Pods and events are looked at when something takes longer than this, milliseconds: most apps are up before. */
const patience = 2_000;
/** Objects that lost our label are in no watch: they are read so often, milliseconds. */
const strayPause = 5_000;
/** How long a last look at the deadline may take, milliseconds. */
const lastLook = 5_000;

/**
 * Waits until every object is ready, by watch, and ends with the last of them; before that only on lasting evidence (domain
 * `failEarly`) or at the deadline. Emits `health` and `evidence` events. Throws the reason of the session's signal, and what
 * trying again does not mend (UNAUTHENTICATED, CLUSTER_TLS ...).
 */
export async function waitFor(deps: WaitDeps, request: WaitRequest, session: Session): Promise<WaitResult> {
  const until = createUntil(deps.clock, session.signal);
  const wait = await createWait(deps, request, session, until);
  if (!wait.board.settled()) {
    for (const group of wait.groups) {
      until.start((signal) =>
        observe(wait.work, targetOf(group, request), groupObserver(wait, group, signal), signal),
      );
    }
    until.start((signal) => keepReviewing(wait, signal));
    await until.wait(request.deadline);
    if (!wait.board.settled()) await lookOnce(wait, session.signal);
  }
  return { objects: wait.board.all(), timedOut: !wait.board.settled(), failed: wait.board.failed() };
}

interface Wait {
  readonly deps: WaitDeps;
  readonly work: ObserveDeps<KubeObject>;
  readonly until: Until;
  readonly groups: readonly WaitGroup[];
  readonly board: WaitBoard;
  readonly pods: PodEvidence;
  readonly logs: CrashLogs;
  /** Server time from which pods belong to this operation. */
  readonly since: string;
  /** Objects that were found only by name. */
  readonly strays: Map<string, ObjectRef>;
  /** To be called after every change of the board. */
  check(): void;
}

async function createWait(
  deps: WaitDeps,
  request: WaitRequest,
  session: Session,
  until: Until,
): Promise<Wait> {
  const refs = request.refs.filter((ref) => !isReadyWhenWritten(ref));
  const contextOf = await contexts(deps, refs, session.signal);
  const known = new Set(request.refs.map(idKey));
  const since = request.since ?? new Date(deps.clock.now().getTime() - 30_000).toISOString();
  const isOurPod = (pod: KubeObject) =>
    refs.some((ref) => ref.namespace === pod.metadata.namespace && isPodOf(pod, ref));
  const pods = createPodEvidence({
    since,
    ...(request.untouched === true ? { untouched: true } : {}),
    emit: session.emit,
    isOurs: (about: ObjectId, pod) => (pod === undefined ? known.has(idKey(about)) : isOurPod(pod)),
  });
  const board = createBoard({
    refs: request.refs,
    failAfter: request.failAfter,
    emit: session.emit,
    now: () => deps.clock.monotonic(),
    contextOf: (ref, object) => ({
      ...contextOf(ref, object),
      ...(pods.waitsForConsumer(ref) ? { waitsForConsumer: true } : {}),
      ...(request.toCompletion === true ? { toCompletion: true } : {}),
    }),
    troubleOf: (ref) => pods.troubleOf(ref),
    progressed: () => pods.progressed(),
  });
  return {
    deps,
    work: {
      source: fullSource(deps.cluster),
      clock: deps.clock,
      watches: createSlots(watchesAtOnce),
      connection: createConnection(session.emit),
    },
    until,
    groups: waitGroups(refs),
    board,
    pods,
    logs: createCrashLogs({ cluster: deps.cluster, until, emit: session.emit, isOurs: isOurPod }),
    since,
    strays: new Map(),
    check: () => {
      if (board.settled()) until.settle();
    },
  };
}

function fullSource(cluster: Cluster): ObserveDeps<KubeObject>['source'] {
  return {
    list: (kind, options) => cluster.list(kind, options),
    watch: (kind, options) => cluster.watch(kind, options),
    get: (ref, signal) => cluster.get(ref, signal),
  };
}

/** What the objects themselves do not say: whether their kind has a status, how their storage class binds, how old they are. */
async function contexts(
  deps: WaitDeps,
  refs: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<(ref: ObjectRef, object: KubeObject) => HealthContext> {
  const began = deps.clock.monotonic();
  const withStatus = new Set<string>();
  for (const { kind } of waitGroups(refs.filter(isCustomKind))) {
    const type = await deps.cluster.resourceType(kind, signal);
    if (type?.subresources.includes('status')) withStatus.add(`${kind.group}/${kind.kind}`);
  }
  const claims = refs.some((ref) => ref.kind === 'PersistentVolumeClaim' && ref.group === '');
  const bindsLate = claims ? await storageBinding(deps.cluster, signal) : () => false;
  return (ref, object) => ({
    hasStatusSubresource: withStatus.has(`${ref.group}/${ref.kind}`),
    ageMs: deps.clock.monotonic() - began,
    waitsForConsumer: bindsLate(String(fieldsAt(object, 'spec').storageClassName ?? '')),
  });
}

function targetOf(group: WaitGroup, request: WaitRequest) {
  const { kind, namespace, names } = group;
  return { kind, namespace, names, labelSelector: `${ownershipKeys.partOf}=${request.applySetId}` };
}

function groupObserver(wait: Wait, group: WaitGroup, signal: AbortSignal): Observer<KubeObject> {
  const byName = new Map(group.refs.map((ref) => [ref.name, ref]));
  const withRef = (object: KubeObject, act: (ref: ObjectRef) => void) => {
    const ref = byName.get(object.metadata.name);
    if (ref !== undefined) act(ref);
    wait.check();
  };
  return {
    listed: async (items) => {
      const found = new Map(items.map((item) => [item.metadata.name, item]));
      for (const ref of group.refs) {
        const item = found.get(ref.name);
        if (item !== undefined) wait.board.seen(ref, item);
        else await seenByName(wait, ref, signal);
      }
      wait.check();
    },
    changed: (object) => withRef(object, (ref) => wait.board.seen(ref, object)),
    // Also what only lost our label is deleted to a watch with a selector: look whether it is there.
    deleted: (object) =>
      withRef(object, (ref) => {
        if (!wait.board.finished(ref, object)) wait.until.start((inner) => seenByName(wait, ref, inner));
      }),
    unreadable: (error) => {
      for (const ref of group.refs) wait.board.unreadable(ref, error.message);
      wait.check();
    },
    done: () => wait.board.settled() || group.refs.every((ref) => wait.board.isReady(ref)),
  };
}

/** What is not in the labelled list may have lost its label, or may be gone. */
async function seenByName(wait: Wait, ref: ObjectRef, signal: AbortSignal): Promise<void> {
  if (wait.board.isReady(ref)) return;
  const object = await wait.deps.cluster.get(ref, signal);
  if (object === undefined) wait.strays.delete(idKey(ref));
  else wait.strays.set(idKey(ref), ref);
  wait.board.seen(ref, object);
  wait.check();
}

/** Looks again at what time alone changes, and, when it takes long, at pods, events and objects that lost their label. */
async function keepReviewing(wait: Wait, signal: AbortSignal): Promise<void> {
  const began = wait.deps.clock.monotonic();
  const lastStrays = { at: began };
  const podsWatch = createPodsWatch(wait);
  while (!signal.aborted) {
    await wait.deps.clock.sleep(reviewPause, signal);
    const now = wait.deps.clock.monotonic();
    if (now - began >= patience) podsWatch.look();
    if (now - lastStrays.at >= strayPause) {
      lastStrays.at = now;
      for (const ref of wait.strays.values()) await seenByName(wait, ref, signal);
    }
    wait.board.review();
    wait.check();
  }
}

/** At the deadline each object that is not ready is read once more: a watch may have died in silence. */
async function lookOnce(wait: Wait, outer: AbortSignal): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([outer, over.signal]);
  const reads = inParallel(wait.board.unready(), watchesAtOnce, async ({ ref }) => {
    wait.board.seen(ref, await wait.deps.cluster.get(ref, signal));
  });
  try {
    await Promise.race([reads, wait.deps.clock.sleep(lastLook, signal)]);
  } catch {
    // What cannot be read stays as it was last seen: not ready.
  } finally {
    over.abort();
    await reads.catch(() => undefined);
  }
  outer.throwIfAborted();
}
