import type { AdoptChoice } from '../domain/adoption.ts';
import {
  type ConflictChoices,
  noConflictChoices,
  withoutTaken,
  yieldedAfter,
} from '../domain/conflict-choices.ts';
import { AppstoreError } from '../domain/errors.ts';
import { fullName, type ObjectPattern, parseObjectPattern } from '../domain/object-pattern.ts';
import type { Plan } from '../domain/plan.ts';
import { checkChoices } from './check-choices.ts';
import { planChange } from './plan-change.ts';
import type { Prepared } from './prepared.ts';
import { Refused } from './refusals.ts';
import type { Asker, ChangeDeps, ChangeRequest, Session } from './requests.ts';
import { recordsFor } from './same-revision.ts';

/** A plan in which everything that a person could decide was decided, and what is stored of that. */
export interface SettledPlan {
  readonly plan: Plan;
  readonly prepared: Prepared;
}

/**
 * The plan of a change. What it leaves open is asked where somebody is there, and planned again with the answers. Throws what
 * `planChange` throws, USAGE for choices that fit nothing, and DECLINED.
 */
export async function settlePlan(
  deps: ChangeDeps,
  request: ChangeRequest,
  prepared: Prepared,
  session: Session,
): Promise<SettledPlan> {
  const { reads: _read, ...unread } = prepared;
  const plan = await planOrAdopt(deps, request, prepared, session);
  if ('adopt' in plan) return settlePlan(deps, { ...request, adopt: plan.adopt }, unread, session);
  const warnings = checkChoices(plan, request, prepared);
  const answers = await askConflicts(plan, request, session);
  if (answers !== undefined) return settlePlan(deps, { ...request, conflicts: answers }, unread, session);
  return settled({ ...plan, warnings: [...plan.warnings, ...warnings] }, request, prepared);
}

/** The plan, or what is to be adopted besides: asked for where nothing else stands in its way. */
async function planOrAdopt(
  deps: ChangeDeps,
  request: ChangeRequest,
  prepared: Prepared,
  session: Session,
): Promise<Plan | { readonly adopt: AdoptChoice }> {
  try {
    return await planChange(deps, request, prepared, session);
  } catch (error) {
    if (!(error instanceof Refused) || session.ask === undefined || request.dryRun) throw error;
    const { adopt = [] } = request;
    if (adopt === 'all' || error.refusals.some(({ adoptable }) => adoptable === undefined)) throw error;
    return { adopt: [...adopt, ...(await askAdoptions(error, session.ask))] };
  }
}

/** Asks for each object; one that is not adopted ends it as if nobody had been asked. */
async function askAdoptions(refused: Refused, ask: Asker): Promise<ObjectPattern[]> {
  const adopted: ObjectPattern[] = [];
  for (const { adoptable, problem } of refused.refusals) {
    if (adoptable === undefined || !(await ask.adopt(adoptable, problem.message))) throw refused;
    adopted.push(parseObjectPattern(fullName(adoptable), '--adopt'));
  }
  return adopted;
}

function settled(plan: Plan, request: ChangeRequest, prepared: Prepared): SettledPlan {
  const kept = withoutTaken(prepared.options.yielded, request.conflicts?.take ?? []);
  const yielded = yieldedAfter(kept, plan.objects);
  const decided = { ...prepared, options: { ...prepared.options, yielded } };
  const records = recordsFor(decided);
  return { plan: { ...plan, ...(records === undefined ? {} : { records }) }, prepared: decided };
}

/** The choices of the request with the answers to everything that it left open; undefined where nothing was asked. */
async function askConflicts(
  plan: Plan,
  { conflicts = noConflictChoices, dryRun }: ChangeRequest,
  { ask }: Session,
): Promise<ConflictChoices | undefined> {
  const open = plan.objects.filter(({ action }) => action === 'conflict');
  if (ask === undefined || dryRun || open.length === 0) return undefined;
  let choices = conflicts;
  for (const { ref, conflicts: found } of open) {
    for (const conflict of found.filter(({ choice }) => choice === undefined)) {
      const answer = await ask.conflict(ref, conflict);
      if (answer === 'abort') throw new AppstoreError('DECLINED', 'not decided; nothing was written');
      const object = parseObjectPattern(fullName(ref), `--${answer}`);
      choices = { ...choices, [answer]: [...choices[answer], { object, field: conflict.field }] };
    }
  }
  return choices;
}
