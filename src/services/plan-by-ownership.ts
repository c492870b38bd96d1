import { choose } from '../domain/conflict-choices.ts';
import { fieldChanges } from '../domain/diff.ts';
import { ApiError, type Problem } from '../domain/errors.ts';
import { valueAt, withoutPath } from '../domain/field-path.ts';
import { appliedPaths, ownersOf } from '../domain/managed-fields.ts';
import { idKey, type KubeObject } from '../domain/objects.ts';
import { layOver } from '../domain/overlay.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { FieldChange, PlannedConflict, PlannedObject } from '../domain/plan.ts';
import type { Located } from './locate.ts';
import type { PlanContext } from './plan-object.ts';
import { planned } from './planned.ts';

/**
 * True where the authoriser refused a dry run, which needs the rights of the write. Its words; a refusal to give rights that the
 * caller has not (RBAC escalation) is an answer about the object and none of these.
 */
export function mayNotWrite(error: unknown): error is ApiError {
  return (
    error instanceof ApiError &&
    error.code === 'FORBIDDEN' &&
    / cannot (patch|create|update) resource /.test(error.message)
  );
}

/**
 * What a write would change, for somebody who may only read: fields that the app sets and that are otherwise live change, those
 * that we applied and the app does not set any more go, and a field that changes and belongs to another manager is a conflict.
 * What admission, defaults and validation would say is not known.
 */
export async function planByOwnership(context: PlanContext, wanted: Located): Promise<PlannedObject> {
  const live = context.live.get(idKey(wanted.ref));
  const full = live === undefined ? undefined : await context.cluster.get(wanted.ref, context.signal);
  if (full === undefined) return planned(wanted, 'create', 'new', 'ownership', {});
  const held = conflictsOf(context, full, changesTo(context, full, wanted.object), wanted);
  const left = held.filter(({ choice }) => choice === 'yield').map(({ field }) => field);
  const object = left.reduce((rest, field) => withoutPath(rest, field), wanted.object);
  const changes = changesTo(context, full, object);
  const rest = { ...wanted, object };
  if (held.some(({ choice }) => choice === undefined)) {
    const reason = 'another manager holds fields that the app sets';
    return planned(rest, 'conflict', reason, 'ownership', { live: full, full, conflicts: held });
  }
  const details = { live: full, full, conflicts: held };
  return changes.length === 0
    ? planned(rest, 'unchanged', 'the cluster has it already', 'ownership', details)
    : planned(rest, 'update', 'it differs from the cluster', 'ownership', { ...details, changes });
}

function changesTo(context: PlanContext, full: KubeObject, desired: KubeObject): FieldChange[] {
  const gone = appliedPaths(full.metadata).filter(
    (path) =>
      valueAt(desired, path) === undefined &&
      ownersOf(full.metadata, path).every((owner) => owner === fieldManager),
  );
  const after = gone.reduce((rest, path) => withoutPath(rest, path), layOver(full, desired));
  return fieldChanges(full, after, { mask: context.mask });
}

function conflictsOf(
  context: PlanContext,
  full: KubeObject,
  changes: readonly FieldChange[],
  wanted: Located,
): PlannedConflict[] {
  const found = changes.flatMap(({ path, before, after }): PlannedConflict[] => {
    if (before === undefined || after === undefined) return [];
    const owners = ownersOf(full.metadata, path);
    const [manager] = owners;
    if (manager === undefined || owners.includes(fieldManager)) return [];
    return [{ manager, field: path, ours: after, theirs: before }];
  });
  return choose(found, wanted.ref, context.conflicts);
}

/** True for what was compared with the live object alone, because a dry run was not allowed. */
export function isCompared({ checked, desired }: PlannedObject): boolean {
  return checked === 'ownership' && desired !== undefined;
}

/** Says once that the plan was made without asking the server, where it was. */
export function unaskedWarning(objects: readonly PlannedObject[]): Problem[] {
  if (!objects.some(isCompared)) return [];
  return [
    {
      message:
        'you may not write these objects: they were compared with the live ones by field ownership, and admission (webhooks, policies, quotas, validation) was not asked',
      hint: 'Somebody who may write sees by the same command what the server says.',
    },
  ];
}
