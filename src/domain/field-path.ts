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
  const step = path.slice(1, end);
  const rest = path.slice(end + 1);
  const items: readonly unknown[] = value;
  if (/^\d+$/.test(step)) return valueAt(items[Number(step)], rest);
  const wanted = parseKeys(step);
  return valueAt(
    items.find((item) =>
      wanted.every(([key, json]) => JSON.stringify(key === '' ? item : fieldOf(item, key)) === json),
    ),
    rest,
  );
}

function fieldOf(item: unknown, key: string): unknown {
  return isObject(item) ? item[key] : undefined;
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
