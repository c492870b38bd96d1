import type { InventoryEntry } from '../domain/inventory.ts';
import { idKey } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import type { Written } from './execute.ts';

/**
 * The recorded inventory and what the plan is about to write: stored before the first write, so that nothing is ever lost. What
 * was applied last is forgotten for what will be written: after a cut nobody knows whether it was, and the fields that we own
 * do not show it where only values differ.
 */
export function plannedInventory(recorded: readonly InventoryEntry[], plan: Plan): InventoryEntry[] {
  const entries = new Map(recorded.map((entry) => [idKey(entry), entry]));
  for (const object of plan.objects) {
    if (object.desired === undefined) continue;
    const known = entries.get(idKey(object.ref)) ?? unwritten(object);
    const applied = object.action === 'unchanged' ? known.applied : '';
    entries.set(idKey(object.ref), { ...known, ...object.ref, applied });
  }
  return [...entries.values()];
}

function unwritten(object: Plan['objects'][number]): InventoryEntry {
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
  const desired = new Set<string>();
  const kept = new Map<string, string>();
  for (const object of plan.objects) {
    if (object.desired !== undefined) desired.add(idKey(object.ref));
    else if (object.action === 'keep' && !object.reason.startsWith(notOurs))
      kept.set(idKey(object.ref), object.reason);
  }
  return planned.flatMap((entry) => {
    const key = idKey(entry);
    if (desired.has(key)) return [written.get(key) ?? entry];
    const reason = kept.get(key);
    return reason === undefined ? [] : [{ ...entry, keep: reason }];
  });
}

/** How the reason begins of an object that is kept because it is somebody else's now. */
export const notOurs = 'not ours any more: ';
