import { hash } from 'node:crypto';
import { isObject } from './json.ts';

/** JSON with keys sorted at every depth and undefined keys left out: equal for equal data. */
export function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => stableJson(item ?? null)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${stableJson(value[key])}`);
  return `{${fields.join(',')}}`;
}

/** 16 characters (96 bits) of the sha256 over the stable JSON of a value: short enough for 10,000 inventory entries. */
export function shortDigest(value: unknown): string {
  return hash('sha256', stableJson(value), 'base64url').slice(0, 16);
}
