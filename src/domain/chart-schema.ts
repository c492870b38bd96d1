import type { JsonSchema } from './app.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { compilePattern } from './linear-pattern.ts';
import { type AnySchema, isSchema, resolveRef } from './schema-refs.ts';

/** Drafts in which `format` is checked; later ones only remark on it (JSON Schema validation 2019-09, section 7.2). */
const formatsChecked = /draft-0[3-7]/;

/** What is wrong with a schema, as its author wrote it. */
export interface SchemaFault {
  /** JSON pointer into the schema. */
  readonly at: string;
  readonly message: string;
}

/**
 * The schema of a chart (values.schema.json) in the draft that `validate` reads, 2020-12. Charts use drafts 4 to 2020-12; what they
 * write differently is rewritten: `items` of tuples, `dependencies`, the boolean `exclusiveMinimum` of draft 4, and keywords
 * beside `$ref`, which drafts up to 7 ignore.
 */
export function modernSchema(written: JsonObject): JsonSchema {
  const draft = typeof written.$schema === 'string' ? written.$schema : '';
  return rewrite(written, { old: formatsChecked.test(draft) }) as JsonSchema;
}

interface Draft {
  /** Up to draft 7. */
  readonly old: boolean;
}

/** Keywords whose value is a schema, a list of schemas, or a map of them. */
const below: ReadonlySet<string> = new Set([
  ...['additionalProperties', 'additionalItems', 'contains', 'else', 'if', 'items', 'not', 'propertyNames'],
  ...['then', 'unevaluatedItems', 'unevaluatedProperties', 'allOf', 'anyOf', 'oneOf', 'prefixItems'],
]);

const maps: ReadonlySet<string> = new Set([
  ...['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas', 'dependencies'],
]);

function rewrite(schema: Json | undefined, draft: Draft): Json {
  if (Array.isArray(schema)) return schema.map((part) => rewrite(part, draft));
  if (!isObject(schema)) return schema ?? null;
  if (draft.old && typeof schema.$ref === 'string') return onlyReference(schema, draft);
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    if (below.has(keyword)) result[keyword] = rewrite(value, draft);
    else if (maps.has(keyword) && isObject(value)) result[keyword] = rewriteMap(value, draft);
    else if (keyword === 'format' && !draft.old && value !== 'password') continue;
    else result[keyword] = value;
  }
  return [tuples, dependencies, limits].reduce((made, step) => step(made), result);
}

function rewriteMap(map: JsonObject, draft: Draft): JsonObject {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [
      name,
      // `dependencies` may hold lists of names, which are no schemas.
      Array.isArray(value) ? value : rewrite(value, draft),
    ]),
  );
}

/** The definitions stay: others may refer to them. */
function onlyReference(schema: JsonObject, draft: Draft): JsonObject {
  const kept = Object.entries(schema).filter(([name]) => ['$ref', 'definitions', '$defs'].includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isObject(value) ? rewriteMap(value, draft) : (value ?? null)]),
  );
}

function tuples(schema: JsonObject): JsonObject {
  if (!Array.isArray(schema.items)) return schema;
  const { items, additionalItems, ...rest } = schema;
  return {
    ...rest,
    prefixItems: items,
    ...(additionalItems === undefined ? {} : { items: additionalItems }),
  };
}

function dependencies(schema: JsonObject): JsonObject {
  if (!isObject(schema.dependencies)) return schema;
  const { dependencies: all, ...rest } = schema;
  const entries = Object.entries(all as JsonObject);
  return {
    ...rest,
    dependentRequired: Object.fromEntries(entries.filter(([, value]) => Array.isArray(value))),
    dependentSchemas: Object.fromEntries(entries.filter(([, value]) => !Array.isArray(value))),
  };
}

function limits(schema: JsonObject): JsonObject {
  const result = { ...schema };
  for (const [exclusive, plain] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof result[exclusive] !== 'boolean') continue;
    if (result[exclusive] === true && typeof result[plain] === 'number') result[exclusive] = result[plain];
    else delete result[exclusive];
  }
  return result;
}

const types: readonly unknown[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

/**
 * What makes a schema unusable: references that lead nowhere or to another machine (nothing is fetched), types that there are not,
 * patterns that are none.
 */
export function schemaFaults(root: JsonSchema): SchemaFault[] {
  const faults: SchemaFault[] = [];
  const visit = (schema: AnySchema, at: string): void => {
    if (typeof schema === 'boolean') return;
    faults.push(...ownFaults(root, schema).map((message) => ({ at: at === '' ? '#' : at, message })));
    for (const [keyword, value] of Object.entries(schema)) {
      const here = `${at}/${keyword}`;
      const list = below.has(keyword) ? (Array.isArray(value) ? value : [value]) : [];
      list.filter(isSchema).forEach((part, index) => {
        visit(part, Array.isArray(value) ? `${here}/${index}` : here);
      });
      if (maps.has(keyword) && isObject(value))
        for (const [name, part] of Object.entries(value)) if (isSchema(part)) visit(part, `${here}/${name}`);
    }
  };
  visit(root, '');
  return faults;
}

function ownFaults(root: JsonSchema, schema: JsonSchema): string[] {
  const { $ref, type, pattern } = schema;
  const found: string[] = [];
  if (typeof $ref === 'string' && resolveRef(root, $ref) === undefined)
    found.push(
      $ref.startsWith('#')
        ? `\`$ref\` leads nowhere: ${$ref}`
        : `\`$ref\` leads to another file, which is not fetched: ${$ref}`,
    );
  for (const name of type === undefined ? [] : [type].flat())
    if (!types.includes(name)) found.push(`there is no type ${JSON.stringify(name)}`);
  const compiled = typeof pattern === 'string' ? compilePattern(pattern) : undefined;
  if (compiled !== undefined && 'problem' in compiled) found.push(`\`pattern\`: ${compiled.problem}`);
  return found;
}
