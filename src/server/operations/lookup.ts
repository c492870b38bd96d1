import { AppstoreError } from '../../domain/errors.ts';
import { defaultLockSeconds, leaseRef, readLease } from '../../domain/lease.ts';
import type { InstallationRecord, PendingOperation, RevisionSummary } from '../../domain/release.ts';
import { cleanLine } from '../../domain/text.ts';
import { removalNotes } from '../../services/removal-note.ts';
import type { ClusterDeps } from '../../services/requests.ts';
import { problemOf } from '../problems.ts';
import { type OperationKind, type OperationRef, requireSame, sameKey } from './ids.ts';
import type { OperationFacts } from './operation.ts';

/**
 * An operation as the cluster knows it, whoever carries it out: another replica, a command line, or nobody any more.
 * @throws AppstoreError OPERATION_NOT_FOUND, and what reading the record throws
 */
export async function recordedOperation(
  deps: ClusterDeps,
  ref: OperationRef,
  signal: AbortSignal,
): Promise<OperationFacts> {
  const record = await deps.records.read(ref.namespace, ref.name, signal);
  const { pending } = record ?? {};
  if (record !== undefined && pending !== undefined && isNamed(pending, ref.key))
    return pendingFacts(deps, ref, { record, pending }, signal);
  const revision = record?.revisions.find(({ requestId }) => requestId === ref.key);
  if (revision !== undefined) return revisionFacts(ref, revision);
  // A removal takes the record with it: where that is gone, it was carried out.
  if (record === undefined && ref.operation === 'remove')
    return { ...ref, state: 'done', startedAt: '', by: '', revision: 0 };
  throw new AppstoreError(
    'OPERATION_NOT_FOUND',
    `nothing is known of this operation on ${ref.name} in namespace ${ref.namespace}`,
  );
}

/**
 * A removal that took the record with it, as long as the cluster has word of it; undefined where it has none.
 * @throws AppstoreError KEY_REUSED
 */
export async function removedOperation(
  { cluster }: Pick<ClusterDeps, 'cluster'>,
  ref: OperationRef,
  signal: AbortSignal,
): Promise<OperationFacts | undefined> {
  const notes = await removalNotes(cluster, ref, signal);
  const found = notes.find(({ requestId }) => sameKey(requestId, ref.key));
  if (found === undefined) return undefined;
  requireSame(found.requestId, ref.key);
  return { ...ref, state: 'done', startedAt: found.startedAt, by: '', revision: 0 };
}

/** The operation that the record says is not finished; undefined where there is none. */
export async function unfinishedOperation(
  deps: ClusterDeps,
  target: Pick<OperationRef, 'cluster' | 'namespace' | 'name'>,
  record: InstallationRecord,
  signal: AbortSignal,
): Promise<OperationFacts | undefined> {
  const { pending } = record;
  if (pending === undefined) return undefined;
  const { cluster, namespace, name } = target;
  const key = pending.requestId ?? pending.id;
  const ref = { cluster, namespace, name, operation: pending.operation as OperationKind, key };
  return pendingFacts(deps, ref, { record, pending }, signal);
}

export function isNamed({ id, requestId }: PendingOperation, key: string): boolean {
  return (requestId ?? id) === key;
}

async function pendingFacts(
  deps: ClusterDeps,
  ref: OperationRef,
  { record, pending }: { readonly record: InstallationRecord; readonly pending: PendingOperation },
  signal: AbortSignal,
): Promise<OperationFacts> {
  const held = await isHeld(deps, record, signal);
  return {
    ...ref,
    state: held ? 'running' : 'interrupted',
    startedAt: pending.startedAt,
    by: cleanLine(pending.holder, 200),
    revision: pending.revision,
  };
}

/**
 * Whether somebody renews the lock, for show: whoever goes on with the operation watches the Lease for its whole duration first. Where
 * it may not be read, the operation counts as under way.
 */
async function isHeld(
  { cluster, clock, lockSeconds = defaultLockSeconds }: ClusterDeps,
  { namespace, name }: InstallationRecord,
  signal: AbortSignal,
): Promise<boolean> {
  const lease = await cluster.get(leaseRef({ namespace, name }), signal);
  if (lease === undefined) return false;
  const { holder, duration } = readLease(lease);
  const renewed = Date.parse(String(lease.spec?.renewTime ?? ''));
  if (holder === '' || Number.isNaN(renewed)) return false;
  return clock.now().getTime() - renewed < Math.max(duration, lockSeconds * 1000);
}

function revisionFacts(ref: OperationRef, revision: RevisionSummary): OperationFacts {
  const { number, startedAt, finishedAt, result, message } = revision;
  const failed = result === 'failed';
  return {
    ...ref,
    state: failed ? 'failed' : 'done',
    startedAt,
    by: '',
    revision: number,
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(failed
      ? { problem: problemOf(new AppstoreError('UNHEALTHY', message ?? 'no reason was recorded')) }
      : {}),
  };
}
