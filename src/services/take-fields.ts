import { ApiError } from '../domain/errors.ts';
import { displayId, type KubeObject } from '../domain/objects.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { PlannedConflict, PlannedObject } from '../domain/plan.ts';
import type { Cluster, PartialObject } from './ports.ts';

/** Writes between the look and the write that are put up with: a status that moves, a counter. */
const attempts = 5;

/** The conflicts of an object that are to be ended by taking the field. */
export function takenOf(object: PlannedObject): readonly PlannedConflict[] {
  return object.conflicts.filter(({ choice }) => choice === 'take');
}

/**
 * Applies an object and takes the fields that were chosen from their managers, and no others: a dry run without force shows what
 * is in conflict now, and the forced write holds only for just the object that was looked at. Throws FIELD_CONFLICT where another
 * field is in conflict by now, and API_CONFLICT where the object does not come to rest.
 */
export async function applyTaking(
  cluster: Cluster,
  object: PlannedObject,
  signal: AbortSignal,
): Promise<PartialObject> {
  const desired = object.desired as KubeObject;
  for (let attempt = 1; ; attempt++) {
    const live = await cluster.getMetadata(object.ref, signal);
    if (live === undefined || !(await inConflict(cluster, object, signal)))
      return cluster.applyMetadata(desired, { fieldManager, signal });
    const { uid, resourceVersion } = live.metadata;
    const metadata = { ...desired.metadata, uid, resourceVersion } as KubeObject['metadata'];
    try {
      return await cluster.applyMetadata({ ...desired, metadata }, { fieldManager, force: true, signal });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'API_CONFLICT') || attempt === attempts) throw error;
    }
  }
}

/** True where fields are in conflict and all of them were taken. Throws FIELD_CONFLICT where others are. */
async function inConflict(cluster: Cluster, object: PlannedObject, signal: AbortSignal): Promise<boolean> {
  try {
    await cluster.applyMetadata(object.desired as KubeObject, { fieldManager, dryRun: true, signal });
    return false;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'FIELD_CONFLICT') throw error;
    const taken = new Set(takenOf(object).map(({ manager, field }) => `${manager} ${field}`));
    const others = error.failure.fieldConflicts.filter(
      ({ manager, field }) => !taken.has(`${manager} ${field}`),
    );
    if (others.length === 0) return true;
    const said = others.map(({ manager, field }) => `${field} is held by ${manager}`).join('; ');
    throw new ApiError('FIELD_CONFLICT', `${displayId(object.ref)}: since the plan ${said}`, error.failure);
  }
}
