import type { JsonObject } from '../../../domain/json.ts';
import { isObject } from '../../../domain/json.ts';
import type { ObjectRef } from '../../../domain/objects.ts';
import type { JournalEntry, PendingOperation } from '../../../domain/release.ts';
import { countField, damaged, parseObject, textField, wordField } from './damage.ts';
import { operations, requestIdOf } from './history.ts';
import { recordLimits } from './limits.ts';
import { line, word } from './text.ts';

/** Writes the operation under way with its journal. The steps of a journal are never cut: they say what is done. */
export function encodePending(pending: PendingOperation): string {
  const data: JsonObject = {
    id: pending.id,
    operation: pending.operation,
    revision: pending.revision,
    startedAt: pending.startedAt,
    holder: pending.holder,
    journal: pending.journal.map(({ step, at }) => ({ step, at })),
    requestId: pending.requestId,
    target: pending.target,
    purgeData: pending.purgeData,
  };
  return JSON.stringify(data);
}

/** Reads an operation under way. Throws RECORD_INVALID. */
export function decodePending(ref: ObjectRef, text: string): PendingOperation {
  const place = 'data.pending';
  const data = parseObject(ref, place, text);
  return {
    id: textField(ref, place, data, 'id'),
    operation: wordField(ref, place, data, { name: 'operation', words: operations }),
    revision: countField(ref, place, data, { name: 'revision', least: 0, most: recordLimits.revision }),
    startedAt: word(textField(ref, place, data, 'startedAt')),
    holder: word(textField(ref, place, data, 'holder')),
    journal: decodeJournal(ref, place, data),
    ...requestIdOf(data.requestId),
    ...(data.target === undefined
      ? {}
      : { target: countField(ref, place, data, { name: 'target', least: 1, most: recordLimits.revision }) }),
    ...(typeof data.purgeData === 'boolean' ? { purgeData: data.purgeData } : {}),
  };
}

function decodeJournal(ref: ObjectRef, place: string, data: JsonObject): JournalEntry[] {
  const journal = data.journal;
  if (!Array.isArray(journal)) throw damaged(ref, `${place}: "journal" is not a list`);
  return journal.map((entry) => {
    if (!isObject(entry)) throw damaged(ref, `${place}: an entry of the journal is not an object`);
    return { step: line(textField(ref, place, entry, 'step')), at: word(textField(ref, place, entry, 'at')) };
  });
}
