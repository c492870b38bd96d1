import { formatPath, type PathStep } from './given.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** Keys that name a secret in charts, which have no schema to say so. */
const secretKey = /(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|private[-_]?key|credentials?)$/i;

/** Paths of texts in values that are secret by their name; masked wherever their value turns up. */
export function likelySecretPaths(values: JsonObject): string[] {
  const found: string[] = [];
  const walk = (value: Json | undefined, path: readonly PathStep[]): void => {
    if (Array.isArray(value)) for (const [at, item] of value.entries()) walk(item, [...path, at]);
    else if (isObject(value)) for (const [key, item] of Object.entries(value)) walk(item, [...path, key]);
    else if (typeof value === 'string' && value !== '' && secretKey.test(lastKey(path)))
      found.push(formatPath(path));
  };
  walk(values, []);
  return found;
}

function lastKey(path: readonly PathStep[]): string {
  const key = path.findLast((step) => typeof step === 'string');
  return typeof key === 'string' ? key : '';
}
