import { listKeysOf } from './diff.ts';
import { isObject, type Json } from './json.ts';
import type { KubeObject } from './objects.ts';

/**
 * A live object with the fields of a desired one laid over it, as an apply would do as far as that is known without the schema:
 * maps are merged, items of lists matched as in a diff, and fields that are not desired (defaults, others' fields) stay.
 */
export function layOver(live: KubeObject, desired: KubeObject): KubeObject {
  return overlay(live as unknown as Json, desired as unknown as Json, '') as unknown as KubeObject;
}

function overlay(live: Json | undefined, desired: Json, path: string): Json {
  if (isObject(live) && isObject(desired)) {
    const fields = Object.entries(desired).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, overlay(live[key], value, `${path}.${key}`)] as const],
    );
    return { ...live, ...Object.fromEntries(fields) };
  }
  if (Array.isArray(live) && Array.isArray(desired)) return overlayList(live, desired, path);
  return desired;
}

function overlayList(live: readonly Json[], desired: readonly Json[], path: string): Json {
  const keys = listKeysOf(path, [live, desired]);
  if (keys === undefined) {
    // A list that is one value: its items have defaults too, as long as they are the same ones.
    return live.length === desired.length
      ? desired.map((item, index) => overlay(live[index], item, path))
      : [...desired];
  }
  const same = (a: Json, b: Json) => isObject(a) && isObject(b) && keys.every((key) => a[key] === b[key]);
  const laid = desired.map((item) =>
    overlay(
      live.find((one) => same(one, item)),
      item,
      path,
    ),
  );
  return [...laid, ...live.filter((one) => !desired.some((item) => same(one, item)))];
}
