import { appliedDigest } from '../domain/applied-digest.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { fieldsDigest } from '../domain/managed-fields.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { PlannedHook } from '../domain/plan.ts';
import { keepReasonOf } from '../domain/resource-policy.ts';
import type { PartialObject } from './ports.ts';

/** What the inventory says of an object that a hook made. */
export function entryOfHook({ ref, desired }: PlannedHook, live: PartialObject, key: string): InventoryEntry {
  const keep = keepReasonOf(desired);
  return {
    ...ref,
    uid: live.metadata.uid ?? '',
    fields: fieldsDigest(live.metadata, fieldManager),
    applied: appliedDigest(desired, key),
    ...(keep === undefined ? {} : { keep }),
    hook: true,
  };
}
