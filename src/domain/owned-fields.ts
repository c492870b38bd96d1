import { isObject, type Json, type JsonObject } from './json.ts';
import { uniteFields } from './managed-fields-rewrite.ts';
import type { KubeObject, ManagedFieldsEntry } from './objects.ts';

/** Everything that these entries own, as one FieldsV1 set. */
export function fieldsOfEntries(entries: readonly ManagedFieldsEntry[]): JsonObject {
  return entries.reduce<JsonObject>((fields, entry) => uniteFields(fields, entry.fieldsV1 ?? {}), {});
}

/**
 * A copy of an object without the fields of one set that are not in the other: what an apply takes away that leaves out what it
 * owned before. An item or a map goes as a whole where it was owned itself and nobody owns anything in it any more.
 */
export function withoutOwned(object: KubeObject, gone: JsonObject, kept: JsonObject): KubeObject {
  return pruned(object as unknown as JsonObject, gone, kept) as unknown as KubeObject;
}

function pruned(value: Json, gone: JsonObject, kept: JsonObject): Json {
  if (Array.isArray(value)) return prunedList(value, gone, kept);
  if (!isObject(value)) return value;
  const fields = Object.entries(value).flatMap(([name, child]): [string, Json | undefined][] => {
    const below = gone[`f:${name}`];
    if (!isObject(below) || child === undefined) return [[name, child]];
    const rest = prunedChild(child, below, kept[`f:${name}`]);
    return rest === undefined ? [] : [[name, rest]];
  });
  return Object.fromEntries(fields);
}

function prunedList(items: readonly Json[], gone: JsonObject, kept: JsonObject): Json {
  return items.flatMap((item) => {
    const edge = Object.keys(gone).find((one) => meansItem(one, item));
    const below = edge === undefined ? undefined : gone[edge];
    if (edge === undefined || !isObject(below)) return [item];
    const rest = prunedChild(item, below, kept[edge]);
    return rest === undefined ? [] : [rest];
  });
}

/** What is left of a value; undefined where it goes as a whole. */
function prunedChild(value: Json, gone: JsonObject, kept: Json | undefined): Json | undefined {
  const edges = Object.keys(gone);
  const owned = edges.length === 0 || edges.includes('.');
  if (owned && !isObject(kept)) return undefined;
  if (owned && edges.length === 0) return value;
  const rest = pruned(value, gone, isObject(kept) ? kept : {});
  const empty = typeof rest === 'object' && rest !== null && Object.keys(rest).length === 0;
  return empty && !isObject(kept) ? undefined : rest;
}

/** True for the step of a FieldsV1 set that means this item of a list: `k:{"name":"web"}` or `v:"text"`. */
function meansItem(edge: string, item: Json): boolean {
  if (edge.startsWith('v:')) return JSON.stringify(item) === edge.slice(2);
  if (!edge.startsWith('k:') || !isObject(item)) return false;
  const keys: unknown = JSON.parse(edge.slice(2));
  return isObject(keys) && Object.entries(keys).every(([key, value]) => item[key] === value);
}
