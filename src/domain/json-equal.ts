import { isObject, type Json } from './json.ts';

/** Deep equality of JSON data; the order of keys does not count, an undefined key is a missing one. */
export function jsonEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = definedKeys(a);
  return (
    keys.length === definedKeys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]))
  );
}

function definedKeys(object: { readonly [key: string]: Json | undefined }): string[] {
  return Object.keys(object).filter((key) => object[key] !== undefined);
}
