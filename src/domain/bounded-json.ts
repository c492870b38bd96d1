import { isObject, type Json } from './json.ts';

/** How much plain data from outside may hold. */
export interface JsonBounds {
  readonly nodes: number;
  readonly depth: number;
}

/**
 * What is wrong with data from outside: too many values (shared parts, as YAML aliases make them, counted each time), too deeply
 * nested, not JSON at all, or a key `__proto__`, which some later copy would take for the prototype. Undefined where it is fine.
 */
export function checkJson(value: unknown, { nodes, depth }: JsonBounds): string | undefined {
  // A list of what is left to look at instead of recursion: the depth is what is being checked.
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    seen++;
    if (seen + open.length > nodes) return `it holds more than ${nodes} values`;
    if (next.depth > depth) return `it is nested deeper than ${depth}`;
    const below = next.depth + 1;
    if (Array.isArray(next.value)) {
      for (const item of next.value) open.push({ value: item, depth: below });
    } else if (isObject(next.value)) {
      if (!isPlain(next.value)) return 'it holds something that JSON does not have';
      if (Object.hasOwn(next.value, '__proto__')) return 'it holds the key `__proto__`';
      for (const item of Object.values(next.value)) open.push({ value: item, depth: below });
    } else if (!isScalar(next.value)) return 'it holds something that JSON does not have';
  }
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isScalar(value: unknown): value is Json {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}
