import { ApiError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import { adoptManagedFields, lastAppliedKey } from '../domain/managed-fields-rewrite.ts';
import { displayId, type KubeObject } from '../domain/objects.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { PlannedObject } from '../domain/plan.ts';
import type { Cluster, PartialObject } from './ports.ts';

/** Writes between reading and rewriting that are put up with. */
const attempts = 5;

/**
 * Makes what the former tool of an object owned ours, right before the apply that then removes what the app does not have. One
 * patch with the resourceVersion that was read: it changes no field but the annotation of kubectl. Throws API_CONFLICT where
 * another object has the name by now, or this one does not come to rest.
 */
export async function adoptFields(
  cluster: Cluster,
  object: PlannedObject,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const live = await cluster.getMetadata(object.ref, signal);
    if (live === undefined) return;
    if (live.metadata.uid !== object.live?.uid) {
      throw new ApiError(
        'API_CONFLICT',
        `${displayId(object.ref)}: another object has taken its name since the plan`,
        { status: 409, reason: 'Conflict', fieldConflicts: [], causes: [] },
      );
    }
    const metadata = rewritten(live);
    const known = (live.metadata.managedFields ?? []).length > 0;
    if (metadata === undefined && known) return;
    try {
      if (!known) {
        await introduceManagers(cluster, object, live, signal);
        continue;
      }
      await cluster.mergePatch(object.ref, { metadata: metadata ?? {} }, { signal });
      return;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'API_CONFLICT') || attempt === attempts) throw error;
    }
  }
}

/**
 * An object without any entry is one that the server keeps no account of yet. The first apply begins it, with an entry for
 * everything that was there before (`before-first-apply`), which can be rewritten then.
 */
async function introduceManagers(
  cluster: Cluster,
  object: PlannedObject,
  live: PartialObject,
  signal: AbortSignal,
): Promise<void> {
  const desired = object.desired as KubeObject;
  const { resourceVersion = '' } = live.metadata;
  const metadata = { ...desired.metadata, resourceVersion };
  await cluster.applyMetadata({ ...desired, metadata }, { fieldManager, force: true, signal });
}

function rewritten({ metadata }: PartialObject): JsonObject | undefined {
  const managedFields = adoptManagedFields(metadata.managedFields ?? []);
  const last = metadata.annotations?.[lastAppliedKey] === undefined ? undefined : { [lastAppliedKey]: null };
  if (managedFields === undefined && last === undefined) return undefined;
  return {
    ...(managedFields === undefined ? {} : { managedFields: managedFields as unknown as JsonObject[] }),
    ...(last === undefined ? {} : { annotations: last }),
    ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
    ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
  };
}
