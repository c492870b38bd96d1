import type { GenerateRule, JsonSchema } from './app.ts';
import type { Problem } from './errors.ts';
import { formatPath, type PathStep, parsePath, setPath, valueAt } from './given.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { isSecretSchema, textIsQuoted, type Violation, validate } from './json-schema.ts';
import { type AnySchema, followRefs, isSchema, schemaAt, schemaList, schemaMap } from './schema-refs.ts';

/** A required value that was not given. */
export interface MissingValue {
  /** Path as `--set` writes it. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly secret: boolean;
}

/** What came of checking complete values. */
export interface ValuesCheck {
  readonly problems: readonly Problem[];
  readonly missing: readonly MissingValue[];
}

/** A secret that has to be made. */
export interface GeneratedValue {
  /** Path as `--set` writes it. */
  readonly path: string;
  readonly rule: GenerateRule;
}

/** Schemas that contain themselves end here: values deeper than this have no defaults. */
const deepest = 40;

/**
 * The user's values over the defaults of the schema: maps are merged, lists and scalars replaced. A null where the schema allows
 * none takes the default away. An object that was not given is made of the defaults in it, unless that would leave something
 * required in it missing. A decimal that is text, as `--set` gives it, is a number where the schema wants one.
 */
export function withDefaults(schema: JsonSchema, values: JsonObject): JsonObject {
  const result = complete(schema, schema, values, 0);
  return isObject(result) ? result : {};
}

/**
 * The user's values without those that a null takes back, so that the default holds again (decision 0059): where the schema names the
 * value and allows no null. An entry of an open map has no default of its own: there a null stays, and takes the entry away.
 */
export function withoutTakenBack(schema: JsonSchema, values: JsonObject): JsonObject {
  return takeBack(schema, schema, values, 0);
}

function takeBack(root: JsonSchema, schema: JsonSchema, values: JsonObject, depth: number): JsonObject {
  const named = followRefs(root, schema)?.properties ?? {};
  const kept = Object.entries(values).flatMap(([name, value]): [string, JsonObject[string]][] => {
    const own = Object.hasOwn(named, name) ? followRefs(root, named[name]) : undefined;
    if (own === undefined || depth > deepest) return [[name, value]];
    if (value === null) return allowsNull(own) ? [[name, value]] : [];
    if (!isObject(value)) return [[name, value]];
    const inner = takeBack(root, own, value, depth + 1);
    const isEmptied = Object.keys(inner).length === 0 && Object.keys(value).length > 0;
    return isEmptied ? [] : [[name, inner]];
  });
  return Object.fromEntries(kept);
}

/**
 * Checks complete values: every violation at once, and apart from them what is required and missing. A missing object is told
 * as its required values, since those are what a person can be asked for.
 */
export function checkValues(schema: JsonSchema, values: JsonObject): ValuesCheck {
  const violations = validate(schema, values, { strict: true });
  const missing = violations.filter((violation) => violation.keyword === 'required');
  return {
    problems: violations.filter((violation) => violation.keyword !== 'required').map(problemOf),
    missing: missing.flatMap((violation) => missingAt(schema, violation.path, 0)),
  };
}

/**
 * What a person has to be asked for: what is required and missing, and what was not given and has a default that does not fit, as charts say
 * that there is none (`host: ""`, which has to be longer).
 *
 * @param given what does not come from defaults
 */
export function valuesToAsk(schema: JsonSchema, values: JsonObject, given: JsonObject): MissingValue[] {
  const asked = validate(schema, values, { strict: true }).flatMap(({ keyword, path }) => {
    if (keyword === 'required') return missingAt(schema, path, 0);
    const value = valueAt(values, path);
    if (isObject(value) || valueAt(given, path) !== undefined) return [];
    const { default: _unfit, ...own } = schemaAt(schema, path) ?? {};
    return own.type === undefined
      ? []
      : [{ path: formatPath(path), schema: own, secret: isSecretSchema(own) }];
  });
  return [...new Map(asked.map((one) => [one.path, one])).values()];
}

/** Paths of all values that are secrets by schema and are there, as `--set` writes them. */
export function secretPaths(schema: JsonSchema, values: JsonObject): string[] {
  const found: string[] = [];
  walk(schema, schema, values, [], (at, path) => {
    if (!isSecretSchema(at)) return true;
    found.push(formatPath(path));
    return false;
  });
  return found;
}

/** The values at paths, as text, where they are there: what has to be masked. */
export function secretTexts(schema: JsonSchema, values: JsonObject): string[] {
  return secretPaths(schema, values).flatMap((path) => leafTexts(valueAt(values, parsePath(path))));
}

/** The secrets that the schema says to make and that neither the user nor an earlier installation brought. */
export function missingGenerated(
  schema: JsonSchema,
  values: JsonObject,
  existing: Readonly<Record<string, string>>,
): GeneratedValue[] {
  if (!makesSecrets(schema)) return [];
  return generatedIn(schema, withDefaults(schema, values)).filter(
    ({ path }) => !Object.hasOwn(existing, path),
  );
}

/**
 * Puts secrets, by path, into values: those read from the cluster over everything, generated ones only where the schema still asks
 * for them and the user gave none.
 */
export function withSecrets(
  schema: JsonSchema,
  values: JsonObject,
  secrets: {
    readonly given: Readonly<Record<string, string>>;
    readonly generated: Readonly<Record<string, string>>;
  },
): JsonObject {
  const given = Object.entries(secrets.given).reduce(
    (result, [path, value]) => setPath(result, parsePath(path), value),
    values,
  );
  if (!makesSecrets(schema)) return given;
  const wanted = generatedIn(schema, withDefaults(schema, given)).map(({ path }) => path);
  return wanted.reduce((result, path) => {
    const value = Object.hasOwn(secrets.generated, path) ? secrets.generated[path] : undefined;
    return value === undefined ? result : setPath(result, parsePath(path), value);
  }, given);
}

/** False for most charts, whose thousands of values need not be completed to find that out. */
function makesSecrets(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.some(makesSecrets);
  if (!isObject(schema)) return false;
  return Object.hasOwn(schema, 'x-generate') || Object.values(schema).some(makesSecrets);
}

/** Secrets with `x-generate` that have no value yet. An object that is absent and stays absent needs none. */
function generatedIn(schema: JsonSchema, complete: JsonObject): GeneratedValue[] {
  const found: GeneratedValue[] = [];
  const visit = (at: JsonSchema, value: JsonObject, path: readonly PathStep[], depth: number): void => {
    for (const [name, property] of schemaMap(at.properties)) {
      const own = followRefs(schema, property);
      if (own === undefined || depth > deepest) continue;
      const item = Object.hasOwn(value, name) ? value[name] : undefined;
      const here = [...path, name];
      if (own['x-generate'] !== undefined && (item === undefined || item === ''))
        found.push({ path: formatPath(here), rule: own['x-generate'] });
      else if (isObject(item)) visit(own, item, here, depth + 1);
      else if (item === undefined && holdsGenerated(schema, own, depth)) visit(own, {}, here, depth + 1);
    }
  };
  visit(followRefs(schema, schema) ?? schema, complete, [], 0);
  return found;
}

/** True for an object that is nothing but generated secrets and optional values: it is made although nothing in it has a default. */
function holdsGenerated(root: JsonSchema, schema: JsonSchema, depth: number): boolean {
  if (depth > deepest) return false;
  const properties = schemaMap(schema.properties).map(
    ([name, property]) => [name, followRefs(root, property)] as const,
  );
  const required = new Set(schema.required ?? []);
  const generated = properties.filter(([, own]) => own?.['x-generate'] !== undefined);
  return generated.length > 0 && [...required].every((name) => generated.some(([made]) => made === name));
}

function complete(
  root: JsonSchema,
  schema: AnySchema,
  value: Json | undefined,
  depth: number,
): Json | undefined {
  const own = followRefs(root, schema);
  if (own === undefined || depth > deepest) return value;
  const given = value === null && !allowsNull(own) ? undefined : value;
  if (given === undefined) return value === null ? undefined : fresh(root, own, depth);
  if (isObject(given))
    return completeObject(root, own, isObject(own.default) ? overlay(own.default, given) : given, depth);
  if (Array.isArray(given)) return completeList(root, own, given, depth);
  return typeof given === 'string' && wantsNumber(own) && decimal.test(given) ? Number(given) : given;
}

/** A value that was not given: its default, or for an object the defaults in it. */
function fresh(root: JsonSchema, schema: JsonSchema, depth: number): Json | undefined {
  if (schema.default !== undefined)
    return isObject(schema.default) ? completeObject(root, schema, schema.default, depth) : schema.default;
  if (schema.properties === undefined) return undefined;
  const made = completeObject(root, schema, {}, depth);
  if (Object.keys(made).length === 0) return undefined;
  const whole = (schema.required ?? []).every(
    (name) => made[name] !== undefined || isGenerated(root, schema, name),
  );
  return whole ? made : undefined;
}

function isGenerated(root: JsonSchema, schema: JsonSchema, name: string): boolean {
  return followRefs(root, schema.properties?.[name])?.['x-generate'] !== undefined;
}

function completeObject(root: JsonSchema, schema: JsonSchema, value: JsonObject, depth: number): JsonObject {
  const result: JsonObject = {};
  const names = new Set([...schemaMap(schema.properties).map(([name]) => name), ...Object.keys(value)]);
  for (const name of names) {
    const rule = ruleFor(schema, name);
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    const item = rule === undefined ? given : complete(root, rule, given, depth + 1);
    if (item !== undefined)
      Object.defineProperty(result, name, {
        value: item,
        writable: true,
        enumerable: true,
        configurable: true,
      });
  }
  return result;
}

function ruleFor(schema: JsonSchema, name: string): AnySchema | undefined {
  const own = schema.properties;
  if (own !== undefined && Object.hasOwn(own, name)) return own[name];
  return isSchema(schema.additionalProperties) ? schema.additionalProperties : undefined;
}

function completeList(root: JsonSchema, schema: JsonSchema, value: readonly Json[], depth: number): Json[] {
  const { items } = schema;
  if (!isSchema(items)) return [...value];
  return value.map((item) => complete(root, items, item, depth + 1) ?? item);
}

function overlay(below: JsonObject, above: JsonObject): JsonObject {
  const result: JsonObject = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = Object.hasOwn(below, key) ? below[key] : undefined;
    result[key] = isObject(under) && isObject(value) ? overlay(under, value) : value;
  }
  return result;
}

const decimal = /^-?(0|[1-9]\d*)\.\d+$/;

function wantsNumber({ type }: JsonSchema): boolean {
  return type === 'number' || type === 'integer';
}

/** False where a null takes the default away. */
export function allowsNull(schema: JsonSchema): boolean {
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  if (schema.type !== undefined) return types.includes('null');
  return (
    schema.enum?.includes(null) === true ||
    (schema.properties === undefined && schemaList(schema.anyOf).length > 0)
  );
}

function problemOf({ path, message, hint }: Violation): Problem {
  const at = formatPath(path);
  // `--set max=200` is a number, as in YAML
  const advice = hint === textIsQuoted ? `${hint}, or given with \`--set-string ${at}=...\`` : hint;
  return { at, message, ...(advice === undefined ? {} : { hint: advice }) };
}

function missingAt(root: JsonSchema, path: readonly PathStep[], depth: number): MissingValue[] {
  const schema = schemaAt(root, path) ?? {};
  const inner = (schema.required ?? []).filter((name) => schema.properties?.[name] !== undefined);
  if (depth < deepest && inner.length > 0)
    return inner
      .filter((name) => schemaAt(root, [...path, name])?.default === undefined)
      .flatMap((name) => missingAt(root, [...path, name], depth + 1));
  return [{ path: formatPath(path), schema, secret: isSecretSchema(schema) }];
}

/** Visits every value that a schema speaks of; the visitor says whether to go on below. */
function walk(
  root: JsonSchema,
  schema: AnySchema | undefined,
  value: Json | undefined,
  path: readonly PathStep[],
  visit: (schema: JsonSchema, path: readonly PathStep[]) => boolean,
): void {
  const own = followRefs(root, schema);
  if (own === undefined || value === undefined || path.length > deepest || !visit(own, path)) return;
  if (isObject(value))
    for (const [name, item] of Object.entries(value))
      walk(root, ruleFor(own, name), item, [...path, name], visit);
  if (Array.isArray(value))
    value.forEach((item, index) => {
      walk(root, schemaList(own.prefixItems)[index] ?? own.items, item, [...path, index], visit);
    });
}

/** The texts and numbers in a value, as text. */
export function leafTexts(value: Json | undefined): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(leafTexts);
  return isObject(value) ? Object.values(value).flatMap(leafTexts) : [];
}
