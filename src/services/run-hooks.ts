import { AppstoreError } from '../domain/errors.ts';
import { inHookOrder, isDeletedAt, runsToAnEnd } from '../domain/hooks.ts';
import { displayId, idKey, type ObjectId } from '../domain/objects.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { PlannedHook } from '../domain/plan.ts';
import type { HookEvent } from '../domain/rendered.ts';
import { deleteUntilGone } from './delete-until-gone.ts';
import { UnhealthyError } from './failure.ts';
import { entryOfHook } from './hook-entry.ts';
import { showHookLogs } from './hook-logs.ts';
import type { Ledger } from './ledger.ts';
import type { PartialObject } from './ports.ts';
import type { ClusterDeps, Session } from './requests.ts';
import { servedKind } from './survey.ts';
import { awaitRefs, type ReadyOptions } from './wait-ready.ts';

export interface HookOptions extends ReadyOptions {
  /** `RevisionHead.digestKey`. */
  readonly digestKey: string;
}

/**
 * Runs the hooks of one event, one after the other, each to its end; the first that fails ends it. Every one is noted in the journal
 * before it is made and when it is done: a run that was cut is gone on with where it stopped, and a Job that was begun is waited for
 * instead of being made twice. Throws UNHEALTHY or WAIT_TIMEOUT with the evidence.
 */
export async function runHooks(
  deps: ClusterDeps,
  hooks: readonly PlannedHook[],
  event: HookEvent,
  ledger: Ledger,
  options: HookOptions,
  session: Session,
): Promise<void> {
  const due = inHookOrder(hooks.filter(({ runs }) => runs.includes(event)));
  if (due.length === 0) return;
  session.emit({ type: 'step', step: 'hooks', state: 'started', total: due.length, event });
  const run: HookRun = { deps, event, ledger, options, session };
  for (const [at, hook] of due.entries()) {
    try {
      await runOne(run, hook);
    } catch (error) {
      await afterFailure(run, hook, due.slice(0, at), error);
      throw error;
    }
  }
  // Helm shows logs and deletes when all of an event are through, the last one first.
  for (const hook of due.toReversed()) await afterSuccess(run, hook);
  session.emit({ type: 'step', step: 'hooks', state: 'done', total: due.length, event });
}

interface HookRun {
  readonly deps: ClusterDeps;
  readonly event: HookEvent;
  readonly ledger: Ledger;
  readonly options: HookOptions;
  readonly session: Session;
}

async function runOne(run: HookRun, hook: PlannedHook): Promise<void> {
  const { event, ledger, options, session } = run;
  const done = stepOf('done', event, hook.ref);
  if (ledger.has(done)) return;
  const live = await startHook(run, hook);
  ledger.written.set(idKey(hook.ref), entryOfHook(hook, live, options.digestKey));
  if (runsToAnEnd(hook.ref) || hook.ref.kind === 'CustomResourceDefinition') await awaitEnd(run, hook);
  await ledger.note(done, session.signal);
}

async function awaitEnd({ deps, event, options, session }: HookRun, { ref }: PlannedHook): Promise<void> {
  try {
    await awaitRefs(deps, [ref], { ...options, toCompletion: true }, session);
  } catch (error) {
    throw error instanceof UnhealthyError ? hookFailure(error, event, ref) : error;
  }
}

/** The same failure, saying that it was a hook. */
function hookFailure(error: UnhealthyError, event: HookEvent, ref: ObjectId): UnhealthyError {
  const ended = error.code === 'UNHEALTHY' ? 'failed' : 'was not through within the time given';
  const { hint, problems, diagnosis } = error;
  return new UnhealthyError(
    error.code === 'UNHEALTHY' ? 'UNHEALTHY' : 'WAIT_TIMEOUT',
    error.causeCode,
    `${displayId(ref)}: the ${event} hook ${ended}`,
    { hint, problems, diagnosis, cause: error },
  );
}

/** The name of a step in the journal. */
function stepOf(state: 'begun' | 'done', event: HookEvent, ref: ObjectId): string {
  return `hook ${event} ${displayId(ref)} ${state}`;
}

/** Makes the hook's object, or finds it where a run that was cut made it already. */
async function startHook(run: HookRun, hook: PlannedHook): Promise<PartialObject> {
  const { deps, event, ledger, session } = run;
  const { signal } = session;
  const begun = stepOf('begun', event, hook.ref);
  const live = await readLive(run, hook);
  if (ledger.has(begun)) {
    if (live !== undefined && live.metadata.deletionTimestamp === undefined) return live;
  } else {
    if (live !== undefined && hook.action !== 'create') await makeRoom(run, hook, live);
    await ledger.note(begun, signal);
  }
  const made = await deps.cluster.applyMetadata(hook.desired, { fieldManager, signal });
  session.emit({ type: 'written', ref: hook.ref, action: hook.action, done: 1, total: 1 });
  if (hook.ref.kind === 'CustomResourceDefinition') deps.cluster.forgetDiscovery();
  return made;
}

async function readLive(
  { deps, session }: HookRun,
  { ref }: PlannedHook,
): Promise<PartialObject | undefined> {
  const kind = await servedKind(deps.cluster, ref, session.signal);
  return kind === undefined ? undefined : deps.cluster.getMetadata({ ...ref, ...kind }, session.signal);
}

/** What an earlier run left goes first, with its pods: two runs of a migration must not overlap. */
async function makeRoom(run: HookRun, hook: PlannedHook, live: PartialObject): Promise<void> {
  const { deps, ledger, options, session } = run;
  if (hook.action === 'update' && live.metadata.deletionTimestamp === undefined) return;
  const uid = live.metadata.uid ?? '';
  const propagation = runsToAnEnd(hook.ref) ? 'Foreground' : 'Background';
  await deleteUntilGone(deps, hook.ref, { uid, propagation, deadline: options.deadline }, session.signal);
  ledger.gone(hook.ref);
}

async function afterSuccess(run: HookRun, hook: PlannedHook): Promise<void> {
  if (hook.logPolicies.includes('hook-succeeded'))
    await showHookLogs(run.deps.cluster, hook.ref, run.session);
  if (isDeletedAt(hook, 'hook-succeeded')) await deleteHook(run, hook);
}

/** What a failed hook leaves is deleted only where it says so, after its log was shown; those before it go as they would have. */
async function afterFailure(
  run: HookRun,
  hook: PlannedHook,
  before: readonly PlannedHook[],
  error: unknown,
): Promise<void> {
  if (run.session.signal.aborted || !(error instanceof AppstoreError)) return;
  try {
    if (hook.logPolicies.includes('hook-failed')) await showHookLogs(run.deps.cluster, hook.ref, run.session);
    if (isDeletedAt(hook, 'hook-failed')) await deleteHook(run, hook);
    for (const earlier of before.filter((one) => isDeletedAt(one, 'hook-succeeded')))
      await deleteHook(run, earlier);
  } catch (second) {
    // The hook's own failure is the one to tell; what stays is in the inventory and goes with the next run.
    if (!(second instanceof AppstoreError) || second.code === 'LOCK_LOST') throw second;
    const message = `${displayId(hook.ref)}: what it left could not be deleted: ${second.message}`;
    run.session.emit({ type: 'warning', problem: { message } });
  }
}

/** Only the object that this run made; another of its name is not touched. */
async function deleteHook({ deps, ledger, session }: HookRun, { ref }: PlannedHook): Promise<void> {
  const uid = ledger.uidOf(ref);
  if (uid === '') return;
  await deps.cluster.delete(ref, { uid, propagation: 'Background', signal: session.signal });
  ledger.gone(ref);
}
