import { AppstoreError } from '../domain/errors.ts';
import { idKey } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import { defaultRevisionsKept, type InstallationRecord } from '../domain/release.ts';
import { isStillOurs } from './inventory.ts';
import type { ClusterDeps } from './requests.ts';

/** Throws NOTHING_TO_UNDO where the installation is not a first install that failed: somebody else may have mended it meanwhile. */
export function requireFailed(record: InstallationRecord): void {
  const deployed = record.revisions.some(({ result }) => result === 'deployed' || result === 'superseded');
  if (record.state === 'failed' && !deployed) return;
  throw new AppstoreError(
    'NOTHING_TO_UNDO',
    `${record.name} in namespace ${record.namespace}: it is no first install that failed, but ${record.state}`,
  );
}

/**
 * Ends the taking back of a first install: the record keeps the failed revision, so that `history` still knows why, and what
 * stays in the cluster and is ours.
 */
export async function keepFailed(
  deps: Pick<ClusterDeps, 'records' | 'clock'>,
  record: InstallationRecord,
  plan: Plan,
  signal: AbortSignal,
): Promise<InstallationRecord> {
  const staying = new Set(plan.kept.filter(isStillOurs).map(({ ref }) => idKey(ref)));
  return deps.records.finish(
    record,
    {
      result: 'failed',
      finishedAt: deps.clock.now().toISOString(),
      inventory: record.inventory.filter((entry) => staying.has(idKey(entry))),
      keep: defaultRevisionsKept,
    },
    signal,
  );
}
