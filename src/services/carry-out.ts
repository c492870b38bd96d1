import { begun } from '../domain/begun.ts';
import { hookEvents } from '../domain/hooks.ts';
import { applySetId } from '../domain/ownership.ts';
import type { Plan, PlannedObject } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { beginRecord, contentOf, recordFailure } from './change-record.ts';
import { whileLocked } from './claim.ts';
import { applyPlan, deletePlanned, type ExecuteOptions } from './execute.ts';
import { finalInventory } from './inventory.ts';
import type { Job, LockedJob } from './job.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { makeNamespace } from './namespace.ts';
import type { ChangeDeps, ChangeRequest, Session } from './requests.ts';
import { runHooks } from './run-hooks.ts';
import { awaitReady } from './wait-ready.ts';

/** The namespace, which the lock lies in, then the lock; everything else is written under it. */
export async function lockAndCarryOut(
  deps: ChangeDeps,
  request: ChangeRequest,
  job: Job,
  session: Session,
): Promise<InstallationRecord | 'again'> {
  const made = job.plan.createNamespace && (await makeNamespace(deps.cluster, request, session.signal));
  const taking = begun(job.claim.take(session));
  const content = contentOf(job.plan, job.prepared);
  const { namespace, name } = request;
  deps.records.packAhead({ namespace, name, content, package: job.prepared.package });
  const lock = await taking;
  if (lock === undefined) return 'again';
  return whileLocked(deps, lock, session, (locked, inner) =>
    carryOut(locked, request, { ...job, content, madeNamespace: made }, inner),
  );
}

/** apply -> wait -> prune -> record. Whatever happens, what was written is recorded. */
async function carryOut(
  deps: ChangeDeps,
  request: ChangeRequest,
  job: LockedJob,
  session: Session,
): Promise<InstallationRecord | 'again'> {
  const record = await beginRecord(deps, request, job, session).catch(job.claim.overtaken);
  if (record === 'again') {
    // What was written for a record that is not there any more is ours alone to take away.
    await deps.records.sweep(request.namespace, request.name, session.signal);
    return record;
  }
  const ledger = openLedger(deps, record, new Map());
  const options = {
    applySetId: applySetId(request.namespace, request.name),
    digestKey: job.prepared.digestKey,
    deadline: job.deadline,
    ...(request.failAfter === undefined ? {} : { failAfter: request.failAfter }),
    installation: { namespace: request.namespace, name: request.name },
    ...(request.undoOnFailure === true ? { undone: job.plan.revision } : {}),
  };
  try {
    await write(deps, request, job.plan, { ledger, options }, session);
  } catch (error) {
    await recordFailure(deps, request, ledger, job, error, session);
    throw error;
  }
  session.emit({ type: 'step', step: 'finish', state: 'started' });
  const finished = await deps.records.finish(ledger.record(), {
    result: 'deployed',
    finishedAt: deps.clock.now().toISOString(),
    inventory: finalInventory(ledger.record().inventory, job.plan, ledger.written),
    keep: request.keep,
  });
  session.emit({ type: 'step', step: 'finish', state: 'done' });
  return finished;
}

/** Definitions first, which a hook may need; hooks before everything else and after it; what leaves the app last of the objects. */
async function write(
  deps: ChangeDeps,
  { operation, wait }: ChangeRequest,
  plan: Plan,
  { ledger, options }: { readonly ledger: Ledger; readonly options: ExecuteOptions },
  session: Session,
): Promise<void> {
  if (wait) deps.cluster.expectWatches();
  const { before, after } = hookEvents[operation];
  const hooks = plan.hooks ?? [];
  const early = hooks.some(({ runs }) => runs.includes(before));
  const [definitions, rest] = early ? apart(plan, ({ phase }) => phase.kind === 'crd') : [undefined, plan];
  if (definitions !== undefined) await applyPlan(deps, definitions, options, session, ledger.written);
  await runHooks(deps, hooks, before, ledger, options, session);
  await applyPlan(deps, rest, options, session, ledger.written);
  if (wait) await awaitReady(deps, plan, options, session);
  await deletePlanned(deps, plan, { foreground: false }, session);
  await runHooks(deps, hooks, after, ledger, options, session);
}

/** A plan in two: the objects that fit, and the rest with everything else. */
function apart(plan: Plan, fits: (object: PlannedObject) => boolean): [Plan, Plan] {
  const objects = plan.objects.filter(fits);
  const rest = plan.objects.filter((object) => !fits(object));
  return [
    { ...plan, objects, handovers: [] },
    { ...plan, objects: rest },
  ];
}
