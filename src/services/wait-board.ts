import { detailOf } from '../domain/detail.ts';
import { reasonToStop } from '../domain/fail-early.ts';
import type { CauseCode, Health } from '../domain/health.ts';
import { type HealthContext, healthOf, isReadyWhenWritten } from '../domain/health-of.ts';
import { idKey, type KubeObject, type ObjectId, type ObjectRef } from '../domain/objects.ts';
import type { Emit } from './events.ts';
import type { WorkloadTrouble } from './pod-evidence.ts';

/** One object that is waited for, as it was last seen. */
export interface WaitedObject {
  readonly ref: ObjectRef;
  readonly health: Health;
  /** For example `2/2 ready`; `''` where there is nothing to say. */
  readonly detail: string;
  /** As last read; absent where it was not (kinds that are ready when written, or nothing is there). */
  readonly object?: KubeObject;
}

interface Item {
  readonly ref: ObjectRef;
  object: KubeObject | undefined;
  health: Health;
  /** Since when the cause holds, on the monotonic clock. */
  causeSince: number;
  /** Since when each cause is known; forgotten when the object is ready. */
  readonly knownSince: Map<CauseCode, number>;
  stopped: string | undefined;
}

/** What is known of all objects that are waited for. Every change of it is told by an event. */
export interface WaitBoard {
  /** Notes what was read; undefined: it is not there. */
  seen(id: ObjectId, object: KubeObject | undefined): void;
  /** A Job may be deleted as soon as it is complete (ttlSecondsAfterFinished): then it is ready. True where it was so. */
  finished(id: ObjectId, last: KubeObject): boolean;
  unreadable(id: ObjectId, reason: string): void;
  /** Looks again at what is not ready: time has passed, or pods have told something. */
  review(): void;
  /** Objects that are not ready. */
  unready(): WaitedObject[];
  all(): WaitedObject[];
  /** Objects for which waiting ended early. */
  failed(): WaitedObject[];
  isReady(id: ObjectId): boolean;
  /** All are ready, or one will not be. */
  settled(): boolean;
}

export interface BoardOptions {
  readonly refs: readonly ObjectRef[];
  readonly failAfter?: number | undefined;
  readonly emit: Emit;
  now(): number;
  contextOf(ref: ObjectRef, object: KubeObject): HealthContext;
  troubleOf(ref: ObjectRef): WorkloadTrouble | undefined;
  /** One more object became ready. */
  progressed(): void;
}

export function createBoard(options: BoardOptions): WaitBoard {
  const items = new Map(options.refs.map((ref) => [idKey(ref), newItem(ref, options.now())]));
  const values = () => [...items.values()];
  const ready = () => values().filter((item) => item.health.status === 'current').length;

  const update = (item: Item, health: Health): void => {
    const before = item.health;
    if (before.cause !== health.cause) item.causeSince = options.now();
    noteCause(item, health, options.now());
    item.health = health;
    item.stopped = stopReason(item, options);
    if (sameHealth(before, health)) return;
    if (health.status === 'current') options.progressed();
    options.emit({ type: 'health', ref: item.ref, health, ready: ready(), total: items.size });
  };

  const withItem = (id: ObjectId, change: (item: Item) => void): void => {
    const item = items.get(idKey(id));
    if (item !== undefined) change(item);
  };

  return {
    seen: (id, object) =>
      withItem(id, (item) => {
        item.object = object;
        update(item, judge(item, options));
      }),
    finished: (id, last) => {
      const { deletionTimestamp: _gone, ...metadata } = last.metadata;
      if (last.kind !== 'Job' || healthOf({ ...last, metadata }).status !== 'current') return false;
      withItem(id, (item) => {
        item.object = undefined;
        update(item, { status: 'current', reason: 'completed' });
      });
      return true;
    },
    unreadable: (id, reason) =>
      withItem(id, (item) => update(item, { status: 'unknown', reason, cause: 'FORBIDDEN' })),
    review: () => {
      for (const item of values())
        if (item.object !== undefined && item.health.status !== 'current') update(item, judge(item, options));
      for (const item of values()) item.stopped = stopReason(item, options);
    },
    unready: () =>
      values()
        .filter((item) => item.health.status !== 'current')
        .map(waited),
    all: () => values().map(waited),
    failed: () =>
      values()
        .filter((item) => item.stopped !== undefined)
        .map(waited),
    isReady: (id) => items.get(idKey(id))?.health.status === 'current',
    settled: () =>
      values().every((item) => item.health.status === 'current') ||
      values().some((item) => item.stopped !== undefined),
  };
}

const missing: Health = { status: 'not-found', reason: 'it was deleted by someone else', cause: 'MISSING' };
const unseen: Health = { status: 'unknown', reason: 'not looked at yet' };

function newItem(ref: ObjectRef, now: number): Item {
  const health: Health = isReadyWhenWritten(ref) ? { status: 'current', reason: '' } : unseen;
  return { ref, object: undefined, health, causeSince: now, knownSince: new Map(), stopped: undefined };
}

function noteCause({ knownSince }: Item, { status, cause }: Health, now: number): void {
  if (status === 'current') knownSince.clear();
  if (cause !== undefined && !knownSince.has(cause)) knownSince.set(cause, now);
}

function waited(item: Item): WaitedObject {
  const { ref, health, object } = item;
  return {
    ref,
    health,
    detail: object === undefined ? '' : detailOf(object),
    ...(object === undefined ? {} : { object }),
  };
}

function sameHealth(a: Health, b: Health): boolean {
  return a.status === b.status && a.reason === b.reason && a.cause === b.cause;
}

/** Health by the object's own words, explained by its pods where it is not ready. */
function judge(item: Item, options: BoardOptions): Health {
  if (item.object === undefined) return missing;
  const health = healthOf(item.object, options.contextOf(item.ref, item.object));
  if (health.status !== 'in-progress' && health.cause !== 'PROGRESS_DEADLINE') return health;
  const trouble = options.troubleOf(item.ref);
  if (trouble === undefined) return health;
  return { ...health, reason: `${health.reason}; ${trouble.reason}`, cause: trouble.cause };
}

function stopReason(item: Item, options: BoardOptions): string | undefined {
  const cause: CauseCode | undefined = item.health.cause;
  if (item.health.status === 'current' || cause === undefined) return undefined;
  const trouble = options.troubleOf(item.ref);
  const evidence = {
    cause,
    heldMs: options.now() - item.causeSince,
    knownMs: options.now() - (item.knownSince.get(cause) ?? options.now()),
    pulls: trouble?.pulls ?? 0,
    restarts: trouble?.restarts ?? 0,
    settledRestarts: trouble?.settledRestarts ?? 0,
    scalingUp: trouble?.scalingUp ?? false,
  };
  return reasonToStop(evidence, options.failAfter);
}
