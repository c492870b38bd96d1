import type { ConflictChoices } from '../domain/conflict-choices.ts';
import { idKey, type ObjectId } from '../domain/objects.ts';
import type { Plan, PlannedConflict, PlannedObject } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { readFacts } from './facts.ts';
import { locate } from './locate.ts';
import { planChange } from './plan-change.ts';
import { prepareStored } from './prepare-stored.ts';
import type { Prepared } from './prepared.ts';
import type { ChangeDeps, ChangeRequest, Session } from './requests.ts';

/** Applying a stored revision again to some of its objects: what that changes is their drift. */
export interface DriftPlan {
  readonly plan: Plan;
  readonly prepared: Prepared;
}

interface DriftTarget {
  readonly record: InstallationRecord;
  /** The revision that the cluster is compared with. */
  readonly revision: number;
  /** Identities (`idKey`) of the objects to look at. */
  readonly objects: ReadonlySet<string>;
}

/** Which fields that other managers hold are taken back. */
export type TakeBack = (id: ObjectId, conflict: PlannedConflict) => boolean;

/**
 * Plans what taking drift back would do: from live objects and server-side dry runs, as any change is planned. Reads only.
 * Throws what `prepareStored` and `planChange` throw.
 */
export async function planDrift(
  deps: ChangeDeps,
  target: DriftTarget,
  takeBack: TakeBack,
  session: Session,
): Promise<DriftPlan> {
  const request = requestOf(target.record);
  const prepared = await prepareDrifted(deps, request, target, session);
  const first = await planChange(deps, request, prepared, session);
  const conflicts = choicesOf(first.objects, takeBack);
  const plan =
    conflicts === undefined ? first : await planChange(deps, { ...request, conflicts }, prepared, session);
  return { plan: { ...plan, operation: 'repair', revision: target.revision }, prepared };
}

/** Every field in conflict is taken back or, for this once, left; undefined where there is none. */
function choicesOf(objects: readonly PlannedObject[], takeBack: TakeBack): ConflictChoices | undefined {
  const choices = objects.flatMap(({ ref, conflicts }) =>
    conflicts.map((conflict) => ({
      take: takeBack(ref, conflict),
      choice: { object: ref, field: conflict.field },
    })),
  );
  if (choices.length === 0) return undefined;
  return {
    take: choices.filter(({ take }) => take).map(({ choice }) => choice),
    yield: choices.filter(({ take }) => !take).map(({ choice }) => choice),
  };
}

async function prepareDrifted(
  deps: ChangeDeps,
  request: ChangeRequest,
  { record, revision, objects }: DriftTarget,
  session: Session,
): Promise<Prepared> {
  const { signal } = session;
  const [whole, known] = await Promise.all([
    deps.records.stored(record, revision, signal),
    deps.records.readGenerated(record.namespace, record.name, signal),
  ]);
  const intention = {
    operation: 'upgrade',
    from: revision,
    number: revision,
    resumed: false,
    journal: [],
  } as const;
  const facts = () => readFacts(deps.cluster, signal);
  const stored = whole.content;
  const input = { ...whole, record, stored, facts, known, intention };
  const prepared = await prepareStored(deps, request, input, session);
  const located = await locate(deps.cluster, prepared.rendered.objects, request.namespace, signal);
  const rendered = located.filter((one) => objects.has(idKey(one.ref))).map((one) => one.rendered);
  const inventory = record.inventory.filter((entry) => objects.has(idKey(entry)));
  return {
    ...prepared,
    record: { ...record, inventory },
    rendered: { ...prepared.rendered, objects: rendered },
  };
}

/** As an upgrade that gives nothing, for show: nothing of it is carried out as a change. */
function requestOf({ namespace, name }: InstallationRecord): ChangeRequest {
  return {
    namespace,
    name,
    operation: 'upgrade',
    given: { values: {}, secretRefs: [] },
    resetValues: false,
    createNamespace: false,
    wait: false,
    timeout: 0,
    dryRun: true,
    keep: 0,
    holder: '',
  };
}
