import { type PathStep, setPath } from '../../domain/given.ts';
import { isObject, type Json, type JsonObject } from '../../domain/json.ts';
import { jsonEqual } from '../../domain/json-equal.ts';
import { maskedText } from '../../domain/masking.ts';

/** A copy with one value set. */
export function set(values: JsonObject, path: readonly PathStep[], value: Json): JsonObject {
  return setPath(values, path, value);
}

/** A copy with one value taken out, and the maps above it that are empty then. */
export function unset(values: JsonObject, path: readonly PathStep[]): JsonObject {
  const [step, ...rest] = path;
  if (typeof step !== 'string' || !Object.hasOwn(values, step)) return values;
  const { [step]: item, ...others } = values;
  if (rest.length === 0) return others;
  if (!isObject(item)) return values;
  const inner = unset(item, rest);
  return Object.keys(inner).length === 0 ? others : { ...values, [step]: inner };
}

/**
 * What is sent of an upgrade: what differs from what is stored. A stored value that was taken back becomes `null`, which is how a default
 * is asked for again.
 */
export function changesOf(stored: JsonObject, edited: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const name of new Set([...Object.keys(stored), ...Object.keys(edited)])) {
    const before = Object.hasOwn(stored, name) ? stored[name] : undefined;
    const after = Object.hasOwn(edited, name) ? edited[name] : undefined;
    if (after === undefined) result[name] = isObject(before) ? taken(before) : null;
    else if (isObject(before) && isObject(after)) {
      const inner = changesOf(before, after);
      if (Object.keys(inner).length > 0) result[name] = inner;
    } else if (before === undefined || !jsonEqual(before, after)) result[name] = after;
  }
  return result;
}

function taken(values: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isObject(value) ? taken(value) : null]),
  );
}

/** True where a stored secret, which is shown masked, would be sent as if the mask were its value. */
export function holdsMask(value: Json | undefined): boolean {
  if (typeof value === 'string') return value === maskedText;
  if (Array.isArray(value)) return value.some(holdsMask);
  return isObject(value) && Object.values(value).some(holdsMask);
}
