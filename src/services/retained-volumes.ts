import { isForbidden } from '../domain/errors.ts';
import type { ObjectRef } from '../domain/objects.ts';
import type { Plan, PlannedObject } from '../domain/plan.ts';
import { inParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';
import { requestsAtOnce } from './survey.ts';

/**
 * The volumes that outlive their claims because their reclaim policy is Retain: storage that somebody pays for and that holds
 * data still. What the caller may not read is left out.
 */
export async function retainedVolumes(
  cluster: Cluster,
  objects: readonly PlannedObject[],
  signal: AbortSignal,
): Promise<Plan['kept']> {
  const claims = objects.filter(({ ref }) => ref.group === '' && ref.kind === 'PersistentVolumeClaim');
  const volumes = await inParallel(claims, requestsAtOnce, ({ ref }) => volumeOf(cluster, ref, signal));
  return volumes.filter((volume) => volume !== undefined);
}

async function volumeOf(
  cluster: Cluster,
  claim: ObjectRef,
  signal: AbortSignal,
): Promise<Plan['kept'][number] | undefined> {
  try {
    const name: unknown = (await cluster.get(claim, signal))?.spec?.volumeName;
    if (typeof name !== 'string' || name === '') return undefined;
    const ref = { group: '', version: 'v1', kind: 'PersistentVolume', namespace: '', name };
    const volume = await cluster.get(ref, signal);
    return volume?.spec?.persistentVolumeReclaimPolicy === 'Retain'
      ? { ref, reason: `the volume of ${claim.name}: its reclaim policy is Retain` }
      : undefined;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
