import { idKey } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import { defaultRevisionsKept, type InstallationRecord } from '../domain/release.ts';
import { notOurs } from './inventory.ts';
import type { ClusterDeps } from './requests.ts';

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
  const staying = new Set(
    plan.kept.filter(({ reason }) => !reason.startsWith(notOurs)).map(({ ref }) => idKey(ref)),
  );
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
