import type { PathStep } from './given.ts';
import { isObject, type Json } from './json.ts';

/** Every text inside a value, with the way to it, in the order in which they stand. */
export function* textsIn(
  value: Json | undefined,
  path: readonly PathStep[] = [],
): Generator<{ readonly path: readonly PathStep[]; readonly text: string }> {
  if (typeof value === 'string') yield { path, text: value };
  else if (Array.isArray(value))
    for (const [at, item] of value.entries()) yield* textsIn(item, [...path, at]);
  else if (isObject(value))
    for (const [key, item] of Object.entries(value)) yield* textsIn(item, [...path, key]);
}
