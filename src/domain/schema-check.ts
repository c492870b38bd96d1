import type { JsonSchema } from './app.ts';
import { checkGenerateRule } from './generate.ts';
import type { PathStep } from './given.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { validate } from './json-schema.ts';
import { compilePattern } from './linear-pattern.ts';
import { nearest } from './near.ts';
import type { PathProblem } from './package-problems.ts';
import { schemaFormats } from './schema-formats.ts';
import { type AnySchema, isSchema, resolveRef } from './schema-refs.ts';

/** What the value of a keyword is: a schema, a list or map of them, or something of its own. */
export type Form =
  | 'schema'
  | 'schemas'
  | 'schema map'
  | 'number'
  | 'count'
  | 'text'
  | 'boolean'
  | 'list'
  | 'names'
  | 'any';

/** Every keyword of JSON Schema 2020-12 that is understood, and ours. */
export const keywords: Readonly<Record<string, Form>> = {
  $schema: 'text',
  $comment: 'text',
  $defs: 'schema map',
  $ref: 'text',
  type: 'any',
  title: 'text',
  description: 'text',
  default: 'any',
  examples: 'list',
  deprecated: 'boolean',
  readOnly: 'boolean',
  writeOnly: 'boolean',
  enum: 'list',
  const: 'any',
  format: 'text',
  pattern: 'text',
  minLength: 'count',
  maxLength: 'count',
  contentEncoding: 'text',
  contentMediaType: 'text',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
  items: 'schema',
  prefixItems: 'schemas',
  contains: 'schema',
  minContains: 'count',
  maxContains: 'count',
  minItems: 'count',
  maxItems: 'count',
  uniqueItems: 'boolean',
  unevaluatedItems: 'schema',
  properties: 'schema map',
  patternProperties: 'schema map',
  additionalProperties: 'schema',
  unevaluatedProperties: 'schema',
  propertyNames: 'schema',
  required: 'names',
  minProperties: 'count',
  maxProperties: 'count',
  dependentRequired: 'any',
  dependentSchemas: 'schema map',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  not: 'schema',
  if: 'schema',
  then: 'schema',
  else: 'schema',
  'x-generate': 'any',
  'x-advanced': 'boolean',
};

/** Names of `type`. */
export const types = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

const forms: Readonly<Record<Form, { readonly fits: (value: Json) => boolean; readonly says: string }>> = {
  schema: { fits: isSchema, says: 'a schema' },
  schemas: {
    fits: (value) => Array.isArray(value) && value.length > 0 && value.every(isSchema),
    says: 'a list of schemas',
  },
  'schema map': {
    fits: (value) => isObject(value) && Object.values(value).every(isSchema),
    says: 'a map of schemas',
  },
  number: { fits: (value) => typeof value === 'number', says: 'a number' },
  count: { fits: (value) => Number.isInteger(value) && Number(value) >= 0, says: 'an integer from 0' },
  text: { fits: (value) => typeof value === 'string', says: 'text' },
  boolean: { fits: (value) => typeof value === 'boolean', says: 'true or false' },
  list: { fits: (value) => Array.isArray(value), says: 'a list' },
  names: {
    fits: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    says: 'a list of names',
  },
  any: { fits: () => true, says: '' },
};

/**
 * Checks the schema of values as its author wrote it: every mistake at once, with paths. Keywords that JSON Schema does not have are
 * refused too (JSON Schema itself would ignore a typing mistake), except those that begin with `x-`.
 */
export function checkSchema(schema: JsonObject): PathProblem[] {
  const check = new SchemaCheck(schema as JsonSchema);
  if (schema.type !== 'object') check.report(['type'], 'must be object at the top of values');
  check.schema(schema, []);
  return check.problems;
}

class SchemaCheck {
  readonly problems: PathProblem[] = [];
  private readonly root: JsonSchema;

  constructor(root: JsonSchema) {
    this.root = root;
  }

  report(path: readonly PathStep[], message: string, hint?: string): void {
    this.problems.push({ path, message, ...(hint === undefined ? {} : { hint }) });
  }

  schema(schema: AnySchema, path: readonly PathStep[]): void {
    if (typeof schema === 'boolean') return;
    const before = this.problems.length;
    const sound = Object.entries(schema)
      .map(([keyword, value]) => this.keyword(keyword, value as Json, [...path, keyword]))
      .every((fits) => fits);
    if (sound) this.meaning(schema, path);
    // A default is checked by the schema, so only by one that has nothing wrong in it.
    if (this.problems.length === before) this.default(schema, path);
  }

  /** False where the value of a known keyword is not what the keyword needs. */
  private keyword(keyword: string, value: Json, path: readonly PathStep[]): boolean {
    const form = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
    if (form === undefined) {
      if (keyword.startsWith('x-') && !nearOurs(keyword)) return true;
      const near = nearest(keyword, Object.keys(keywords), 1)[0];
      this.problems.push({
        path,
        keyword: 'additionalProperties',
        message: 'is no keyword of JSON Schema 2020-12 that is supported',
        ...(near === undefined ? {} : { hint: `did you mean \`${near}\`?` }),
      });
      return true;
    }
    const fits = forms[form].fits(value);
    if (!fits) this.report(path, `must be ${forms[form].says}`);
    else this.below(form, value, path);
    return fits;
  }

  private below(form: Form, value: Json, path: readonly PathStep[]): void {
    if (form === 'schema') this.schema(value as AnySchema, path);
    if (form === 'schemas')
      (value as AnySchema[]).forEach((part, index) => {
        this.schema(part, [...path, index]);
      });
    if (form === 'schema map')
      for (const [name, part] of Object.entries(value as JsonObject))
        this.schema(part as AnySchema, [...path, name]);
  }

  private meaning(schema: JsonSchema, path: readonly PathStep[]): void {
    this.type(schema.type, path);
    this.reference(schema.$ref, path);
    this.format(schema.format, path);
    for (const source of [schema.pattern, ...Object.keys(schema.patternProperties ?? {})])
      this.pattern(source, path);
    this.requiredNames(schema, path);
    const rule = schema['x-generate'];
    const problem =
      rule === undefined ? undefined : isObject(rule) ? checkGenerateRule(rule) : 'must be a map';
    if (problem !== undefined) this.report([...path, 'x-generate'], problem);
    if (rule !== undefined && schema.type !== 'string')
      this.report([...path, 'x-generate'], 'needs `type: string`');
  }

  private type(type: unknown, path: readonly PathStep[]): void {
    for (const name of type === undefined ? [] : [type].flat())
      if (typeof name !== 'string' || !types.includes(name))
        this.report(
          [...path, 'type'],
          `must be one of ${types.join(', ')}, is ${JSON.stringify(name)}`,
          typeof name === 'string' ? didYouMean(nearest(name, types, 1)[0]) : undefined,
        );
  }

  private reference(ref: unknown, path: readonly PathStep[]): void {
    if (ref === undefined) return;
    if (typeof ref !== 'string' || !ref.startsWith('#'))
      this.report([...path, '$ref'], 'must begin with `#`: only references within the schema are followed');
    else if (resolveRef(this.root, ref) === undefined)
      this.report([...path, '$ref'], `leads nowhere: ${ref}`);
  }

  private format(format: string | undefined, path: readonly PathStep[]): void {
    const names = schemaFormats.map(({ name }) => name);
    if (format === undefined || names.includes(format)) return;
    const near = nearest(format, names, 1)[0];
    const hint = near === undefined ? `there is ${names.join(', ')}` : `did you mean \`${near}\`?`;
    this.report([...path, 'format'], `is not known: ${format}`, hint);
  }

  private pattern(source: string | undefined, path: readonly PathStep[]): void {
    if (source === undefined) return;
    const compiled = compilePattern(source);
    if ('problem' in compiled)
      this.report(
        [...path, 'pattern'],
        compiled.problem,
        'patterns are in RE2 syntax: no look-around, no back-references',
      );
  }

  private requiredNames(schema: JsonSchema, path: readonly PathStep[]): void {
    const { properties, required } = schema;
    if (properties === undefined || required === undefined) return;
    const names = Object.keys(properties);
    required.forEach((name, index) => {
      if (names.includes(name) || schema.allOf !== undefined) return;
      const near = nearest(name, names, 1)[0];
      this.report(
        [...path, 'required', index],
        `is not among the properties: ${name}`,
        near && `did you mean \`${near}\`?`,
      );
    });
  }

  /** A default must fit, or every install without that value would fail. What is missing in it is asked for later. */
  private default(schema: JsonSchema, path: readonly PathStep[]): void {
    if (schema.default === undefined) return;
    const scoped = { ...schema, $defs: this.root.$defs };
    for (const violation of validate(scoped, schema.default, { strict: true }))
      if (violation.keyword !== 'required')
        this.problems.push({ ...violation, path: [...path, 'default', ...violation.path] });
  }
}

function nearOurs(keyword: string): boolean {
  return nearest(keyword, ['x-generate', 'x-advanced'], 1).length > 0;
}

function didYouMean(near: string | undefined): string | undefined {
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}
