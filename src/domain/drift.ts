import type { InventoryEntry } from './inventory.ts';
import { fieldsDigest, laterManagers } from './managed-fields.ts';
import { idKey, type ObjectMeta } from './objects.ts';
import { classifyOwner } from './ownership.ts';

/**
 * How a live object stands against what we recorded after our last apply. `changed`: someone changed a field that was ours, or
 * it was never recorded as written. `replaced`: another object of the same name stands there.
 */
type DriftState = 'same' | 'missing' | 'changed' | 'replaced' | 'foreign' | 'terminating';

export interface Drift {
  readonly entry: InventoryEntry;
  readonly state: DriftState;
  /** Who wrote after us, or who owns it now; empty where nothing is known. */
  readonly by: readonly string[];
}

/**
 * Compares the recorded inventory with metadata-only reads: no object is read in full for it.
 * @param live Metadata by `idKey`; what is not in it was looked for and is not there.
 */
export function driftOf(
  inventory: readonly InventoryEntry[],
  live: ReadonlyMap<string, ObjectMeta>,
  applySetId: string,
): Drift[] {
  return inventory.map((entry) => driftOfEntry(entry, live.get(idKey(entry)), applySetId));
}

function driftOfEntry(entry: InventoryEntry, live: ObjectMeta | undefined, applySetId: string): Drift {
  if (live === undefined) return { entry, state: 'missing', by: [] };
  if (live.deletionTimestamp !== undefined) return { entry, state: 'terminating', by: [] };
  const owner = classifyOwner(live, { applySetId, entry });
  if (owner.state === 'foreign') return { entry, state: 'foreign', by: [owner.owner] };
  const known = entry.uid === '' || entry.uid === live.uid;
  // What we made anew ourselves and were cut before recording is ours all the same.
  if (!known && owner.state !== 'ours') return { entry, state: 'replaced', by: laterManagers(live) };
  const same = known && entry.fields !== '' && entry.fields === fieldsDigest(live);
  return same ? { entry, state: 'same', by: [] } : { entry, state: 'changed', by: laterManagers(live) };
}
