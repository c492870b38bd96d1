import { AppstoreError } from '../domain/errors.ts';
import type { InstallationRecord, JournalEntry } from '../domain/release.ts';
import type { ChangeRequest, GivenOptions } from './requests.ts';
import { rollbackTarget, undoTarget } from './rollback-target.ts';
import { newestRevision } from './state.ts';

/** A change whose package and options stand in the record. */
export interface StoredIntention {
  readonly operation: ChangeRequest['operation'];
  /** The revision whose content is applied. */
  readonly from: number;
  /** Number of the revision that is made; that of the pending one where it is gone on with. */
  readonly number: number;
  /** For a rollback: the revision that it goes back to. */
  readonly target?: number;
  /** Steps that are done already. */
  readonly journal: readonly JournalEntry[];
}

/**
 * What a request asks of the record alone: a rollback, or to go on with exactly the operation that was cut. Undefined where
 * the package is to come from a catalog. Throws REVISION_NOT_FOUND, NOTHING_TO_UNDO, OPERATION_RUNNING.
 */
export function storedIntention(
  request: ChangeRequest,
  record: InstallationRecord | undefined,
): StoredIntention | undefined {
  if (record === undefined) return undefined;
  if (request.undo === true) return rollback(record, undoTarget(record));
  const pending = resumed(request, record);
  if (pending !== undefined) return pending;
  return request.operation === 'rollback'
    ? rollback(record, rollbackTarget(record, request.revision))
    : undefined;
}

function rollback(record: InstallationRecord, target: number): StoredIntention {
  return {
    operation: 'rollback',
    from: target,
    number: newestRevision(record) + 1,
    target,
    journal: [],
  };
}

/** The pending operation, where the request names nothing that differs from it. */
function resumed(request: ChangeRequest, record: InstallationRecord): StoredIntention | undefined {
  const { pending } = record;
  if (pending === undefined || pending.operation === 'remove' || !asksToGoOn(request, pending.operation))
    return undefined;
  if (!record.revisions.some((one) => one.number === pending.revision)) {
    throw new AppstoreError(
      'RECORD_INVALID',
      `${record.name} in namespace ${record.namespace}: the pending revision ${pending.revision} is not in its record`,
    );
  }
  return {
    operation: pending.operation,
    from: pending.revision,
    number: pending.revision,
    ...(pending.target === undefined ? {} : { target: pending.target }),
    journal: pending.journal,
  };
}

function asksToGoOn(request: ChangeRequest, pending: string): boolean {
  if (request.operation === 'rollback') return request.revision === undefined && pending === 'rollback';
  return (
    request.operation === 'upgrade' &&
    request.app === undefined &&
    !request.resetValues &&
    givesNothing(request.given)
  );
}

function givesNothing(given: GivenOptions): boolean {
  return (
    Object.keys(given.values).length === 0 &&
    given.secretRefs.length === 0 &&
    given.patches === undefined &&
    given.imageRegistry === undefined &&
    given.imagePullSecrets === undefined
  );
}
