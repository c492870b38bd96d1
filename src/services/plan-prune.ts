import type { InventoryEntry } from '../domain/inventory.ts';
import { idKey } from '../domain/objects.ts';
import { deleteOrder, stageOf } from '../domain/order.ts';
import { classifyOwner } from '../domain/ownership.ts';
import type { PlanAction, PlannedObject } from '../domain/plan.ts';
import { notOurs } from './inventory.ts';
import type { Survey } from './survey.ts';

/** Kinds that leave an app without being deleted by an upgrade: what is lost with them does not come back. */
const keptKinds: Readonly<Record<string, string>> = {
  '/PersistentVolumeClaim': 'it holds data; `appstore remove --purge-data` deletes it',
  'apiextensions.k8s.io/CustomResourceDefinition': 'deleting it would delete every object of its kind',
  '/Namespace': 'deleting it would delete everything in it',
};

/**
 * What happens to recorded objects that the app does not have any more: deleted, backwards, where they are still ours; kept
 * with the reason where they hold data or are not ours. What is gone already needs nothing.
 */
export function planPrune(
  inventory: readonly InventoryEntry[],
  desired: ReadonlySet<string>,
  live: Survey,
  applySetId: string,
): PlannedObject[] {
  const leaving = inventory.filter((entry) => !desired.has(idKey(entry)));
  return deleteOrder(leaving, (entry) => entry).flatMap((entry) => {
    const found = live.get(idKey(entry));
    if (found === undefined) return [];
    const owner = classifyOwner(found.metadata, { applySetId, entry });
    if (owner.state !== 'ours') {
      const why =
        owner.state === 'foreign'
          ? `it belongs to ${owner.owner}`
          : owner.state === 'adoptable'
            ? owner.reason
            : '';
      return [leavingObject(entry, 'keep', `${notOurs}${why}`, found.metadata.uid)];
    }
    const kept = entry.keep ?? keptKinds[`${entry.group}/${entry.kind}`];
    return kept === undefined
      ? [leavingObject(entry, 'delete', 'the app does not have it any more', found.metadata.uid)]
      : [leavingObject(entry, 'keep', kept, found.metadata.uid)];
  });
}

/** A planned object that is not applied: deleted or kept. */
export function leavingObject(
  entry: InventoryEntry,
  action: Extract<PlanAction, 'delete' | 'keep'>,
  reason: string,
  uid: string | undefined,
): PlannedObject {
  const { group, version, kind, namespace, name } = entry;
  return {
    ref: { group, version, kind, namespace, name },
    action,
    reason,
    phase: { kind: 'normal' },
    ...stageOf(entry),
    checked: 'ownership',
    changes: [],
    conflicts: [],
    ...(uid === undefined ? {} : { live: { uid, digest: '' } }),
  };
}
