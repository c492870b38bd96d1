import { formatPath, type PathStep } from './given.ts';
import type { JsonObject } from './json.ts';
import { textsIn } from './text-paths.ts';

/** Keys that name a secret in charts, which have no schema to say so. */
const secretKey = /(?:pass(?:word|wd|phrase)?|secret|token|api[-_]?key|private[-_]?key|credentials?)$/i;

/** Paths of texts in values that are secret by their name; masked wherever their value turns up. */
export function likelySecretPaths(values: JsonObject): string[] {
  return [...textsIn(values)]
    .filter(({ path, text }) => text !== '' && secretKey.test(lastKey(path)))
    .map(({ path }) => formatPath(path));
}

function lastKey(path: readonly PathStep[]): string {
  const key = path.findLast((step) => typeof step === 'string');
  return typeof key === 'string' ? key : '';
}
