import { AppstoreError } from '../domain/errors.ts';
import type { InstallationRecord, JournalEntry, PendingOperation, RevisionHead } from '../domain/release.ts';
import type { ChangeRequest, GivenOptions } from './requests.ts';
import { rollbackTarget, undoTarget } from './rollback-target.ts';
import { isFrom } from './same-revision.ts';
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
  /** True where it goes on with the pending operation. */
  readonly resumed: boolean;
  /** Steps that are done already. */
  readonly journal: readonly JournalEntry[];
}

/**
 * What a request asks of the record alone: a rollback, or to go on with exactly the operation that was cut. Undefined where
 * the package is to come from a catalog. Throws REVISION_NOT_FOUND, NOTHING_TO_UNDO, OPERATION_RUNNING, RECORD_INVALID.
 */
export function storedIntention(
  request: ChangeRequest,
  record: InstallationRecord | undefined,
): StoredIntention | undefined {
  if (record === undefined) return undefined;
  if (request.operation === 'rollback') return rollback(record, request);
  return request.operation === 'upgrade' && namesNothing(request) ? goOn(record) : undefined;
}

function rollback(record: InstallationRecord, request: ChangeRequest): StoredIntention {
  const { pending } = record;
  const back = pending?.operation === 'rollback' ? pending.target : undefined;
  if (request.undo !== true && request.revision === undefined && back !== undefined)
    return goOn(record) ?? to(record, back);
  const target = request.undo === true ? undoTarget(record) : rollbackTarget(record, request.revision);
  return (target === back ? goOn(record) : undefined) ?? to(record, target);
}

function to(record: InstallationRecord, target: number): StoredIntention {
  return {
    operation: 'rollback',
    from: target,
    number: newestRevision(record) + 1,
    target,
    resumed: false,
    journal: [],
  };
}

function isChange(operation: PendingOperation['operation']): boolean {
  return operation === 'install' || operation === 'upgrade' || operation === 'rollback';
}

/** The pending operation as it was begun; undefined where there is none that makes a revision. */
function goOn(record: InstallationRecord): StoredIntention | undefined {
  const { pending } = record;
  if (pending === undefined || pending.revision === 0 || !isChange(pending.operation)) return undefined;
  if (record.revisions.at(-1)?.number !== pending.revision) {
    throw new AppstoreError(
      'RECORD_INVALID',
      `${record.name} in namespace ${record.namespace}: the pending revision ${pending.revision} is not the newest of its record`,
    );
  }
  return {
    operation: pending.operation as ChangeRequest['operation'],
    from: pending.revision,
    number: pending.revision,
    ...(pending.target === undefined ? {} : { target: pending.target }),
    resumed: true,
    journal: pending.journal,
  };
}

/** The number and the journal of the pending operation, where the request has turned out to ask for just the same again. */
export function sameAgain(
  request: ChangeRequest,
  record: InstallationRecord | undefined,
  stored: RevisionHead | undefined,
  wanted: Pick<RevisionHead, 'package' | 'options'>,
): { readonly number: number; readonly journal: readonly JournalEntry[] } | undefined {
  const pending = record?.pending;
  const same =
    pending !== undefined &&
    pending.operation === request.operation &&
    stored?.number === pending.revision &&
    isFrom(stored, wanted);
  return same ? { number: pending.revision, journal: pending.journal } : undefined;
}

function namesNothing(request: ChangeRequest): boolean {
  return request.app === undefined && !request.resetValues && givesNothing(request.given);
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
