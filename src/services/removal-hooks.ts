import { hookEvents } from '../domain/hooks.ts';
import { createMasker, type Masker } from '../domain/masking.ts';
import { idKey } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import type { Plan } from '../domain/plan.ts';
import type { InstallationRecord, JournalEntry } from '../domain/release.ts';
import type { HookEvent } from '../domain/rendered.ts';
import type { Ledger } from './ledger.ts';
import { leavingObject } from './plan-prune.ts';
import { recordMask } from './record-mask.ts';
import type { ClusterDeps, InstallationName, RemoveRequest, Session } from './requests.ts';
import { runHooks } from './run-hooks.ts';
import { type StoredHooks, storedHooks, withoutHooksHint } from './stored-hooks.ts';

/** A removal with what its hooks need. */
interface HookedRemoval {
  readonly request: InstallationName;
  readonly plan: Plan;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
  /** `StoredHooks.digestKey`. */
  readonly digestKey: string;
}

const noHooks: StoredHooks = { hooks: [], digestKey: '', beyond: [] };

/** The step of a removal's journal after which nothing is left to run or to delete, but the record. */
const hooksDone = 'hooks done';

/** Notes that the hooks of a removal are through: what they are read from goes next. Without hooks nothing is written. */
export async function noteHooksDone(plan: Plan, ledger: Ledger, session: Session): Promise<void> {
  if ((plan.hooks ?? []).length > 0) await ledger.note(hooksDone, session.signal);
}

/** The hooks that run around a removal. Throws as `storedHooks`, with the way to do without them. */
export async function removalHooks(
  deps: ClusterDeps,
  record: InstallationRecord,
  request: Pick<RemoveRequest, 'hooks'>,
  session: Session,
): Promise<StoredHooks> {
  const through = record.pending?.revision === 0 && record.pending.journal.some(isDone);
  if (request.hooks === false || through) return noHooks;
  const { before, after } = hookEvents.remove;
  try {
    return await storedHooks(deps, record, [before, after], session);
  } catch (error) {
    throw withoutHooksHint(error);
  }
}

function isDone({ step }: JournalEntry): boolean {
  return step === hooksDone;
}

/** A removal with its hooks. */
export function withHooks(plan: Plan, { hooks, beyond }: StoredHooks): Plan {
  if (hooks.length === 0) return plan;
  return { ...plan, hooks, ...(beyond.length === 0 ? {} : { beyond }) };
}

/** Only hooks say anything that has to be masked: where none runs, no Secret is read for it. */
export async function hookMask(
  deps: ClusterDeps,
  record: InstallationRecord,
  { hooks }: StoredHooks,
  signal: AbortSignal,
): Promise<Masker> {
  return hooks.length === 0 ? createMasker([]) : (await recordMask(deps, record, signal)).mask;
}

/** The deletions of the app's own objects, and those of what its hooks made. */
export function partsOf(
  plan: Plan,
  record: InstallationRecord,
): { readonly steady: Plan; readonly made: Plan } {
  const hooks = new Set(record.inventory.filter(({ hook }) => hook === true).map(idKey));
  const of = (hook: boolean) => plan.objects.filter(({ ref }) => hooks.has(idKey(ref)) === hook);
  return { steady: { ...plan, objects: of(false) }, made: { ...plan, objects: of(true) } };
}

/** What hooks made, which goes when all else is gone, as it is after the last of them has run: some of it was made anew, and some is gone already. */
export function afterHooks(made: Plan, ledger: Ledger): Plan {
  const ran = new Set((made.hooks ?? []).map(({ ref }) => idKey(ref)));
  // What did not run goes as it was judged: it may not be ours any more.
  const untouched = made.objects.filter(({ ref }) => !ran.has(idKey(ref)));
  const anew = ledger
    .inventory()
    .filter((entry) => ran.has(idKey(entry)) && entry.uid !== '' && entry.keep === undefined)
    .map((entry) => leavingObject(entry, 'delete', 'the app is removed', entry.uid));
  return { ...made, objects: [...untouched, ...anew] };
}

/** Runs the hooks of a removal at one event. Throws as `runHooks`, with the way to do without them. */
export async function runRemovalHooks(
  deps: ClusterDeps,
  event: HookEvent,
  ledger: Ledger,
  { request, plan, deadline, digestKey }: HookedRemoval,
  session: Session,
): Promise<void> {
  const { namespace, name } = request;
  const options = {
    ...{ digestKey, deadline, installation: { namespace, name } },
    applySetId: applySetId(namespace, name),
  };
  try {
    await runHooks(deps, plan.hooks ?? [], event, ledger, options, session);
  } catch (error) {
    throw withoutHooksHint(error);
  }
}
