import { AppstoreError, isForbidden, type Problem } from '../domain/errors.ts';
import type { Masker } from '../domain/masking.ts';
import type { PendingOperation } from '../domain/release.ts';
import { requireRecord } from './inspect.ts';
import { type LogSelection, type LogTarget, logTargets, targetName } from './log-targets.ts';
import { inParallel } from './parallel.ts';
import type { LogOptions } from './ports.ts';
import { recordMask } from './record-mask.ts';
import type { ClusterDeps, InstallationName } from './requests.ts';
import { createSlots } from './slots.ts';

export interface LogRequest extends InstallationName, LogSelection {
  /** Lines of each container, from the end. */
  readonly tailLines: number;
  readonly sinceSeconds?: number;
  readonly previous: boolean;
}

/** One line of a log. Secrets are masked; control sequences are left for whoever shows it. */
export interface LogLine {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly text: string;
}

/** Who is told what comes. */
export interface LogReader {
  /** @param several True where lines come from more than one container. */
  line(line: LogLine, several: boolean): void;
  problem(problem: Problem): void;
  /** An operation is under way, or was cut. */
  pending(operation: PendingOperation): void;
}

/** Bytes read of one container, logs read at once, and followed at once (a stream each, of 100 that a connection has). */
const longestLog = 16 * 1024 * 1024;
const logsAtOnce = 4;
const followedAtOnce = 50;
/** How often new pods and restarts are looked for while following, milliseconds. */
const lookPause = 2_000;

/**
 * Reads the logs of an installation, one container after the other; answers how many containers there are. Throws
 * INSTALLATION_NOT_FOUND, OBJECT_NOT_FOUND, FORBIDDEN.
 */
export async function readLogs(
  deps: ClusterDeps,
  request: LogRequest,
  reader: LogReader,
  signal: AbortSignal,
): Promise<number> {
  const { record, mask } = await begin(deps, request, reader, signal);
  const targets = await logTargets(deps.cluster, record, request, signal);
  const texts = await inParallel(targets, logsAtOnce, (target) =>
    readOne(deps, target, request, reader, signal),
  );
  targets.forEach((target, at) => {
    const text = texts[at] ?? '';
    if (text === '') return;
    for (const line of text.replace(/\n$/, '').split('\n'))
      reader.line(lineOf(target, mask.text(line)), targets.length > 1);
  });
  return targets.length;
}

async function begin(deps: ClusterDeps, request: LogRequest, reader: LogReader, signal: AbortSignal) {
  const record = await requireRecord(deps, request, signal);
  const { mask, problems } = await recordMask(deps, record, signal);
  if (record.pending !== undefined) reader.pending(record.pending);
  for (const problem of problems) reader.problem(problem);
  return { record, mask };
}

function lineOf({ pod, container }: LogTarget, text: string): LogLine {
  return { namespace: pod.namespace, pod: pod.name, container, text };
}

function optionsOf(target: LogTarget, { tailLines, sinceSeconds, previous }: LogRequest): LogOptions {
  const since = sinceSeconds === undefined ? {} : { sinceSeconds };
  return { container: target.container, tailLines, ...since, ...(previous ? { previous } : {}) };
}

/** A log that cannot be read (its node is gone, for example) does not hide the others. */
async function readOne(
  deps: ClusterDeps,
  target: LogTarget,
  request: LogRequest,
  reader: LogReader,
  signal: AbortSignal,
): Promise<string> {
  try {
    const options = { ...optionsOf(target, request), limitBytes: longestLog, signal };
    return await deps.cluster.logs(target.pod, options);
  } catch (error) {
    if (!(error instanceof AppstoreError) || isForbidden(error)) throw error;
    reader.problem({ message: `${targetName(target)}: ${error.message}` });
    return '';
  }
}

interface Follow {
  readonly deps: ClusterDeps;
  readonly request: LogRequest;
  readonly reader: LogReader;
  readonly signal: AbortSignal;
  readonly mask: Masker;
  /** Runs that are followed, or were, until a time of the monotonic clock. */
  readonly known: Map<string, { endedAt?: number }>;
  readonly slots: ReturnType<typeof createSlots>;
  several: boolean;
  running: Promise<void>[];
}

/**
 * Follows the logs until the signal aborts: also of containers that start later, again, or in new pods. Throws what `readLogs`
 * throws, and what trying again does not mend.
 */
export async function followLogs(
  deps: ClusterDeps,
  request: LogRequest,
  reader: LogReader,
  signal: AbortSignal,
): Promise<void> {
  const { record, mask } = await begin(deps, request, reader, signal);
  const failed = new AbortController();
  const inner = AbortSignal.any([signal, failed.signal]);
  const follow: Follow = {
    ...{ deps, request, reader, mask, signal: inner, known: new Map<string, { endedAt?: number }>() },
    ...{ slots: createSlots(followedAtOnce), several: false, running: [] },
  };
  for (let first = true; !inner.aborted; first = false) {
    const targets = await logTargets(deps.cluster, record, request, inner).catch(nothingFor(signal));
    follow.several ||= targets.length > 1;
    for (const target of targets.filter(({ started }) => started)) {
      const options = partToFollow(follow, target, first);
      if (options === undefined || !follow.slots.take()) continue;
      const known = {};
      follow.known.set(target.run, known);
      follow.running.push(followOne(follow, target, options, known).catch((error) => failed.abort(error)));
    }
    await deps.clock.sleep(lookPause, inner).catch(() => undefined);
  }
  await Promise.all(follow.running);
  if (failed.signal.aborted) throw failed.signal.reason;
}

/** What is refused because the signal aborted is no failure. */
function nothingFor(signal: AbortSignal): (error: unknown) => LogTarget[] {
  return (error) => {
    if (signal.aborted) return [];
    throw error;
  };
}

/**
 * What of a run is to be followed: the tail of what was there before, a later run from its start, one whose connection was lost from
 * then on. Undefined where it is followed already, or over.
 */
function partToFollow(
  { known, request, deps }: Follow,
  target: LogTarget,
  first: boolean,
): LogOptions | undefined {
  const before = known.get(target.run);
  const { container } = target;
  if (before === undefined) return first ? optionsOf(target, request) : { container };
  if (before.endedAt === undefined || !target.running) return undefined;
  return { container, sinceSeconds: Math.ceil((deps.clock.monotonic() - before.endedAt) / 1000) };
}

async function followOne(
  follow: Follow,
  target: LogTarget,
  options: LogOptions,
  known: { endedAt?: number },
): Promise<void> {
  const { deps, reader, mask, signal, slots } = follow;
  try {
    for await (const line of deps.cluster.followLogs(target.pod, { ...options, signal }))
      reader.line(lineOf(target, mask.text(line)), follow.several);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof AppstoreError) || isForbidden(error)) throw error;
    reader.problem({ message: `${targetName(target)}: ${error.message}` });
  } finally {
    known.endedAt = deps.clock.monotonic();
    slots.release();
  }
}
