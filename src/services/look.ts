import { isForbidden } from '../domain/errors.ts';
import type { Health } from '../domain/health.ts';
import { healthOf, isReadyWhenWritten } from '../domain/health-of.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { formatApiVersion, type KubeObject, type ObjectRef } from '../domain/objects.ts';
import { applyOrder } from '../domain/order.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { fieldsAt, lineOf } from '../domain/status-of.ts';
import { inParallel } from './parallel.ts';
import type { ClusterDeps } from './requests.ts';
import { storageBinding } from './storage-binding.ts';
import { requestsAtOnce, servedKind } from './survey.ts';

/** One object of an inventory as it is now, by its own words. */
export interface LookedAt {
  readonly ref: ObjectRef;
  readonly health: Health;
  /** Absent where it is not there or may not be read. */
  readonly object?: KubeObject;
  /** Milliseconds since it was created; absent with the object. */
  readonly ageMs?: number;
}

/** Looks at everything that the record names, in the order of applying. */
export async function lookAtAll(
  deps: Pick<ClusterDeps, 'cluster' | 'clock'>,
  record: InstallationRecord,
  signal: AbortSignal,
): Promise<LookedAt[]> {
  const claims = record.inventory.some(
    (entry) => entry.kind === 'PersistentVolumeClaim' && entry.group === '',
  );
  const bindsLate = claims ? await storageBinding(deps.cluster, signal) : () => false;
  return inParallel(
    applyOrder(
      record.inventory.filter(({ hook }) => hook !== true),
      (entry) => entry,
    ),
    requestsAtOnce,
    (entry) => lookAt(deps, entry, bindsLate, signal),
  );
}

async function lookAt(
  deps: Pick<ClusterDeps, 'cluster' | 'clock'>,
  entry: InventoryEntry,
  bindsLate: (storageClass: string) => boolean,
  signal: AbortSignal,
): Promise<LookedAt> {
  const { group, version, kind, namespace, name } = entry;
  const ref: ObjectRef = { group, version, kind, namespace, name };
  const object = await readLive(deps, ref, signal);
  if (object === 'absent') {
    const reason = entry.uid === '' ? 'it was never created' : 'it is not in the cluster';
    return { ref, health: { status: 'not-found', reason, cause: 'MISSING' } };
  }
  if (object === 'forbidden')
    return { ref, health: { status: 'unknown', reason: 'you may not read it', cause: 'FORBIDDEN' } };
  const created = object.metadata.creationTimestamp;
  const ageMs = created === undefined ? 0 : Math.max(0, deps.clock.now().getTime() - Date.parse(created));
  const waitsForConsumer = bindsLate(lineOf(fieldsAt(object, 'spec').storageClassName));
  return { ref, object, ageMs, health: healthOf(object, { ageMs, waitsForConsumer }) };
}

async function readLive(
  deps: Pick<ClusterDeps, 'cluster'>,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<KubeObject | 'absent' | 'forbidden'> {
  const served = await servedKind(deps.cluster, ref, signal);
  if (served === undefined) return 'absent';
  try {
    // Of a Secret or ConfigMap only that it is there counts: its data is never fetched for a status.
    const live = isReadyWhenWritten(ref)
      ? ((await deps.cluster.getMetadata({ ...ref, ...served }, signal)) as KubeObject | undefined)
      : await deps.cluster.get({ ...ref, ...served }, signal);
    return live === undefined ? 'absent' : { ...live, apiVersion: formatApiVersion(served), kind: ref.kind };
  } catch (error) {
    if (isForbidden(error)) return 'forbidden';
    throw error;
  }
}

/** The health of an installation. A first install that failed and was taken back has nothing that could be healthy. */
export function healthNow(
  { state }: Pick<InstallationRecord, 'state'>,
  objects: readonly LookedAt[],
): 'healthy' | 'progressing' | 'unhealthy' {
  return objects.length === 0 && state === 'failed' ? 'unhealthy' : overallHealth(objects);
}

/** All current: `healthy`; anything failed or missing: `unhealthy`; else `progressing`. */
function overallHealth(
  objects: readonly { readonly health: Health }[],
): 'healthy' | 'progressing' | 'unhealthy' {
  if (objects.some(({ health }) => health.status === 'failed' || health.status === 'not-found'))
    return 'unhealthy';
  return objects.every(({ health }) => health.status === 'current' || health.status === 'unknown')
    ? 'healthy'
    : 'progressing';
}
