import { isObject, type Json } from './json.ts';

/**
 * The value at a path as Kubernetes writes it (`.spec.containers[name="web"].image`, `.metadata.labels.app.kubernetes.io/name`,
 * `.spec.list[3]`); undefined where there is none. A key that holds dots is found because the object has it.
 */
export function valueAt(value: unknown, path: string): Json | undefined {
  if (path === '') return value as Json | undefined;
  if (path.startsWith('[')) return valueAtItem(value, path);
  if (!path.startsWith('.') || !isObject(value)) return undefined;
  const rest = path.slice(1);
  const keys = Object.keys(value).filter((key) => beginsWithKey(rest, key));
  for (const key of keys.sort((a, b) => b.length - a.length)) {
    const found = valueAt(value[key], rest.slice(key.length));
    if (found !== undefined) return found;
  }
  return undefined;
}

function beginsWithKey(path: string, key: string): boolean {
  return path.startsWith(key) && ['', '.', '['].includes(path.charAt(key.length));
}

function valueAtItem(value: unknown, path: string): Json | undefined {
  const end = closingBracket(path);
  if (end < 0 || !Array.isArray(value)) return undefined;
  return valueAt(value[itemAt(value, path.slice(1, end))], path.slice(end + 1));
}

/**
 * The place of an item in a list; -1 where there is none. A key that an item does not say has its default (the protocol of a
 * port), so that the only item that says nothing else is meant too.
 */
function itemAt(items: readonly unknown[], step: string): number {
  if (/^\d+$/.test(step)) return Number(step);
  const wanted = parseKeys(step);
  const says = (item: unknown, [key, json]: readonly [string, string], unsaid: boolean) => {
    const said = key === '' ? item : fieldOf(item, key);
    return said === undefined ? unsaid : JSON.stringify(said) === json;
  };
  const exact = items.findIndex((item) => wanted.every((key) => says(item, key, false)));
  if (exact >= 0) return exact;
  const loose = items.flatMap((item, index) =>
    wanted.some((key) => says(item, key, false)) && wanted.every((key) => says(item, key, true))
      ? [index]
      : [],
  );
  return loose.length === 1 ? (loose[0] ?? -1) : -1;
}

function fieldOf(item: unknown, key: string): unknown {
  return isObject(item) ? item[key] : undefined;
}

/**
 * A copy of a value without what stands at a path; the same value where nothing stands there. A list or map that becomes empty
 * goes with its last field, since an empty one would be applied too.
 */
export function withoutPath<T>(value: T, path: string): T {
  const rest = without(value, path);
  return rest === nothing ? value : (rest as T);
}

const nothing = Symbol('nothing is left');

function without(value: unknown, path: string): unknown {
  if (path === '') return nothing;
  if (path.startsWith('[')) return withoutItem(value, path);
  if (!path.startsWith('.') || !isObject(value)) return value;
  const rest = path.slice(1);
  const key = Object.keys(value)
    .filter((one) => beginsWithKey(rest, one))
    .sort((a, b) => b.length - a.length)
    .find((one) => valueAt(value[one], rest.slice(one.length)) !== undefined);
  if (key === undefined) return value;
  const below = without(value[key], rest.slice(key.length));
  const { [key]: _gone, ...others } = value;
  if (below !== nothing) return { ...value, [key]: below };
  return Object.keys(others).length === 0 ? nothing : others;
}

function withoutItem(value: unknown, path: string): unknown {
  const end = closingBracket(path);
  if (end < 0 || !Array.isArray(value)) return value;
  const at = itemAt(value, path.slice(1, end));
  if (at < 0 || at >= value.length) return value;
  const below = without(value[at], path.slice(end + 1));
  const items: readonly unknown[] = value;
  if (below !== nothing) return items.map((item, index) => (index === at ? below : item));
  return items.length === 1 ? nothing : items.filter((_, index) => index !== at);
}

/** The `]` that ends a step that begins with `[`; brackets inside of quotes do not count. */
function closingBracket(path: string): number {
  let quoted = false;
  for (let index = 0; index < path.length; index++) {
    const character = path[index];
    if (quoted && character === '\\') index++;
    else if (character === '"') quoted = !quoted;
    else if (character === ']' && !quoted) return index;
  }
  return -1;
}

/** `name="web",port=80` as pairs of key and JSON; `="x"` (a member of a set) has the key `''`. */
function parseKeys(step: string): [string, string][] {
  return [...step.matchAll(/([^=,"]*)=("(?:\\.|[^"\\])*"|[^,]*)/g)].map((match) => [
    match[1] ?? '',
    match[2] ?? '',
  ]);
}

/** A step into a list by the keys of an item, as Kubernetes writes it: `[name="web"]`. */
export function itemStep(keys: Readonly<Record<string, Json | undefined>>): string {
  const parts = Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `[${parts.join(',')}]`;
}
