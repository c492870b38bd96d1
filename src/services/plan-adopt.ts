import { adoptedReason } from '../domain/adoption.ts';
import { fieldChanges } from '../domain/diff.ts';
import { ApiError } from '../domain/errors.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import { jsonEqual } from '../domain/json-equal.ts';
import { formerManagers, isFormer, lastAppliedKey } from '../domain/managed-fields-rewrite.ts';
import { mergePatchOf } from '../domain/merge-patch.ts';
import type { KubeObject } from '../domain/objects.ts';
import { fieldsOfEntries, withoutOwned } from '../domain/owned-fields.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { PlannedObject } from '../domain/plan.ts';
import type { Located } from './locate.ts';
import { type Decided, planConflict } from './plan-conflict.ts';
import type { PlanContext } from './plan-context.ts';
import { planned } from './planned.ts';

/**
 * What adopting an object changes: the app's fields are set, those of the tool that made it go where the app does not have them,
 * and fields of everybody else stay, or are decided as any other conflict.
 */
export async function planAdoption(context: PlanContext, wanted: Located): Promise<PlannedObject> {
  const full = await context.cluster.get(wanted.ref, context.signal);
  if (full === undefined) return planned(wanted, 'create', 'it was deleted just now', 'server', {});
  try {
    return await planAdopted(context, wanted, full, { force: false, conflicts: [] });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'FIELD_CONFLICT')) throw error;
    // An object without any entry has one by the time it is applied: that of what was there before.
    const former = new Set([...formerManagers(full.metadata), 'before-first-apply']);
    const fieldConflicts = error.failure.fieldConflicts.filter(({ manager }) => !former.has(manager));
    const others = new ApiError(error.code, error.message, { ...error.failure, fieldConflicts });
    return planConflict(context, wanted, others, (rest, decided) =>
      planAdopted(context, rest, full, { ...decided, force: true }),
    );
  }
}

async function planAdopted(
  context: PlanContext,
  wanted: Located,
  full: KubeObject,
  { force, conflicts }: Decided,
): Promise<PlannedObject> {
  const { cluster, signal } = context;
  const applied = await cluster.apply(wanted.object, { fieldManager, force, dryRun: true, signal });
  const rest = withoutFormer(applied);
  const after = jsonEqual(applied as unknown as Json, rest as unknown as Json)
    ? applied
    : await cluster.mergePatch(wanted.ref, patchTo(full, rest), { fieldManager, dryRun: true, signal });
  const changes = fieldChanges(full, after, { mask: context.mask });
  const reason = adoptedReason(formerManagers(full.metadata));
  return {
    ...planned(wanted, 'update', reason, 'server', { live: full, full, changes, conflicts }),
    adopt: true,
  };
}

/** An object as it is once what only its former tool owned is gone. */
function withoutFormer(applied: KubeObject): KubeObject {
  const entries = applied.metadata.managedFields ?? [];
  const former = fieldsOfEntries(entries.filter(isFormer));
  const others = fieldsOfEntries(entries.filter((entry) => !isFormer(entry)));
  const rest = withoutOwned(applied, former, others);
  const { [lastAppliedKey]: _last, ...annotations } = rest.metadata.annotations ?? {};
  const { annotations: _all, ...metadata } = rest.metadata;
  const none = Object.keys(annotations).length === 0;
  return { ...rest, metadata: none ? metadata : { ...metadata, annotations } };
}

/** The merge patch from one state to another: the server fills in its defaults again for what is taken away. */
function patchTo(before: KubeObject, after: KubeObject): JsonObject {
  const content = ({ metadata, status: _status, ...body }: KubeObject): JsonObject => {
    const { labels, annotations, finalizers, ownerReferences } = metadata;
    return {
      ...body,
      metadata: { labels, annotations, finalizers, ownerReferences },
    } as unknown as JsonObject;
  };
  return mergePatchOf(content(before), content(after));
}
