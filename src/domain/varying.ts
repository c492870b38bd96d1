import { isObject, type Json } from './json.ts';

/** Keys of objects and numbers of items, from the outside in; unambiguous as text. */
type Path = string;

/**
 * Where two values differ, by the innermost place. Objects that have not the same keys, and lists of unequal length, differ as a
 * whole.
 */
export function differingPaths(one: Json | undefined, other: Json | undefined): ReadonlySet<Path> {
  const paths = new Set<Path>();
  collect(one, other, '', paths);
  return paths;
}

/** True where every place lies at or within one of the others. */
export function isWithin(places: ReadonlySet<Path>, others: ReadonlySet<Path>): boolean {
  return [...places].every((place) => isCovered(place, others));
}

function isCovered(place: Path, others: ReadonlySet<Path>): boolean {
  for (let at = place; ; at = at.slice(0, at.lastIndexOf('/'))) {
    if (others.has(at)) return true;
    if (at === '') return false;
  }
}

function collect(one: Json | undefined, other: Json | undefined, at: Path, paths: Set<Path>): void {
  if (one === other) return;
  const pairs = pairsOf(one, other);
  if (pairs === undefined) paths.add(at);
  else for (const [key, inner, its] of pairs) collect(inner, its, `${at}/${encodeURIComponent(key)}`, paths);
}

type Pair = readonly [key: string, one: Json | undefined, other: Json | undefined];

/** What both hold under the same keys; undefined where they cannot be compared that far. */
function pairsOf(one: Json | undefined, other: Json | undefined): Pair[] | undefined {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length
      ? one.map((item, index): Pair => [String(index), item, other[index]])
      : undefined;
  if (!isObject(one) || !isObject(other)) return undefined;
  const keys = Object.keys(one);
  const same = keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key));
  return same ? keys.map((key): Pair => [key, one[key], other[key]]) : undefined;
}
