import { ApiError, AppstoreError } from '../domain/errors.ts';
import type { Health } from '../domain/health.ts';
import { idKey, type ObjectRef } from '../domain/objects.ts';
import { ownershipKeys } from '../domain/ownership.ts';
import { createConnection, type Observer, observe, type Source } from './observe.ts';
import type { Cluster, PartialObject } from './ports.ts';
import type { ClusterDeps, Session } from './requests.ts';
import { createSlots } from './slots.ts';
import { createUntil, watchesAtOnce } from './until.ts';
import { type WaitGroup, waitGroups } from './wait-groups.ts';

interface WaitGoneRequest {
  /** What was deleted, with its UID where known: another object of the same name counts as gone. */
  readonly refs: readonly (ObjectRef & { readonly uid?: string })[];
  /** Identities of those that are known to be gone. */
  readonly gone?: ReadonlySet<string>;
  readonly applySetId: string;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
}

/** An object that is still there, and why. */
interface Remaining {
  readonly ref: ObjectRef;
  readonly reason: string;
}

/**
 * Waits, by watch and metadata only, until objects are gone; ends with the last of them. Answers what is still there when the
 * time is up, or whose state may not be read.
 */
export async function waitGone(
  deps: Pick<ClusterDeps, 'cluster' | 'clock'>,
  request: WaitGoneRequest,
  session: Session,
): Promise<Remaining[]> {
  const unseen = request.refs.filter((ref) => request.gone?.has(idKey(ref)) !== true);
  const left = new Map<string, Remaining>(
    unseen.map((ref) => [idKey(ref), { ref, reason: 'its deletion was not seen yet' }]),
  );
  if (left.size === 0) return [];
  const until = createUntil(deps.clock, session.signal);
  const work = {
    source: metadataSource(deps.cluster),
    clock: deps.clock,
    watches: createSlots(watchesAtOnce),
    connection: createConnection(session.emit),
  };
  const tell = (ref: ObjectRef, health: Health) => {
    const total = request.refs.length;
    session.emit({ type: 'health', ref, health, ready: total - left.size, total });
  };
  const labelSelector = `${ownershipKeys.partOf}=${request.applySetId}`;
  const blind = new Set<string>();
  for (const group of waitGroups(unseen)) {
    const observer = goneObserver(group, { left, blind, tell, settle: until.settle });
    const target = unlabelled.has(group.kind.kind) ? group : { ...group, labelSelector };
    until.start((signal) => observe(work, target, observer, signal));
  }
  await until.wait(request.deadline);
  return [...left.values()];
}

/** Claims that a StatefulSet made carry the labels of its selector, not ours; a namespace is made without an owner. */
const unlabelled: ReadonlySet<string> = new Set(['PersistentVolumeClaim', 'Namespace']);

interface GoneState {
  readonly left: Map<string, Remaining>;
  /** What may not be read: there is nothing to wait for. */
  readonly blind: Set<string>;
  tell(ref: ObjectRef, health: Health): void;
  settle(): void;
}

function goneObserver(
  group: WaitGroup<WaitGoneRequest['refs'][number]>,
  state: GoneState,
): Observer<PartialObject> {
  const gone = (ref: ObjectRef) => {
    if (state.left.delete(idKey(ref))) state.tell(ref, { status: 'not-found', reason: 'gone' });
    if (state.left.size === state.blind.size) state.settle();
  };
  const note = (ref: WaitGoneRequest['refs'][number], item: PartialObject | undefined) => {
    const another = ref.uid !== undefined && item?.metadata.uid !== ref.uid;
    if (item === undefined || another) return gone(ref);
    const reason = remainingReason(item);
    const before = state.left.get(idKey(ref));
    if (before === undefined || before.reason === reason) return;
    state.left.set(idKey(ref), { ref: before.ref, reason });
    state.tell(ref, { status: 'terminating', reason, cause: 'TERMINATING' });
  };
  const withRef = (item: PartialObject, act: (ref: WaitGoneRequest['refs'][number]) => void) => {
    const ref = group.refs.find((one) => one.name === item.metadata.name);
    if (ref !== undefined) act(ref);
  };
  return {
    listed: (items) => {
      const byName = new Map(items.map((item) => [item.metadata.name, item]));
      for (const ref of group.refs) note(ref, byName.get(ref.name));
    },
    changed: (item) => withRef(item, (ref) => note(ref, item)),
    deleted: (item) => withRef(item, gone),
    unreadable: () => {
      for (const ref of group.refs.filter((one) => state.left.has(idKey(one)))) {
        state.blind.add(idKey(ref));
        state.left.set(idKey(ref), { ref, reason: 'whether it is gone may not be read' });
      }
      if (state.left.size === state.blind.size) state.settle();
    },
    done: () => group.refs.every((ref) => !state.left.has(idKey(ref)) || state.blind.has(idKey(ref))),
  };
}

function remainingReason(item: PartialObject): string {
  if (item.metadata.deletionTimestamp === undefined) return 'it is not being deleted';
  const finalizers = item.metadata.finalizers ?? [];
  return finalizers.length === 0 ? 'being deleted' : `being deleted, held by ${finalizers.join(', ')}`;
}

/** Metadata reads; a kind that is not served any more (its CRD went first) has no objects. */
function metadataSource(cluster: Cluster): Source<PartialObject> {
  const orNothing = async <A>(answer: Promise<A>, nothing: A): Promise<A> => {
    try {
      return await answer;
    } catch (error) {
      if (isUnserved(error)) return nothing;
      throw error;
    }
  };
  return {
    list: (kind, options) =>
      orNothing(cluster.listMetadata(kind, options), { items: [], resourceVersion: '' }),
    watch: (kind, options) => cluster.watchMetadata(kind, options),
    get: (ref, signal) => orNothing(cluster.getMetadata(ref, signal), undefined),
  };
}

function isUnserved(error: unknown): boolean {
  if (error instanceof ApiError && error.failure.status === 404) return true;
  return error instanceof AppstoreError && error.code === 'KIND_UNKNOWN';
}
