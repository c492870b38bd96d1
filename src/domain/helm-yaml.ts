import { CORE_SCHEMA, loadAll, mergeTag, type Schema, YAMLException } from 'js-yaml';
import { AppstoreError } from './errors.ts';
import { isObject, type JsonObject } from './json.ts';

/** Far more than any Chart.yaml, lock or index entry has; aliases stand for the same value and are never copied. */
const limits = { maxDepth: 50, maxAliases: 1_000, maxTotalMergeKeys: 10_000 } as const;

let made: Schema | undefined;

/** Made with the first document, with which the library is loaded. */
function schema(): Schema {
  made ??= CORE_SCHEMA.withTags(mergeTag);
  return made;
}

/**
 * Reads a map of YAML that Helm reads (Chart.yaml, Chart.lock, the entries of an index): the first document, the later of two
 * equal keys, as sigs.k8s.io/yaml does. Packages of our own format are read more strictly, by `parseYamlDocument`.
 *
 * @param file how messages name it
 * @throws AppstoreError YAML_INVALID with line and column
 */
export function parseHelmYaml(text: string, file: string): JsonObject {
  const [first] = load(text, file);
  if (first === undefined || first === null) return {};
  if (isObject(first)) return first;
  throw new AppstoreError('YAML_INVALID', `${file}: it holds no map of names and values.`, {
    place: { file },
  });
}

function load(text: string, file: string): readonly unknown[] {
  try {
    return loadAll(text.replace(/^\ufeff/, ''), { ...limits, schema: schema(), json: true, filename: file });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line = 0, column = 0 } = error.mark ?? {};
    const place = { file, line: line + 1, column: column + 1 };
    throw new AppstoreError('YAML_INVALID', `${file}:${place.line}:${place.column}: ${error.reason}`, {
      place,
    });
  }
}

/** A scalar as the text that Helm makes of it where it expects one: `appVersion: 1.10` is `1.1` there as well. */
export function textOf(map: JsonObject, name: string): string {
  const value = Object.hasOwn(map, name) ? map[name] : undefined;
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The texts of a list; what is no text is left out. */
export function textsOf(map: JsonObject, name: string): readonly string[] {
  return listOf(map, name).filter((item) => typeof item === 'string');
}

/** The maps of a list. */
export function mapsOf(map: JsonObject, name: string): readonly JsonObject[] {
  return listOf(map, name).filter(isObject);
}

function listOf(map: JsonObject, name: string): readonly unknown[] {
  const value = Object.hasOwn(map, name) ? map[name] : undefined;
  return Array.isArray(value) ? value : [];
}
