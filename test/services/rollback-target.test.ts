import { describe, expect, it } from 'vitest';
import type { InstallationRecord, PendingOperation, RevisionResult } from '../../src/domain/release.ts';
import { pendingAdvice } from '../../src/services/pending-advice.ts';
import { rollbackTarget, undoTarget } from '../../src/services/rollback-target.ts';

/** A record with these revisions, oldest first. */
function record(...results: RevisionResult[]): InstallationRecord {
  const newest = results.at(-1);
  const pending = newest === 'pending' ? { pending: { operation: 'upgrade', revision: results.length } } : {};
  return {
    ...{ name: 'db', namespace: 'shop', revision: results.length, ...pending },
    state: newest === 'pending' ? 'upgrading' : newest === 'failed' ? 'failed' : 'deployed',
    revisions: results.map((result, at) => ({ number: at + 1, result })),
  } as unknown as InstallationRecord;
}

const codeOf = (target: () => number): number | string => {
  try {
    return target();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('where to go back to', () => {
  const rows: readonly (readonly [RevisionResult[], number | undefined, number | string, number | string])[] =
    [
      // revisions, asked for, rollback, undo
      [['deployed'], undefined, 'REVISION_NOT_FOUND', 'NOTHING_TO_UNDO'],
      [['superseded', 'deployed'], undefined, 1, 'NOTHING_TO_UNDO'],
      [['superseded', 'failed', 'deployed'], undefined, 1, 'NOTHING_TO_UNDO'],
      [['superseded', 'deployed', 'failed'], undefined, 2, 2],
      [['superseded', 'deployed', 'failed', 'failed'], undefined, 2, 2],
      [['superseded', 'deployed', 'pending'], undefined, 2, 2],
      [['failed'], undefined, 'REVISION_NOT_FOUND', 'NOTHING_TO_UNDO'],
      [['pending'], undefined, 'REVISION_NOT_FOUND', 'NOTHING_TO_UNDO'],
      [[], undefined, 'REVISION_NOT_FOUND', 'NOTHING_TO_UNDO'],
      [['superseded', 'failed', 'deployed'], 2, 2, 'NOTHING_TO_UNDO'],
      [['superseded', 'deployed'], 3, 'REVISION_NOT_FOUND', 'NOTHING_TO_UNDO'],
      [['deployed', 'pending'], 2, 'OPERATION_RUNNING', 1],
    ];
  it.each(rows)('%j, asked %j: %j; undone: %j', (results, asked, rollback, undo) => {
    expect(codeOf(() => rollbackTarget(record(...results), asked))).toBe(rollback);
    expect(codeOf(() => undoTarget(record(...results)))).toBe(undo);
  });
});

describe('what to run where an operation was cut', () => {
  const rows: readonly (readonly [Partial<PendingOperation>, string, string | undefined])[] = [
    [{ operation: 'install', revision: 1 }, 'upgrade db', 'remove db'],
    [{ operation: 'upgrade', revision: 2 }, 'upgrade db', 'upgrade db --undo'],
    [{ operation: 'rollback', revision: 3 }, 'rollback db', 'upgrade db --undo'],
    [{ operation: 'rollback', revision: 0 }, 'remove db', undefined],
    [{ operation: 'remove', revision: 0 }, 'remove db', undefined],
  ];
  it.each(rows)('%j', (pending, goOn, goBack) => {
    const advice = pendingAdvice({ name: 'db', namespace: 'shop' }, pending as PendingOperation);
    expect(advice).toEqual({
      goOn: `appstore ${goOn} -n shop`,
      ...(goBack === undefined ? {} : { goBack: `appstore ${goBack} -n shop` }),
    });
  });
});
