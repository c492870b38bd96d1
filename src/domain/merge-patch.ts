import { isObject, type Json, type JsonObject } from './json.ts';
import { jsonEqual } from './json-equal.ts';

/** A document with a merge patch laid over it (RFC 7386): maps are merged, null removes, everything else replaces. */
export function applyMergePatch(document: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) delete result[key];
    else {
      const under = Object.hasOwn(result, key) ? result[key] : undefined;
      Object.defineProperty(result, key, {
        value: applyMergePatch(under, value),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }
  return result;
}

/** The merge patch that makes one document of another: null for what goes, lists as a whole. */
export function mergePatchOf(before: JsonObject, after: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [old, fresh] = [before[key], after[key]];
    if (jsonEqual(old, fresh)) continue;
    patch[key] =
      fresh === undefined ? null : isObject(old) && isObject(fresh) ? mergePatchOf(old, fresh) : fresh;
  }
  return patch;
}
