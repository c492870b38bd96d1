import { ApiError, AppstoreError } from '../domain/errors.ts';
import { displayId, type KubeObject } from '../domain/objects.ts';
import { fieldManager, replicasManager } from '../domain/ownership.ts';
import type { PlannedObject } from '../domain/plan.ts';
import { replaceRule } from '../domain/replacement.ts';
import { deleteUntilGone } from './delete-until-gone.ts';
import type { PartialObject } from './ports.ts';
import type { ClusterDeps } from './requests.ts';

/**
 * Deletes an object, waits until it is gone, and makes it anew. A cut in between is gone on with by the next run: the inventory
 * still has the object, and what is missing is created. Throws API_CONFLICT where another object has the name since the plan, and
 * WAIT_TIMEOUT where something holds the old one.
 */
export async function replaceObject(
  deps: ClusterDeps,
  object: PlannedObject,
  deadline: number,
  signal: AbortSignal,
): Promise<PartialObject> {
  const { cluster } = deps;
  const live = await cluster.get(object.ref, signal);
  if (live !== undefined) await deleteOld(deps, object, live, deadline, signal);
  const desired = object.desired as KubeObject;
  const replicas: unknown = live?.spec?.replicas;
  if (typeof replicas !== 'number' || desired.spec?.replicas !== undefined)
    return cluster.applyMetadata(desired, { fieldManager, signal });
  // Who scales it set the number: it begins with as many, and the field stays theirs.
  await cluster.applyMetadata({ ...desired, spec: { ...desired.spec, replicas } }, { fieldManager, signal });
  const { apiVersion, kind, metadata } = desired;
  const { name, namespace } = metadata;
  const scaled = {
    apiVersion,
    kind,
    metadata: { name, ...(namespace && { namespace }) },
    spec: { replicas },
  };
  await cluster.applyMetadata(scaled, { fieldManager: replicasManager, signal });
  return cluster.applyMetadata(desired, { fieldManager, signal });
}

async function deleteOld(
  deps: ClusterDeps,
  object: PlannedObject,
  live: KubeObject,
  deadline: number,
  signal: AbortSignal,
): Promise<void> {
  const id = displayId(object.ref);
  const rule = replaceRule(object.ref);
  const uid = live.metadata.uid;
  if ('never' in rule) throw new AppstoreError('INTERNAL', `${id}: it is never replaced`);
  if (uid === undefined || uid !== object.live?.uid) {
    const failure = { status: 409, reason: 'Conflict', fieldConflicts: [], causes: [] };
    throw new ApiError('API_CONFLICT', `${id}: another object has taken its name since the plan`, failure);
  }
  await deleteUntilGone(deps, object.ref, { uid, propagation: rule.propagation, deadline }, signal);
}
