/** Plain JSON data: what YAML and JSON files, values and Kubernetes objects are made of. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. A missing key and an undefined one mean the same. */
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** True for a JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON objects of a list; none where it is no list. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
