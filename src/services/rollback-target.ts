import { AppstoreError } from '../domain/errors.ts';
import type { InstallationRecord, RevisionSummary } from '../domain/release.ts';

/**
 * The revision that a rollback goes back to: the one asked for, else the last that was deployed before the current one; where
 * the newest failed or was cut, the one that is deployed. Throws REVISION_NOT_FOUND, OPERATION_RUNNING.
 */
export function rollbackTarget(record: InstallationRecord, asked: number | undefined): number {
  if (asked !== undefined) return checked(record, asked);
  const newest = record.revisions.at(-1);
  const found = record.revisions.findLast(
    (one) => wasDeployed(one) && !(one === newest && one.result === 'deployed'),
  );
  if (found !== undefined) return found.number;
  throw new AppstoreError('REVISION_NOT_FOUND', `${where(record)}: no earlier revision was ever deployed`, {
    hint: `\`appstore history ${record.name} -n ${record.namespace}\` lists the revisions; \`appstore remove\` takes the installation away.`,
  });
}

/**
 * The deployed revision behind an operation that failed or was cut. Throws NOTHING_TO_UNDO where the newest revision is
 * deployed, or none ever was.
 */
export function undoTarget(record: InstallationRecord): number {
  if (record.pending === undefined && record.state === 'deployed') {
    throw new AppstoreError(
      'NOTHING_TO_UNDO',
      `${where(record)}: revision ${record.revision} is deployed, nothing failed or was cut`,
      {
        hint: `\`appstore rollback ${record.name} -n ${record.namespace}\` goes back to the revision before.`,
      },
    );
  }
  const found = record.revisions.findLast(wasDeployed);
  if (found !== undefined) return found.number;
  throw new AppstoreError(
    'NOTHING_TO_UNDO',
    `${where(record)}: it was never deployed, nothing is there to go back to`,
    {
      hint: `\`appstore remove ${record.name} -n ${record.namespace}\` takes away what was made.`,
    },
  );
}

function checked(record: InstallationRecord, asked: number): number {
  const found = record.revisions.find((one) => one.number === asked);
  if (found === undefined) {
    const numbers = record.revisions.map((one) => one.number).join(', ');
    throw new AppstoreError(
      'REVISION_NOT_FOUND',
      `${where(record)}: there is no revision ${asked}, only ${numbers || 'none'}`,
    );
  }
  if (found.result !== 'pending') return asked;
  throw new AppstoreError('OPERATION_RUNNING', `${where(record)}: revision ${asked} was never finished`, {
    hint: `Go on with it by \`appstore upgrade ${record.name} -n ${record.namespace}\`, or go back by \`appstore upgrade ${record.name} -n ${record.namespace} --undo\`.`,
  });
}

function wasDeployed({ result }: RevisionSummary): boolean {
  return result === 'deployed' || result === 'superseded';
}

function where(record: InstallationRecord): string {
  return `${record.name} in namespace ${record.namespace}`;
}
