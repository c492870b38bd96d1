import type { ErrorCode } from '../domain/error-codes.ts';
import { ApiError, AppstoreError } from '../domain/errors.ts';
import type { GroupVersionKind, ObjectRef } from '../domain/objects.ts';
import type { Emit } from './events.ts';
import { inParallel } from './parallel.ts';
import type { Clock, List, ListOptions, WatchEvent, WatchOptions } from './ports.ts';
import type { Slots } from './slots.ts';

/** Some objects of one kind in one namespace (`''`: of the cluster). */
export interface ObserveTarget {
  readonly kind: GroupVersionKind;
  readonly namespace: string;
  readonly labelSelector?: string;
  /** Names to get one by one where listing is not allowed; without them there is nothing to fall back to. */
  readonly names?: readonly string[];
}

/** Who is told what there is and what changes. */
export interface Observer<T> {
  /** Everything that there is now. */
  listed(items: readonly T[]): void | Promise<void>;
  changed(item: T): void;
  deleted(item: T): void;
  /** Nothing of it may be read. */
  unreadable(error: ApiError): void;
  /** True when nothing more is wanted: observing ends. */
  done(): boolean;
}

/** The reads of the cluster port, in full or metadata only. */
export interface Source<T> {
  list(kind: GroupVersionKind, options: ListOptions): Promise<List<T>>;
  watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<WatchEvent<T>>;
  get(ref: ObjectRef, signal: AbortSignal): Promise<T | undefined>;
}

export interface ObserveDeps<T> {
  readonly source: Source<T>;
  readonly clock: Clock;
  /** Watches open at once. What has none is read in turns until one is free. */
  readonly watches: Slots;
  readonly connection: Connection;
}

/** Whether all observers reach the cluster; said once, however many of them find out. */
export interface Connection {
  lost(reason: string): void;
  restored(): void;
}

export function createConnection(emit: Emit): Connection {
  let isLost = false;
  return {
    lost: (reason) => {
      if (!isLost) emit({ type: 'connection', state: 'lost', reason });
      isLost = true;
    },
    restored: () => {
      if (isLost) emit({ type: 'connection', state: 'restored', reason: '' });
      isLost = false;
    },
  };
}

/** Errors that trying again does not mend. */
const fatalCodes: ReadonlySet<ErrorCode> = new Set([
  'UNAUTHENTICATED',
  'CREDENTIAL_PLUGIN_FAILED',
  'CLUSTER_TLS',
  'KUBECONFIG_INVALID',
  'INTERRUPTED',
  'INTERNAL',
]);

/** A watch that says nothing for so long, not even a bookmark, is taken for dead: list again. Milliseconds. */
const silenceLimit = 90_000;
const getsAtOnce = 16;
const shortestPause = 500;
const longestPause = 5_000;

interface Reading {
  /** How the target is read: what is refused once is not asked again. */
  by: 'watch' | 'list' | 'get';
  /** True while the request under way is a watch. */
  watching: boolean;
  pause: number;
  lost: boolean;
}

/**
 * Tells an observer what there is of a target and what changes, until it is done or the signal aborts. By list and watch; a watch
 * that ends, expires (410), goes silent or breaks is begun again with a list. Where watching or listing is forbidden, reads in
 * turns instead. Rejects only with what trying again does not mend.
 */
export async function observe<T>(
  deps: ObserveDeps<T>,
  target: ObserveTarget,
  observer: Observer<T>,
  signal: AbortSignal,
): Promise<void> {
  const reading: Reading = { by: 'watch', watching: false, pause: shortestPause, lost: false };
  while (!signal.aborted && !observer.done()) {
    try {
      const version = await read(deps, target, { observer, reading }, signal);
      restored(deps, reading);
      if (observer.done()) return;
      await follow(deps, target, { observer, reading, version }, signal);
    } catch (error) {
      if (signal.aborted) return;
      const answer = answerTo(error, target, reading);
      if (answer === 'unreadable') return observer.unreadable(error as ApiError);
      if (answer === 'recover') await recover(deps, error, reading, signal);
    }
  }
}

function scopeOf(target: ObserveTarget): ListOptions {
  return {
    ...(target.namespace === '' ? {} : { namespace: target.namespace }),
    ...(target.labelSelector === undefined ? {} : { labelSelector: target.labelSelector }),
  };
}

interface Work<T> {
  readonly observer: Observer<T>;
  readonly reading: Reading;
}

async function read<T>(
  deps: ObserveDeps<T>,
  target: ObserveTarget,
  { observer, reading }: Work<T>,
  signal: AbortSignal,
): Promise<string> {
  reading.watching = false;
  if (reading.by !== 'get') {
    const list = await deps.source.list(target.kind, { ...scopeOf(target), signal });
    await observer.listed(list.items);
    return list.resourceVersion;
  }
  const found = await inParallel(target.names ?? [], getsAtOnce, (name) =>
    deps.source.get({ ...target.kind, namespace: target.namespace, name }, signal),
  );
  await observer.listed(found.filter((item) => item !== undefined));
  return '';
}

async function follow<T>(
  deps: ObserveDeps<T>,
  target: ObserveTarget,
  work: Work<T> & { readonly version: string },
  signal: AbortSignal,
): Promise<void> {
  if (work.reading.by !== 'watch' || !deps.watches.take()) return pause(deps.clock, work.reading, signal);
  work.reading.watching = true;
  try {
    await watchUntilSilent(deps, target, work, signal);
  } finally {
    deps.watches.release();
  }
  // A server that closes every watch at once must not be asked in a tight loop.
  await deps.clock.sleep(50, signal);
}

async function watchUntilSilent<T>(
  deps: ObserveDeps<T>,
  target: ObserveTarget,
  work: Work<T> & { readonly version: string },
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const inner = AbortSignal.any([signal, ended.signal]);
  const sign = { at: deps.clock.monotonic() };
  const watchdog = endWhenSilent(deps.clock, sign, ended);
  try {
    const options = { ...scopeOf(target), resourceVersion: work.version, signal: inner };
    for await (const event of deps.source.watch(target.kind, options)) {
      sign.at = deps.clock.monotonic();
      if (event.type === 'deleted') work.observer.deleted(event.object);
      else if (event.type !== 'bookmark') work.observer.changed(event.object);
      work.reading.pause = shortestPause;
      if (work.observer.done()) return;
    }
  } catch (error) {
    if (signal.aborted || !ended.signal.aborted) throw error;
  } finally {
    ended.abort();
    await watchdog;
  }
}

async function endWhenSilent(
  clock: Clock,
  sign: { readonly at: number },
  ended: AbortController,
): Promise<void> {
  try {
    for (;;) {
      const rest = sign.at + silenceLimit - clock.monotonic();
      if (rest <= 0) return ended.abort();
      await clock.sleep(rest, ended.signal);
    }
  } catch {
    // Aborted: the watch has ended.
  }
}

async function pause(clock: Clock, reading: Reading, signal: AbortSignal): Promise<void> {
  const milliseconds = reading.pause;
  reading.pause = Math.min(longestPause, Math.round(milliseconds * 1.5));
  await clock.sleep(milliseconds, signal);
}

/** What to do about a failure: a refusal is answered by asking for less the next time, as long as there is less. */
function answerTo(
  error: unknown,
  target: ObserveTarget,
  reading: Reading,
): 'again' | 'recover' | 'unreadable' {
  if (!(error instanceof ApiError) || error.failure.status !== 403) return 'recover';
  if (reading.watching) {
    reading.by = 'list';
    return 'again';
  }
  if (reading.by === 'get' || target.names === undefined) return 'unreadable';
  reading.by = 'get';
  return 'again';
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.failure.status === 410;
}

async function recover<T>(
  deps: ObserveDeps<T>,
  error: unknown,
  reading: Reading,
  signal: AbortSignal,
): Promise<void> {
  if (!(error instanceof AppstoreError) || fatalCodes.has(error.code)) throw error;
  // An expired resourceVersion is no loss of the connection: list again.
  if (!reading.lost && !isExpired(error)) {
    deps.connection.lost(error.message);
    reading.lost = true;
  }
  try {
    await pause(deps.clock, reading, signal);
  } catch {
    // Aborted while pausing: the caller looks at the signal.
  }
}

function restored<T>(deps: ObserveDeps<T>, reading: Reading): void {
  if (reading.lost) deps.connection.restored();
  reading.lost = false;
}
