import type { InventoryEntry } from '../domain/inventory.ts';
import { idKey, type KubeObject } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import type { Phase, RenderedObject } from '../domain/rendered.ts';
import { keepReasonOf } from '../domain/resource-policy.ts';

/** What has been written so far, by identity; grows while the plan is carried out, so that a failure can record it. */
export type Written = Map<string, InventoryEntry>;

/**
 * The recorded inventory and what the plan is about to write: stored before the first write, so that nothing is ever lost. What
 * was applied last is forgotten for what will be written: after a cut nobody knows whether it was, and the fields that we own
 * do not show it where only values differ.
 */
export function plannedInventory(recorded: readonly InventoryEntry[], plan: Plan): readonly InventoryEntry[] {
  const entries = new Map(recorded.map((entry) => [idKey(entry), entry]));
  for (const object of plan.objects) {
    if (object.desired === undefined) continue;
    const known = entries.get(idKey(object.ref)) ?? unwritten(object);
    const applied = object.action === 'unchanged' ? known.applied : '';
    entries.set(idKey(object.ref), {
      ...wanted(known, object.desired, object.phase),
      ...object.ref,
      applied,
    });
  }
  return withPlannedHooks([...entries.values()], plan);
}

/** An inventory with what the hooks of a plan are about to make. */
export function withPlannedHooks(
  recorded: readonly InventoryEntry[],
  { hooks = [] }: Pick<Plan, 'hooks'>,
): readonly InventoryEntry[] {
  // The very same, so that whoever stores it sees that it is stored already.
  if (hooks.length === 0) return recorded;
  const entries = new Map(recorded.map((entry) => [idKey(entry), entry]));
  for (const { ref, runs } of hooks) {
    const known = entries.get(idKey(ref));
    // A hook that does not run now is recorded only where an earlier operation made it.
    if (known === undefined && runs.length === 0) continue;
    entries.set(idKey(ref), { ...(known ?? unwritten({ ref })), ...ref, hook: true });
  }
  return [...entries.values()];
}

/** The entry of an object that is part of the app, whatever it was before: a hook's, or one that had left. */
function wanted(entry: InventoryEntry, desired: KubeObject, phase: Phase): InventoryEntry {
  const { hook: _hook, left: _left, keep: _keep, opens: _opens, ...rest } = entry;
  const keep = keepReasonOf(desired, phase);
  return {
    ...rest,
    ...(keep === undefined ? {} : { keep }),
    ...(phase.kind === 'normal' && phase.opensVolumes === true ? { opens: true } : {}),
  };
}

function unwritten(object: Pick<Plan['objects'][number], 'ref'>): InventoryEntry {
  return { ...object.ref, uid: '', fields: '', applied: '' };
}

/**
 * The inventory after a change that succeeded: what was written, what was unchanged, and what left the app but is kept
 * because it holds data; without what was deleted or is not ours any more.
 */
export function finalInventory(
  planned: readonly InventoryEntry[],
  plan: Plan,
  written: Written,
): InventoryEntry[] {
  const desired = new Map<string, Pick<RenderedObject, 'object' | 'phase'>>();
  const kept = new Map<string, string>();
  for (const object of plan.objects) {
    if (object.desired !== undefined)
      desired.set(idKey(object.ref), { object: object.desired, phase: object.phase });
    else if (object.action === 'keep' && isStillOurs(object)) kept.set(idKey(object.ref), object.reason);
  }
  const hooks = new Set((plan.hooks ?? []).map(({ ref }) => idKey(ref)));
  return planned.flatMap((entry) => {
    const key = idKey(entry);
    const found = desired.get(key);
    if (found !== undefined) return [wanted(written.get(key) ?? entry, found.object, found.phase)];
    if (hooks.has(key)) return [written.get(key) ?? entry].filter(({ uid }) => uid !== '');
    const reason = kept.get(key);
    return reason === undefined ? [] : [{ ...entry, keep: reason, left: true }];
  });
}

/** How the reason begins of an object that is kept because it is somebody else's now. */
export const notOurs = 'not ours any more: ';

/** False for what stays because it belongs to somebody else by now. */
export function isStillOurs({ reason }: { readonly reason: string }): boolean {
  return !reason.startsWith(notOurs);
}
