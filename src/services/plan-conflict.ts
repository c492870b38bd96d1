import { choose, withoutTaken, yieldedOf } from '../domain/conflict-choices.ts';
import { ApiError } from '../domain/errors.ts';
import { valueAt, withoutPath } from '../domain/field-path.ts';
import type { Json } from '../domain/json.ts';
import { ownersOf } from '../domain/managed-fields.ts';
import { idKey, type KubeObject } from '../domain/objects.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { PlannedConflict, PlannedObject } from '../domain/plan.ts';
import type { Located } from './locate.ts';
import type { PlanContext } from './plan-context.ts';
import { planned } from './planned.ts';
import type { Prepared } from './prepared.ts';
import type { ChangeRequest } from './requests.ts';
import type { Survey } from './survey.ts';

/** How the dry run of an object goes on after its conflicts were decided. */
export interface Decided {
  /** True where every conflict that is left was taken. */
  readonly force: boolean;
  readonly conflicts: readonly PlannedConflict[];
}

/**
 * The objects without the fields that were left to other managers before, as long as another manager holds them: a field that
 * nobody else holds any more is set again, else it would be gone.
 */
export function leaveYielded(
  wanted: readonly Located[],
  live: Survey,
  prepared: Pick<Prepared, 'options' | 'mask'>,
  request: Pick<ChangeRequest, 'conflicts'>,
): readonly Located[] {
  const yielded = withoutTaken(prepared.options.yielded, request.conflicts?.take ?? []);
  if (yielded.length === 0) return wanted;
  return wanted.map((one) => {
    const found = live.get(idKey(one.ref));
    if (found === undefined) return one;
    const left = yieldedOf(one.ref, yielded).flatMap((field): PlannedConflict[] => {
      const manager = ownersOf(found.metadata, field).find((owner) => owner !== fieldManager);
      if (manager === undefined || valueAt(one.object, field) === undefined) return [];
      return [
        {
          manager,
          field,
          ...defined('ours', valueAt(prepared.mask.object(one.object), field)),
          choice: 'yield',
        },
      ];
    });
    const fields = left.map(({ field }) => field);
    return left.length === 0 ? one : { ...one, object: withoutFields(one.object, fields), yielded: left };
  });
}

function withoutFields(object: KubeObject, fields: readonly string[]): KubeObject {
  return fields.reduce((rest, field) => withoutPath(rest, field), object);
}

/**
 * What is done to an object whose apply met fields of other managers: what was chosen for each of them, once all are chosen;
 * else nothing. `again` plans it as it was decided.
 */
export async function planConflict(
  context: PlanContext,
  wanted: Located,
  error: ApiError,
  again: (wanted: Located, decided: Decided) => Promise<PlannedObject>,
): Promise<PlannedObject> {
  const full = await context.cluster.get(wanted.ref, context.signal);
  const found = error.failure.fieldConflicts.map((conflict): PlannedConflict => {
    const ours = valueAt(context.mask.object(wanted.object), conflict.field);
    const theirs = full === undefined ? undefined : valueAt(context.mask.object(full), conflict.field);
    return { ...conflict, ...defined('ours', ours), ...defined('theirs', theirs) };
  });
  const conflicts = choose(found, wanted.ref, context.conflicts);
  if (conflicts.every(({ choice }) => choice !== undefined)) {
    const left = conflicts.filter(({ choice }) => choice === 'yield').map(({ field }) => field);
    const force = conflicts.some(({ choice }) => choice === 'take');
    try {
      return await again({ ...wanted, object: withoutFields(wanted.object, left) }, { force, conflicts });
    } catch (second) {
      // What was yielded could not be left out: nothing is decided.
      if (!(second instanceof ApiError && second.code === 'FIELD_CONFLICT')) throw second;
    }
  }
  return planned(wanted, 'conflict', 'another manager holds fields that the app sets', 'server', {
    live: context.live.get(idKey(wanted.ref)),
    full,
    conflicts,
  });
}

function defined<K extends string>(key: K, value: Json | undefined): { [P in K]?: Json } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: Json });
}
