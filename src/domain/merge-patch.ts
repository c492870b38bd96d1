import { isObject, type Json, type JsonObject } from './json.ts';

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
