import type { Problem } from './errors.ts';
import { formatPath } from './given.ts';
import { isObject, type JsonObject } from './json.ts';
import { nearest } from './near.ts';

/** Every chart below may read any of these; Helm gives them a meaning of its own. */
const everywhere: ReadonlySet<string> = new Set(['global', 'tags']);

/**
 * Values that a user gave and that a chart does not know: Helm ignores a typing mistake in silence (NEEDS row 13). Known is what stands
 * in values.yaml, also as a comment. An empty map says nothing about what may be in it, so only maps that have something in them
 * are compared with.
 *
 * @param text of values.yaml
 */
export function unknownValues(given: JsonObject, defaults: JsonObject, text: string): Problem[] {
  const found: Problem[] = [];
  const visit = (values: JsonObject, known: JsonObject, path: readonly string[]): void => {
    for (const [name, value] of Object.entries(values)) {
      if (path.length === 0 && everywhere.has(name)) continue;
      const here = [...path, name];
      if (!Object.hasOwn(known, name)) {
        if (!isCommentedOut(text, name)) found.push(unknown(here, Object.keys(known)));
        continue;
      }
      const below = known[name];
      if (isObject(value) && isObject(below) && Object.keys(below).length > 0) visit(value, below, here);
    }
  };
  if (Object.keys(defaults).length > 0) visit(given, defaults, []);
  return found;
}

/** Authors show what else there is as a comment: `# nodePort: 30000`. */
function isCommentedOut(text: string, name: string): boolean {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^\\s*#.*\\b${escaped}:`, 'm').test(text);
}

function unknown(path: readonly string[], names: readonly string[]): Problem {
  const near = nearest(path.at(-1) ?? '', names, 1)[0];
  return {
    at: formatPath(path),
    message: 'is not in the values.yaml of the chart: perhaps nothing reads it',
    ...(near === undefined ? {} : { hint: `did you mean \`${formatPath([...path.slice(0, -1), near])}\`?` }),
  };
}
