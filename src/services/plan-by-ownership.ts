import { adoptedReason } from '../domain/adoption.ts';
import { choose } from '../domain/conflict-choices.ts';
import { fieldChanges } from '../domain/diff.ts';
import { ApiError, type Problem } from '../domain/errors.ts';
import { valueAt, withoutPath } from '../domain/field-path.ts';
import { appliedPaths, fieldPaths, ownersOf } from '../domain/managed-fields.ts';
import { formerManagers, isFormer } from '../domain/managed-fields-rewrite.ts';
import { idKey, type KubeObject } from '../domain/objects.ts';
import { layOver } from '../domain/overlay.ts';
import { fieldsOfEntries } from '../domain/owned-fields.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { FieldChange, PlannedConflict, PlannedObject } from '../domain/plan.ts';
import { parseQuantity } from '../domain/quantity.ts';
import type { Located } from './locate.ts';
import type { PlanContext } from './plan-context.ts';
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
export async function planByOwnership(
  context: PlanContext,
  wanted: Located,
  adopting: boolean,
): Promise<PlannedObject> {
  const live = context.live.get(idKey(wanted.ref));
  const full = live === undefined ? undefined : await context.cluster.get(wanted.ref, context.signal);
  if (full === undefined) return planned(wanted, 'create', 'new', 'ownership', {});
  // What the former tool of an adopted object owns is as good as ours.
  const ours = new Set([fieldManager, ...(adopting ? formerManagers(full.metadata) : [])]);
  const compared: Compared = { context, full, ours };
  const held = conflictsOf(compared, changesTo(compared, wanted.object), wanted);
  const left = held.filter(({ choice }) => choice === 'yield').map(({ field }) => field);
  const object = left.reduce((rest, field) => withoutPath(rest, field), wanted.object);
  const changes = changesTo(compared, object);
  const rest = { ...wanted, object };
  if (held.some(({ choice }) => choice === undefined)) {
    const reason = 'another manager holds fields that the app sets';
    return planned(rest, 'conflict', reason, 'ownership', { live: full, full, conflicts: held });
  }
  const details = { live: full, full, conflicts: held };
  return changes.length === 0
    ? planned(rest, 'unchanged', 'the cluster has it already', 'ownership', details)
    : planned(rest, 'update', reasonOf(full, adopting), 'ownership', { ...details, changes });
}

function reasonOf(full: KubeObject, adopting: boolean): string {
  return adopting ? adoptedReason(formerManagers(full.metadata)) : 'it differs from the cluster';
}

interface Compared {
  readonly context: PlanContext;
  readonly full: KubeObject;
  /** Managers whose fields are ours to change. */
  readonly ours: ReadonlySet<string>;
}

function changesTo({ context, full, ours }: Compared, desired: KubeObject): FieldChange[] {
  const former =
    ours.size > 1 ? fieldPaths(fieldsOfEntries((full.metadata.managedFields ?? []).filter(isFormer))) : [];
  const gone = [...appliedPaths(full.metadata), ...former].filter(
    (path) =>
      valueAt(desired, path) === undefined && ownersOf(full.metadata, path).every((owner) => ours.has(owner)),
  );
  const after = gone.reduce((rest, path) => withoutPath(rest, path), layOver(full, desired));
  return fieldChanges(full, after, { mask: context.mask }).filter((change) => !isSameQuantity(change));
}

/** The server writes `1000m` as `1`: the same amount otherwise written is no change. */
function isSameQuantity({ path, before, after }: FieldChange): boolean {
  if (!/\.(requests|limits|hard|capacity)\./.test(path)) return false;
  const [old, next] = [parseQuantity(String(before)), parseQuantity(String(after))];
  return old !== undefined && next !== undefined && old.nano === next.nano;
}

function conflictsOf(
  { context, full, ours }: Compared,
  changes: readonly FieldChange[],
  wanted: Located,
): PlannedConflict[] {
  const found = changes.flatMap(({ path, before, after }): PlannedConflict[] => {
    if (before === undefined || after === undefined) return [];
    const owners = ownersOf(full.metadata, path);
    const [manager] = owners;
    if (manager === undefined || owners.some((owner) => ours.has(owner))) return [];
    return [{ manager, field: path, ours: after, theirs: before }];
  });
  return choose(found, wanted.ref, context.conflicts);
}

/** True for what was compared with the live object alone, because a dry run was not allowed. */
export function isCompared({ checked, desired }: Pick<PlannedObject, 'checked' | 'desired'>): boolean {
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
