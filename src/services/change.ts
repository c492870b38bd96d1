import { AppstoreError } from '../domain/errors.ts';
import { hookEvents } from '../domain/hooks.ts';
import { applySetId } from '../domain/ownership.ts';
import { countActions, type Plan, type PlannedObject } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { atRest } from './at-rest.ts';
import { checkSaved } from './check-saved.ts';
import { type Claim, createClaim, whileLocked } from './claim.ts';
import { requireClusterScope } from './cluster-scope.ts';
import { refuseConflicts } from './conflicts.ts';
import { applyPlan, deletePlanned, type ExecuteOptions } from './execute.ts';
import { evidenceOf, failureOf } from './failure.ts';
import { finalInventory, plannedInventory } from './inventory.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { maskedError } from './masked-error.ts';
import { maskedEmit, publicPlan } from './masked-events.ts';
import { makeNamespace } from './namespace.ts';
import { newOperation } from './operation.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { ChangeDeps, ChangeRequest, ChangeResult, Session } from './requests.ts';
import { requireYes } from './require-yes.ts';
import { runHooks } from './run-hooks.ts';
import { isSameRevision } from './same-revision.ts';
import { settlePlan } from './settle-plan.ts';
import { unlessStale } from './unless-stale.ts';
import { awaitReady } from './wait-ready.ts';

/**
 * Installs, upgrades or rolls back: catalog -> values -> render -> plan -> apply -> wait -> prune -> record. The one way of every change.
 * Nothing is written before the whole plan is known to be allowed; nothing is written at all where nothing changes.
 * Throws what its steps throw; the record tells afterwards what was done, and the same command goes on from there.
 */
export async function change(deps: ChangeDeps, given: ChangeRequest, outer: Session): Promise<ChangeResult> {
  const claim = createClaim(deps, given);
  if (!given.dryRun) claim.look(outer);
  for (;;) {
    const done = await attempt(deps, given, claim, outer);
    if (done !== 'again') return done;
  }
}

/** One try; `again` where somebody else held the installation meanwhile, so that what was planned is stale. */
async function attempt(
  deps: ChangeDeps,
  given: ChangeRequest,
  claim: Claim,
  outer: Session,
): Promise<ChangeResult | 'again'> {
  const planning = { name: given, claim, dryRun: given.dryRun };
  const planned = await unlessStale(deps, planning, outer, (noting) => planChecked(noting, given, outer));
  if (planned === 'again') return planned;
  const { mask } = planned.prepared;
  try {
    return await changePlanned(deps, planned, claim, outer);
  } catch (error) {
    throw maskedError(error, mask);
  }
}

interface Planned {
  /** An operation that was cut goes on as what it was. */
  readonly request: ChangeRequest;
  readonly prepared: Prepared;
  readonly plan: Plan;
  readonly shown: Plan;
}

/** The plan where nothing is to be done, without rendering where that can be known; else that of a fresh rendering. */
async function planChecked(deps: ChangeDeps, given: ChangeRequest, outer: Session): Promise<Planned> {
  const prepared = await prepare(deps, given, outer, { anew: false });
  if (prepared.remembered !== true) return planPrepared(deps, given, prepared, outer);
  const { ask: _nobody, ...quiet } = { ...outer, emit: () => {} };
  const planned = await planPrepared(deps, given, prepared, quiet).catch(() => undefined);
  outer.signal.throwIfAborted();
  if (planned === undefined || hasWrites(planned.plan) || countActions(planned.plan).conflict > 0)
    return planPrepared(deps, given, await prepare(deps, given, outer), outer);
  outer.emit({ type: 'planned', plan: planned.shown });
  return planned;
}

/** Plan, settled and checked. Writes nothing. */
async function planPrepared(
  deps: ChangeDeps,
  given: ChangeRequest,
  unsettled: Prepared,
  outer: Session,
): Promise<Planned> {
  const request = { ...given, operation: unsettled.operation };
  const session = { ...outer, emit: maskedEmit(outer.emit, unsettled.mask) };
  try {
    const { plan, prepared } = await settlePlan(deps, request, unsettled, session);
    if (request.saved !== undefined) checkSaved(plan, request.saved);
    const shown = publicPlan(plan, prepared.mask);
    session.emit({ type: 'planned', plan: shown });
    if (!request.dryRun) refuseConflicts(shown);
    return { request, prepared, plan, shown };
  } catch (error) {
    throw maskedError(error, unsettled.mask);
  }
}

/** apply -> wait -> prune -> record. */
async function changePlanned(
  deps: ChangeDeps,
  { request, prepared, plan, shown }: Planned,
  claim: Claim,
  outer: Session,
): Promise<ChangeResult | 'again'> {
  if (request.dryRun) return result('planned', shown, prepared, prepared.record, false);
  const session = { ...outer, emit: maskedEmit(outer.emit, prepared.mask) };
  if (!hasWrites(plan) && isSameRevision(prepared)) {
    const rest = await atRest(deps, { name: request, claim }, session);
    return rest === 'again' ? rest : result('unchanged', shown, prepared, prepared.record, true);
  }
  requireClusterScope(plan, request, session);
  requireYes(plan, request, session);
  if ((await claim.free(session)) === 'again') return 'again';
  await confirm(shown, session);
  // A person who reads the plan takes nothing of the time, and neither does another operation that is waited for.
  const deadline = deps.clock.monotonic() + request.timeout;
  const record = await lockAndCarryOut(deps, request, { plan, prepared, deadline, claim }, session);
  return record === 'again' ? record : result('changed', shown, prepared, record, request.wait);
}

interface Job {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly deadline: number;
  readonly claim: Claim;
}

/** The namespace, which the lock lies in, then the lock; everything else is written under it. */
async function lockAndCarryOut(
  deps: ChangeDeps,
  request: ChangeRequest,
  job: Job,
  session: Session,
): Promise<InstallationRecord | 'again'> {
  const made = job.plan.createNamespace && (await makeNamespace(deps.cluster, request, session.signal));
  const lock = await job.claim.take(session);
  if (lock === undefined) return 'again';
  return whileLocked(deps, lock, session, (locked, inner) =>
    carryOut(locked, request, { ...job, madeNamespace: made }, inner),
  );
}

interface LockedJob extends Job {
  readonly madeNamespace: boolean;
}

/** apply -> wait -> prune -> record. Whatever happens, what was written is recorded. */
async function carryOut(
  deps: ChangeDeps,
  request: ChangeRequest,
  job: LockedJob,
  session: Session,
): Promise<InstallationRecord | 'again'> {
  const record = await begin(deps, request, job, session).catch(job.claim.overtaken);
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

/** The generated secrets, then the record with the intended inventory: all before the first object. */
async function begin(
  deps: ChangeDeps,
  request: ChangeRequest,
  job: LockedJob,
  session: Session,
): Promise<InstallationRecord> {
  const { namespace, name } = request;
  const { plan, prepared } = job;
  session.emit({ type: 'step', step: 'record', state: 'started' });
  if (Object.keys(prepared.newGenerated).length > 0) {
    const stored = await deps.records.addGenerated(namespace, name, prepared.newGenerated, session.signal);
    refuseOtherSecrets(request, prepared.newGenerated, stored);
  }
  const operation = {
    ...newOperation(deps, request.operation, plan.revision, request.holder),
    ...prepared.carried,
  };
  const record = await deps.records.begin(
    {
      namespace,
      name,
      ...(prepared.record === undefined ? {} : { record: prepared.record }),
      operation,
      content: contentOf(plan, prepared),
      package: prepared.package,
      inventory: plannedInventory(prepared.record?.inventory ?? [], plan),
      madeNamespace: job.madeNamespace || (prepared.record?.madeNamespace ?? false),
    },
    session.signal,
  );
  const resumed = prepared.resumed === true;
  const { operation: kind } = request;
  session.emit({ type: 'operation', operation: kind, namespace, name, id: operation.id, resumed });
  session.emit({ type: 'step', step: 'record', state: 'done' });
  return record;
}

function contentOf(plan: Plan, prepared: Prepared) {
  return {
    number: plan.revision,
    package: prepared.package.resolved,
    options: prepared.options,
    facts: prepared.facts,
    secretPaths: prepared.secretPaths,
    ...(prepared.readSecrets.length === 0 ? {} : { readSecrets: prepared.readSecrets }),
    digestKey: prepared.digestKey,
    ...(prepared.inputs === undefined ? {} : { inputs: prepared.inputs }),
    rendered: prepared.rendered,
  };
}

/** Two first installs of one name at once: the secrets of the first hold, and what we rendered has others. */
function refuseOtherSecrets(
  request: ChangeRequest,
  ours: Readonly<Record<string, string>>,
  stored: Readonly<Record<string, string>>,
): void {
  if (Object.entries(ours).every(([path, secret]) => stored[path] === secret)) return;
  throw new AppstoreError(
    'OPERATION_RUNNING',
    `${request.name} in ${request.namespace}: another install of that name began just now`,
  );
}

/** An interrupted operation stays pending: the same command goes on with it. Any other failure is written down. */
async function recordFailure(
  deps: ChangeDeps,
  request: ChangeRequest,
  ledger: Ledger,
  { plan, prepared: { mask } }: Job,
  error: unknown,
  session: Session,
): Promise<void> {
  const record = ledger.record();
  const inventory = ledger.inventory();
  const failure = failureOf(maskedError(error, mask));
  try {
    if (session.signal.aborted && record.pending !== undefined) {
      await deps.records.progress(record, { operation: record.pending, inventory });
      return;
    }
    const finishedAt = deps.clock.now().toISOString();
    await deps.records.finish(record, {
      result: 'failed',
      finishedAt,
      ...failure,
      evidence: evidenceOf(error, mask, deps.clock.now()),
      inventory,
      keep: request.keep,
    });
  } catch (second) {
    if (second instanceof AppstoreError && second.code === 'LOCK_LOST') return;
    // The first failure is the one to tell; the record still says that the operation is pending, which is true.
    const message = `the failure could not be written to the record of ${plan.target.name}`;
    const hint = second instanceof Error ? second.message : String(second);
    session.emit({ type: 'warning', problem: { message, hint } });
  }
}

function hasWrites(plan: Plan): boolean {
  const counts = countActions(plan);
  return counts.create + counts.update + counts.replace + counts.delete > 0;
}

async function confirm(shown: Plan, session: Session): Promise<void> {
  if (session.ask === undefined) return;
  if (!(await session.ask.confirm(shown))) {
    throw new AppstoreError('DECLINED', 'not confirmed; nothing was written');
  }
}

function result(
  outcome: ChangeResult['outcome'],
  shown: Plan,
  prepared: Prepared,
  record: InstallationRecord | undefined,
  waited: boolean,
): ChangeResult {
  const { rendered, mask } = prepared;
  return {
    outcome,
    plan: shown,
    ...(record === undefined ? {} : { record }),
    notes: mask.text(rendered.notes),
    outputs: rendered.outputs.map((output) => ({ ...output, value: mask.text(output.value) })),
    open: rendered.open,
    waited,
    generated: Object.keys(prepared.generated),
  };
}
