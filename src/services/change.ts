import { begun } from '../domain/begun.ts';
import { AppstoreError } from '../domain/errors.ts';
import { countActions, type Plan } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { atRest } from './at-rest.ts';
import { lockAndCarryOut } from './carry-out.ts';
import { checkSaved } from './check-saved.ts';
import { type Claim, createClaim } from './claim.ts';
import { requireClusterScope } from './cluster-scope.ts';
import { refuseConflicts } from './conflicts.ts';
import { maskedLink } from './links.ts';
import { maskedError } from './masked-error.ts';
import { maskedEmit, publicPlan } from './masked-events.ts';
import { prepare } from './prepare.ts';
import type { Prepared } from './prepared.ts';
import type { ChangeDeps, ChangeRequest, ChangeResult, Session } from './requests.ts';
import { requireYes } from './require-yes.ts';
import { settlePlan } from './settle-plan.ts';
import { unlessStale } from './unless-stale.ts';

/**
 * Installs, upgrades or rolls back: catalog -> values -> render -> plan -> apply -> wait -> prune -> record. The one way of every change.
 * Nothing is written before the whole plan is known to be allowed; nothing is written at all where nothing changes.
 * Throws what its steps throw; the record tells afterwards what was done, and the same command goes on from there.
 */
export async function change(deps: ChangeDeps, given: ChangeRequest, outer: Session): Promise<ChangeResult> {
  const claim = createClaim(deps, given);
  let attempting = begun(attempt(deps, given, claim, outer));
  // After the record, which leads the longest way.
  if (!given.dryRun) claim.look(outer);
  for (;;) {
    const done = await attempting;
    if (done !== 'again') return done;
    attempting = attempt(deps, given, claim, outer);
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
  const { ask: _nobody, check: _later, ...quiet } = { ...outer, emit: () => {} };
  const planned = await planPrepared(deps, given, prepared, quiet).catch(() => undefined);
  outer.signal.throwIfAborted();
  if (planned === undefined || hasWrites(planned.plan) || countActions(planned.plan).conflict > 0)
    return planPrepared(deps, given, await prepare(deps, given, outer), outer);
  outer.emit({ type: 'planned', plan: planned.shown });
  outer.check?.(planned.shown);
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
    if (request.saved !== undefined) await checkSaved(deps.cluster, plan, request.saved, session.signal);
    const shown = publicPlan(plan, prepared.mask);
    session.emit({ type: 'planned', plan: shown });
    session.check?.(shown);
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
  if (!hasWrites(plan) && plan.records === undefined) {
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
    open: rendered.open.map((link) => maskedLink(link, mask)),
    waited,
    generated: madeCredentials(prepared),
  };
}

/** An install names all that it works with, found or made; a later change only what it made: the rest is known by then. */
function madeCredentials({ operation, generated, newGenerated }: Prepared): string[] {
  return Object.keys(operation === 'install' ? generated : newGenerated);
}
