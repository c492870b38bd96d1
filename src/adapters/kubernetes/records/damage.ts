import { AppstoreError } from '../../../domain/errors.ts';
import { parseExact } from '../../../domain/exact-json.ts';
import { isObject, type Json, type JsonObject } from '../../../domain/json.ts';
import { displayId, type ObjectRef } from '../../../domain/objects.ts';

/** The error for an object of a record that is missing or not as it was written. */
export function damaged(
  ref: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>,
  what: string,
  cause?: unknown,
): AppstoreError {
  return new AppstoreError('RECORD_INVALID', `${displayId(ref)}: ${what}`, { cause });
}

/** Parses a JSON object of a record. Throws RECORD_INVALID with the object and the place in it. */
export function parseObject(ref: ObjectRef, place: string, text: string): JsonObject {
  let parsed: Json;
  try {
    parsed = parseExact(text) as Json;
  } catch (error) {
    throw damaged(ref, `${place} is not JSON`, error);
  }
  if (!isObject(parsed)) throw damaged(ref, `${place} is not a JSON object`);
  return parsed;
}

/** Parses lines of JSON objects, one a line. Throws RECORD_INVALID with the line, or where there are more than `most`. */
export function parseLines(
  ref: ObjectRef,
  content: { readonly place: string; readonly most: number },
  text: string,
): JsonObject[] {
  const { place, most } = content;
  // One more than allowed is enough to know.
  const lines = text.split('\n', most + 2).filter((line) => line !== '');
  if (lines.length > most) throw damaged(ref, `${place} has more than ${most} lines`);
  return lines.map((line, at) => parseObject(ref, `${place} line ${at + 1}`, line));
}

/** A field that has to be text. Throws RECORD_INVALID where it is not. */
export function textField(ref: ObjectRef, place: string, from: JsonObject, field: string): string {
  const value = from[field];
  if (typeof value !== 'string') throw damaged(ref, `${place}: "${field}" is missing or not text`);
  return value;
}

/** A field that has to be a whole number from `least` to `most`. Throws RECORD_INVALID where it is not. */
export function countField(
  ref: ObjectRef,
  place: string,
  from: JsonObject,
  field: { readonly name: string; readonly least: number; readonly most: number },
): number {
  const { name, least, most } = field;
  const value = from[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)
    return value;
  throw damaged(ref, `${place}: "${name}" is missing or not a number from ${least} to ${most}`);
}

/** A field that has to be one of a few words. Throws RECORD_INVALID where it is not. */
export function wordField<W extends string>(
  ref: ObjectRef,
  place: string,
  from: JsonObject,
  field: { readonly name: string; readonly words: readonly W[] },
): W {
  const word = field.words.find((one) => one === from[field.name]);
  if (word === undefined)
    throw damaged(ref, `${place}: "${field.name}" is none of ${field.words.join(', ')}`);
  return word;
}
