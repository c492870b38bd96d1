import { createHash } from 'node:crypto';
import { type ChartDependency, dependencyOf } from './chart-yaml.ts';
import { mapsOf, parseHelmYaml, textOf } from './helm-yaml.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** What Chart.lock (of apiVersion v1: requirements.lock) says: the exact version of each dependency. */
export interface ChartLock {
  /** `sha256:<hex>` over the dependencies that were asked for and found. */
  readonly digest: string;
  readonly dependencies: readonly ChartDependency[];
}

/** Reads a lock file. Throws AppstoreError YAML_INVALID. */
export function parseChartLock(text: string, file: string): ChartLock {
  const lock = parseHelmYaml(text, file);
  return { digest: textOf(lock, 'digest'), dependencies: mapsOf(lock, 'dependencies').map(dependencyOf) };
}

/**
 * True where a lock was made from these dependencies: Helm's own digest (`resolver.HashReq`), or, for a chart of apiVersion v1, that of
 * Helm 2 (`HashV2Req`).
 *
 * @param wanted of Chart.yaml, with repositories by their address (`@name` resolved)
 */
export function fitsLock(
  wanted: readonly ChartDependency[],
  lock: ChartLock,
  apiVersion: 'v1' | 'v2',
): boolean {
  const [asked, found] = [wanted, lock.dependencies].map((all) => all.map(asGo));
  if (lock.digest === digest([asked, found])) return true;
  return apiVersion === 'v1' && lock.digest === digest({ dependencies: asked });
}

/** The fields of Go's struct in their order; empty ones are left out but for name and repository. */
function asGo({ name, version, repository, alias, written }: ChartDependency): JsonObject {
  const condition = textOf(written, 'condition');
  const { tags, enabled, 'import-values': imported } = written;
  return {
    name,
    ...(version === '' ? {} : { version }),
    repository,
    ...(condition === '' ? {} : { condition }),
    ...(Array.isArray(tags) && tags.length > 0 ? { tags } : {}),
    ...(enabled === true ? { enabled } : {}),
    ...(Array.isArray(imported) && imported.length > 0 ? { 'import-values': imported.map(sorted) } : {}),
    ...(alias === '' ? {} : { alias }),
  };
}

/** Go writes the keys of a map in their order. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}

/** JSON as Go writes it: what means something in HTML is escaped. */
function digest(value: unknown): string {
  const json = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `sha256:${createHash('sha256').update(json).digest('hex')}`;
}
