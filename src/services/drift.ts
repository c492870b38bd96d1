import { type Drift, driftOf } from '../domain/drift.ts';
import { AppstoreError, type Problem } from '../domain/errors.ts';
import { idKey, type ObjectRef } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import type { PlannedObject } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { planDrift } from './drift-plan.ts';
import { requireRecord } from './inspect.ts';
import { Refused } from './refusals.ts';
import type {
  ChangeDeps,
  DriftedField,
  DriftedObject,
  DriftReport,
  InstallationName,
  Session,
} from './requests.ts';
import { newestRevision } from './state.ts';
import { survey } from './survey.ts';

/**
 * What in the cluster differs from the revision, and who did it (NEEDS row 11). Objects that nobody changed since our last
 * apply are told by their metadata; only of the others more is read. What others added beside our fields is no drift: it was
 * never ours. Reads only. Throws INSTALLATION_NOT_FOUND and what reading the revision throws.
 */
export async function drift(
  deps: ChangeDeps,
  name: InstallationName,
  session: Session,
): Promise<DriftReport> {
  const record = await requireRecord(deps, name, session.signal);
  const revision = comparedRevision(record);
  const drifted = await findDrift(deps, record, session.signal);
  const repairable = drifted.filter(isRepairable);
  const { objects, problems } =
    repairable.length === 0
      ? { objects: [], problems: [] }
      : await fieldsOf(deps, { record, revision, drifted: repairable }, session);
  const others = drifted.filter((one) => !isRepairable(one)).flatMap(withoutFields);
  return {
    namespace: record.namespace,
    name: record.name,
    revision,
    objects: [...objects, ...others],
    problems: [...unsettled(record, revision), ...problems],
    ...(record.pending === undefined ? {} : { pending: record.pending }),
  };
}

/** The deployed revision; where none is, the newest. */
export function comparedRevision(record: InstallationRecord): number {
  return record.revisions.findLast(({ result }) => result === 'deployed')?.number ?? newestRevision(record);
}

/**
 * The objects of an installation that are not as we applied them last, by metadata alone. Where a newer revision failed or is not
 * finished, what was applied last may be of that one: then every object is looked at, those whose metadata is as it was (`same`) too.
 */
export async function findDrift(
  deps: Pick<ChangeDeps, 'cluster'>,
  record: InstallationRecord,
  signal: AbortSignal,
): Promise<Drift[]> {
  const set = applySetId(record.namespace, record.name);
  const live = await survey(deps.cluster, record.inventory, { applySetId: set, signal });
  const metadata = new Map([...live].map(([key, { metadata: found }]) => [key, found]));
  return driftOf(record.inventory, metadata, set).filter(
    // What was left in the cluster on purpose is nobody's drift.
    ({ entry, state }) => (state !== 'same' || isMixed(record)) && entry.left !== true && entry.hook !== true,
  );
}

const changing: ReadonlySet<string> = new Set(['install', 'upgrade', 'rollback']);

/** True where the objects may be of another revision than the one that they are compared with. */
function isMixed(record: InstallationRecord): boolean {
  const deployed = record.revisions.findLast(({ result }) => result === 'deployed')?.number;
  if (deployed === undefined) return false;
  if (record.pending !== undefined) return changing.has(record.pending.operation);
  return record.state === 'failed' && newestRevision(record) !== deployed;
}

/** What is ours still can be taken back; what is another's now, or is going, cannot. */
export function isRepairable({ state }: Drift): boolean {
  return state === 'missing' || state === 'changed' || state === 'same';
}

function withoutFields({ entry, state, by }: Drift): DriftedObject[] {
  return state === 'same' ? [] : [{ ref: refOnly(entry), state, by, fields: [] }];
}

function refOnly({ group, version, kind, namespace, name }: ObjectRef): ObjectRef {
  return { group, version, kind, namespace, name };
}

interface Repairable {
  readonly record: InstallationRecord;
  readonly revision: number;
  readonly drifted: readonly Drift[];
}

/** Field by field, as far as the caller may see it. */
async function fieldsOf(
  deps: ChangeDeps,
  { record, revision, drifted }: Repairable,
  session: Session,
): Promise<{ readonly objects: readonly DriftedObject[]; readonly problems: readonly Problem[] }> {
  const keys = new Map(drifted.map((one) => [idKey(one.entry), one]));
  try {
    const target = { record, revision, objects: new Set(keys.keys()) };
    const { plan } = await planDrift(deps, target, () => true, { ...session, emit: () => {} });
    const objects = plan.objects.flatMap((object) => driftedObject(object, keys.get(idKey(object.ref))));
    return { objects, problems: [] };
  } catch (error) {
    const ours = drifted.filter(({ state }) => state !== 'same');
    if (error instanceof Refused && ours.length < drifted.length) {
      const { objects, problems } = await fieldsOf(deps, { record, revision, drifted: ours }, session);
      const message = `what was written since revision ${revision} cannot be compared with it: ${error.message}`;
      return { objects, problems: [{ message }, ...problems] };
    }
    if (!(error instanceof AppstoreError && error.category === 'forbidden')) throw error;
    const message =
      'which fields differ is left out: you may not read the Secrets of the record or not compare with the server';
    return { objects: drifted.flatMap(withoutFields), problems: [{ message }] };
  }
}

/** Nothing where only who holds a field changed, and no value did. */
function driftedObject(object: PlannedObject, found: Drift | undefined): DriftedObject[] {
  const fields = driftedFields(object);
  if (object.desired === undefined) return [{ ref: object.ref, state: 'added', by: [], fields: [] }];
  if (object.action === 'create') return [{ ref: object.ref, state: 'missing', by: [], fields: [] }];
  if (fields.length === 0) return [];
  return [{ ref: object.ref, state: 'changed', by: found?.by ?? [], fields }];
}

function driftedFields({ changes, conflicts }: PlannedObject): DriftedField[] {
  const held = conflicts.map(({ field, manager, ours, theirs }) => ({
    path: field,
    ...(ours === undefined ? {} : { expected: ours }),
    ...(theirs === undefined ? {} : { live: theirs }),
    manager,
  }));
  const paths = held.map(({ path }) => path);
  const lost = changes
    .filter(({ path }) => !paths.some((other) => path.startsWith(other) || other.startsWith(path)))
    .map(({ path, before, after }) => ({
      path,
      ...(after === undefined ? {} : { expected: after }),
      ...(before === undefined ? {} : { live: before }),
    }));
  return [...held, ...lost];
}

function unsettled(record: InstallationRecord, revision: number): Problem[] {
  if (record.pending !== undefined)
    return [
      { message: `the ${record.pending.operation} is not finished: what it has written is told as drift` },
    ];
  return record.state === 'failed' && revision !== newestRevision(record)
    ? [{ message: `revision ${newestRevision(record)} failed: what it has written is told as drift` }]
    : [];
}
