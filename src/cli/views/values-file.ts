import type { JsonSchema } from '../../domain/app.ts';
import { expandRefs } from '../../domain/expand-refs.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { cleanText, escapeUnseen, hasUnseen } from '../../domain/text.ts';

/** The defaults of a schema as one tree; values without a default are left out. */
export function defaultValues(schema: JsonSchema): JsonObject {
  return defaultsIn(expandRefs(schema));
}

function defaultsIn(schema: JsonSchema): JsonObject {
  const result: JsonObject = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = defaultOf(property);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

function defaultOf(property: JsonSchema): Json | undefined {
  if (property.default !== undefined || property.properties === undefined) return property.default;
  const inner = defaultsIn(property);
  return Object.keys(inner).length === 0 ? undefined : inner;
}

/**
 * The values of an app as commented YAML: title and description above each, then what it may be. What has no default is
 * commented out, so that the file can be used as it stands.
 */
export async function valuesFile(schema: JsonSchema): Promise<string> {
  const { stringify } = await import('yaml');
  const dump = (value: Json): string => stringify(value, { lineWidth: 0, compat: 'yaml-1.1' }).trimEnd();
  const lines = sectionLines(expandRefs(schema), 0, dump);
  return lines.length === 0 ? '{}\n' : `${lines.join('\n').trim()}\n`;
}

type Dump = (value: Json) => string;

function sectionLines(schema: JsonSchema, depth: number, dump: Dump): string[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    ...(depth === 0 ? [''] : []),
    ...commentLines(property, required.has(name)).map((line) => `${indent(depth)}# ${line}`.trimEnd()),
    ...entryLines(name, property, depth, dump),
  ]);
}

function entryLines(name: string, property: JsonSchema, depth: number, dump: Dump): string[] {
  const key = hasUnseen(name) ? escapeUnseen(JSON.stringify(name)) : dump(name);
  if (property.properties !== undefined && property.default === undefined) {
    const inner = sectionLines(property, depth + 1, dump);
    const empty = inner.every((line) => line.trimStart().startsWith('#'));
    return [`${indent(depth)}${key}:${empty ? ' {}' : ''}`, ...inner];
  }
  if (property.default === undefined) return [`${indent(depth)}# ${key}:`];
  const text = dump({ [name]: property.default });
  if (hasUnseen(text)) return [`${indent(depth)}${key}: ${escapeUnseen(JSON.stringify(property.default))}`];
  return text.split('\n').map((line) => `${indent(depth)}${line}`);
}

function commentLines(property: JsonSchema, required: boolean): string[] {
  const said = [property.title, property.description]
    .filter((text) => text !== undefined)
    .flatMap((text) => cleanText(text).trim().split('\n'));
  const facts = [
    required && property.default === undefined ? 'required' : '',
    property['x-generate'] === undefined ? '' : 'generated once and kept if not given',
    property.enum === undefined
      ? ''
      : `one of ${property.enum.map((value) => JSON.stringify(value)).join(', ')}`,
    property.format === undefined ? '' : `format ${property.format}`,
    property.minimum === undefined ? '' : `at least ${property.minimum}`,
    property.maximum === undefined ? '' : `at most ${property.maximum}`,
    property['x-advanced'] === true ? 'advanced' : '',
  ].filter((fact) => fact !== '');
  return facts.length === 0 ? said : [...said, `(${cleanText(facts.join('; '))})`];
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}
