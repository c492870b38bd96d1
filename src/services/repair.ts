import { type FieldChoice, parseFieldChoice } from '../domain/conflict-choices.ts';
import { AppstoreError } from '../domain/errors.ts';
import { nearest } from '../domain/near.ts';
import { fitsPattern, type ObjectPattern, parseObjectPattern } from '../domain/object-pattern.ts';
import { displayId, idKey, type ObjectId } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import { countActions } from '../domain/plan.ts';
import { atRest } from './at-rest.ts';
import { type Claim, createClaim, whileLocked } from './claim.ts';
import { requireClusterScope } from './cluster-scope.ts';
import { comparedRevision, findDrift, isRepairable } from './drift.ts';
import { type DriftPlan, planDrift, type TakeBack } from './drift-plan.ts';
import { applyPlan } from './execute.ts';
import { requireRecord } from './inspect.ts';
import { plannedInventory, type Written } from './inventory.ts';
import { maskedError } from './masked-error.ts';
import { maskedEmit, publicPlan } from './masked-events.ts';
import type { ChangeDeps, RepairRequest, RepairResult, Session } from './requests.ts';
import { unlessStale } from './unless-stale.ts';
import { awaitReady } from './wait-ready.ts';

/**
 * Takes drift back: applies the revision again to the objects that differ from it, with the fields that others hold taken by
 * name. Makes no revision; the inventory of the record then says what was written. What is another's now is left and told.
 * Throws INSTALLATION_NOT_FOUND, OPERATION_RUNNING where an operation is not finished, USAGE for a choice that names no
 * drift, DECLINED, INSTALLATION_LOCKED, and what planning and applying throw.
 */
export async function repair(
  deps: ChangeDeps,
  request: RepairRequest,
  session: Session,
): Promise<RepairResult> {
  const only = request.only.map(readChoice);
  const claim = createClaim(deps, request);
  for (;;) {
    const planning = { name: request, claim, dryRun: request.dryRun };
    const found = await unlessStale(deps, planning, session, (noting) =>
      planRepair(noting, request, only, session),
    );
    if (found === 'again') continue;
    const { plan, prepared, record } = found;
    const shown = publicPlan(plan, prepared.mask);
    const inner = { ...session, emit: maskedEmit(session.emit, prepared.mask) };
    inner.emit({ type: 'planned', plan: shown });
    inner.check?.(shown);
    const answer = { plan: shown, left: found.left };
    if (request.dryRun) return { outcome: 'planned', ...answer };
    // What is as the revision has it, and recorded otherwise, is only recorded: a repair that was cut leaves such objects.
    if (plan.objects.length === 0) {
      if ((await atRest(deps, { name: request, claim }, inner)) === 'again') continue;
      return { outcome: 'unchanged', ...answer };
    }
    requireClusterScope(plan, request, inner);
    if ((await claim.free(inner)) === 'again') continue;
    const { create, update } = countActions(plan);
    const changes = create + update > 0;
    if (changes && inner.ask !== undefined && !(await inner.ask.confirm(shown)))
      throw new AppstoreError('DECLINED', 'not confirmed; nothing was written');
    const deadline = deps.clock.monotonic() + request.timeout;
    const lock = await claim.take(inner);
    if (lock === undefined) continue;
    try {
      const done = await whileLocked(deps, lock, inner, (locked, run) =>
        carryOut(locked, { request, found, record, deadline, claim }, run),
      );
      if (done === 'again') continue;
    } catch (error) {
      throw maskedError(error, prepared.mask);
    }
    return { outcome: changes ? 'repaired' : 'unchanged', ...answer };
  }
}

type Found = Awaited<ReturnType<typeof planRepair>>;

interface Repair {
  readonly request: RepairRequest;
  readonly found: Found;
  readonly record: Found['record'];
  readonly deadline: number;
  readonly claim: Claim;
}

/**
 * Record -> apply -> record -> wait. The record goes first: it says what may have been written where the repair is cut, and
 * refuses one that was planned from a revision that is none any more. What was written is recorded whatever happens.
 */
async function carryOut(
  deps: ChangeDeps,
  { request, found: { plan, prepared }, record, deadline, claim }: Repair,
  session: Session,
): Promise<'done' | 'again'> {
  const intended = plannedInventory(record.inventory, plan);
  const begun = await deps.records.refresh(record, intended, session.signal).catch(claim.overtaken);
  if (begun === 'again') return begun;
  const written: Written = new Map();
  const options = {
    applySetId: applySetId(request.namespace, request.name),
    installation: { namespace: request.namespace, name: request.name },
    digestKey: prepared.digestKey,
    deadline,
  };
  try {
    await applyPlan(deps, plan, options, session, written);
  } finally {
    // Of an object that was taken back in part the rest is still drift: what was recorded of it stays.
    for (const { ref, conflicts } of plan.objects)
      if (conflicts.some(({ choice }) => choice === 'yield')) written.delete(idKey(ref));
    const inventory = record.inventory.map((entry) => written.get(idKey(entry)) ?? entry);
    if (written.size > 0) await deps.records.refresh(begun, inventory);
  }
  if (request.wait) await awaitReady(deps, plan, options, session);
  return 'done';
}

async function planRepair(
  deps: ChangeDeps,
  request: RepairRequest,
  only: readonly Choice[],
  session: Session,
): Promise<
  DriftPlan & {
    readonly record: Awaited<ReturnType<typeof requireRecord>>;
    readonly left: RepairResult['left'];
  }
> {
  const record = await requireRecord(deps, request, session.signal);
  if (record.pending !== undefined) throw unfinished(request, record.pending.operation);
  const drifted = await findDrift(deps, record, session.signal);
  checkOnly(
    only,
    drifted.map(({ entry }) => entry),
  );
  const wanted = drifted.filter((one) => isRepairable(one) && isChosen(only, one.entry));
  const target = {
    record,
    revision: comparedRevision(record),
    objects: new Set(wanted.map(({ entry }) => idKey(entry))),
  };
  const found = await planDrift(deps, target, takeBack(only), session);
  const states = new Map(wanted.map(({ entry, state }) => [idKey(entry), state]));
  const added = found.plan.objects.filter(({ desired }) => desired === undefined);
  const objects = found.plan.objects.filter(
    ({ ref, action, desired }) =>
      desired !== undefined && !(action === 'unchanged' && states.get(idKey(ref)) === 'same'),
  );
  const planned = { ...found, plan: { ...found.plan, objects } };
  const foreign = drifted
    .filter((one) => !isRepairable(one) && isChosen(only, one.entry))
    .map(({ entry: { group, version, kind, namespace, name }, state, by }) => ({
      ref: { group, version, kind, namespace, name },
      reason:
        state === 'terminating'
          ? 'it is being deleted'
          : `it belongs to somebody else now${by.length === 0 ? '' : ` (${by.join(', ')})`}`,
    }));
  const more = added.map(({ ref }) => ({
    ref,
    reason: `revision ${target.revision} does not have it; \`appstore rollback\` takes it away`,
  }));
  return { ...planned, record, left: [...foreign, ...more] };
}

function unfinished({ namespace, name }: RepairRequest, operation: string): AppstoreError {
  return new AppstoreError('OPERATION_RUNNING', `${name} in ${namespace}: the ${operation} is not finished`, {
    hint: `\`appstore status ${name} -n ${namespace}\` says how to go on with it, or back.`,
  });
}

/** An object to take back, whole or one field of it. */
interface Choice {
  readonly text: string;
  readonly object: ObjectPattern;
  readonly field?: string;
}

function readChoice(text: string): Choice {
  if (!text.includes(':.')) return { text, object: parseObjectPattern(text, '--only') };
  const { object, field }: FieldChoice = parseFieldChoice(text, '--only');
  return { text, object, field };
}

function isChosen(only: readonly Choice[], id: ObjectId): boolean {
  return only.length === 0 || only.some(({ object }) => fitsPattern(object, id));
}

/** A field that another holds is taken where nothing was chosen, where the whole object was, or where the field itself was. */
function takeBack(only: readonly Choice[]): TakeBack {
  return (id, conflict) =>
    only.length === 0 ||
    only.some(
      ({ object, field }) => fitsPattern(object, id) && (field === undefined || field === conflict.field),
    );
}

function checkOnly(only: readonly Choice[], drifted: readonly ObjectId[]): void {
  for (const { text, object } of only) {
    if (drifted.some((id) => fitsPattern(object, id))) continue;
    const names = drifted.map((id) => `${id.kind}/${id.name}`);
    const near = nearest(`${object.kind}/${object.name}`, names);
    throw new AppstoreError('USAGE', `--only ${text}: no such object has drifted`, {
      hint:
        near.length > 0
          ? `Did you mean ${near.join(', ')}?`
          : names.length === 0
            ? 'Nothing has drifted.'
            : `Drifted: ${drifted.slice(0, 10).map(displayId).join(', ')}.`,
    });
  }
}
