import type { JsonSchema } from './app.ts';
import { AppstoreError } from './errors.ts';
import type { PathStep } from './given.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { jsonEqual } from './json-equal.ts';
import { compilePattern, type LinearPattern } from './linear-pattern.ts';
import { nearest } from './near.ts';
import { isPort, schemaFormats } from './schema-formats.ts';
import { type AnySchema, declaredNames, isSchema, resolveRef, schemaList, schemaMap } from './schema-refs.ts';

/** One way in which a value does not fit its schema. Never tells a secret's value. */
export interface Violation {
  readonly path: readonly PathStep[];
  readonly keyword: string;
  readonly message: string;
  readonly hint?: string;
  /** The name that is missing (`required`) or not known (`additionalProperties`). */
  readonly name?: string;
}

export interface ValidateOptions {
  /** Refuse names that no `properties` declares, at objects that say nothing about further ones. */
  readonly strict: boolean;
  /** The schema is this program's own: its patterns run on the engine of the language, which compiles them a hundred times faster. */
  readonly own?: boolean;
}

/**
 * Checks a value against a JSON Schema (draft 2020-12, local references only) and answers every violation, in the order of the
 * value. Interpreted, not compiled: compiling the schema of an app costs more than a whole run, and packages come from others.
 *
 * @throws AppstoreError RENDER_LIMIT where a schema refers to itself without end.
 */
export function validate(schema: JsonSchema, value: Json, options: ValidateOptions): Violation[] {
  const check = new Check(schema, options);
  check.value(schema, value, { path: [], secret: false, closed: options.strict, depth: 0 });
  return check.found;
}

/** True for a schema that marks its value as a secret. */
export function isSecretSchema(schema: JsonSchema): boolean {
  return schema.format === 'password' || schema.writeOnly === true || schema['x-generate'] !== undefined;
}

function ownPattern(source: string): LinearPattern {
  const compiled = new RegExp(source, 'u');
  return { found: (text) => compiled.test(text) };
}

interface At {
  readonly path: readonly PathStep[];
  readonly secret: boolean;
  /** Undeclared names are refused here. */
  readonly closed: boolean;
  readonly depth: number;
}

/** What of an object or list was looked at, for the `unevaluated` keywords. */
interface Seen {
  readonly keys: Set<string>;
  readonly items: Set<number>;
}

const maxDepth = 200;
const maxSteps = 1_000_000;

class Check {
  found: Violation[] = [];
  private steps = 0;
  private readonly root: JsonSchema;
  private readonly strict: boolean;
  private readonly own: boolean;
  private readonly patterns = new Map<string, LinearPattern | undefined>();

  constructor(root: JsonSchema, options: ValidateOptions) {
    this.root = root;
    this.strict = options.strict;
    this.own = options.own === true;
  }

  value(schema: AnySchema, value: Json, at: At): Seen {
    const seen: Seen = { keys: new Set(), items: new Set() };
    if (schema === true) return seen;
    if (schema === false) {
      this.report(at, 'false', 'nothing is allowed here');
      return seen;
    }
    this.steps++;
    if (at.depth > maxDepth || this.steps > maxSteps)
      throw new AppstoreError('RENDER_LIMIT', 'the values schema refers to itself without end');
    const here = { ...at, depth: at.depth + 1, secret: at.secret || isSecretSchema(schema) };
    if (this.type(schema, value, here)) this.contents(schema, value, here, seen);
    return seen;
  }

  private contents(schema: JsonSchema, value: Json, at: At, seen: Seen): void {
    this.oneOfValues(schema, value, at);
    if (typeof value === 'string') this.text(schema, value, at);
    if (typeof value === 'number') this.number(schema, value, at);
    if (Array.isArray(value)) this.list(schema, value, at, seen);
    if (isObject(value)) this.object(schema, value, at, seen);
    this.combined(schema, value, at, seen);
    if (Array.isArray(value)) this.unevaluatedItems(schema, value, at, seen);
    if (isObject(value)) this.unknownNames(schema, value, at, seen);
  }

  private report(
    at: At,
    keyword: string,
    message: string,
    more: { hint?: string; name?: string } = {},
  ): void {
    this.found.push({ path: at.path, keyword, message, ...more });
  }

  private shown(value: Json, at: At): string {
    if (at.secret) return '';
    const text = JSON.stringify(value) ?? 'null';
    return `, is ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`;
  }

  /** Violations of a schema on its own, without reporting them. */
  private tried(schema: AnySchema, value: Json, at: At): { found: Violation[]; seen: Seen } {
    const before = this.found;
    this.found = [];
    const seen = this.value(schema, value, at);
    const { found } = this;
    this.found = before;
    return { found, seen };
  }

  private type(schema: JsonSchema, value: Json, at: At): boolean {
    const types = schema.type === undefined ? [] : Array.isArray(schema.type) ? schema.type : [schema.type];
    if (types.length === 0 || types.some((type) => hasType(type, value))) return true;
    const wanted = types.map((type) => typeNames[type] ?? type).join(' or ');
    this.report(
      at,
      'type',
      `must be ${wanted}, is ${at.secret ? kindAlone(value) : `${kindOf(value)}${this.scalarShown(value)}`}`,
      types.includes('string') && isUnquoted(value) ? { hint: textIsQuoted } : {},
    );
    return false;
  }

  private scalarShown(value: Json): string {
    return typeof value === 'object' ? '' : ` ${JSON.stringify(value).slice(0, 60)}`;
  }

  private oneOfValues(schema: JsonSchema, value: Json, at: At): void {
    if (Array.isArray(schema.enum) && !schema.enum.some((allowed) => jsonEqual(allowed, value))) {
      const names = schema.enum.map((allowed) =>
        typeof allowed === 'string' ? allowed : JSON.stringify(allowed),
      );
      const near = typeof value === 'string' && !at.secret ? nearest(value, names, 1)[0] : undefined;
      this.report(at, 'enum', `must be one of ${names.join(', ')}${this.shown(value, at)}`, didYouMean(near));
    }
    if (schema.const !== undefined && !jsonEqual(schema.const, value))
      this.report(at, 'const', `must be ${JSON.stringify(schema.const)}${this.shown(value, at)}`);
  }

  private text(schema: JsonSchema, value: string, at: At): void {
    const length = schema.minLength === undefined && schema.maxLength === undefined ? 0 : [...value].length;
    if (schema.minLength !== undefined && length < schema.minLength)
      this.report(
        at,
        'minLength',
        length === 0
          ? 'must not be empty'
          : `must have at least ${schema.minLength} characters, has ${length}`,
      );
    if (schema.maxLength !== undefined && length > schema.maxLength)
      this.report(at, 'maxLength', `must have at most ${schema.maxLength} characters, has ${length}`);
    if (schema.pattern !== undefined && this.pattern(schema.pattern)?.found(value) === false)
      this.report(at, 'pattern', `must match ${schema.pattern}${this.shown(value, at)}`);
    if (schema.format !== undefined && value !== '') this.format(schema.format, value, at);
  }

  private format(name: string, value: string, at: At): void {
    const format = schemaFormats.find((known) => known.name === name);
    if (format !== undefined && !format.matches(value))
      this.report(at, 'format', `must be ${format.means}${this.shown(value, at)}`);
  }

  private pattern(source: string): LinearPattern | undefined {
    if (!this.patterns.has(source)) {
      const compiled = this.own ? ownPattern(source) : compilePattern(source);
      this.patterns.set(source, 'problem' in compiled ? undefined : compiled);
    }
    return this.patterns.get(source);
  }

  private number(schema: JsonSchema, value: number, at: At): void {
    const shown = this.shown(value, at);
    const over = schema.exclusiveMinimum;
    const under = schema.exclusiveMaximum;
    const step = schema.multipleOf;
    if (schema.minimum !== undefined && value < schema.minimum)
      this.report(at, 'minimum', `must be at least ${schema.minimum}${shown}`);
    if (schema.maximum !== undefined && value > schema.maximum)
      this.report(at, 'maximum', `must be at most ${schema.maximum}${shown}`);
    if (typeof over === 'number' && value <= over)
      this.report(at, 'exclusiveMinimum', `must be more than ${over}${shown}`);
    if (typeof under === 'number' && value >= under)
      this.report(at, 'exclusiveMaximum', `must be less than ${under}${shown}`);
    if (typeof step === 'number' && step > 0 && !isMultiple(value, step))
      this.report(at, 'multipleOf', `must be a multiple of ${step}${shown}`);
    if (schema.format === 'port' && !isPort(value))
      this.report(at, 'format', `must be a port from 1 to 65535${shown}`);
  }

  private list(schema: JsonSchema, value: readonly Json[], at: At, seen: Seen): void {
    this.size(schema, value.length, at, { least: 'minItems', most: 'maxItems', of: 'entries' });
    if (schema.uniqueItems === true) {
      const double = value.findIndex((item, index) =>
        value.slice(0, index).some((other) => jsonEqual(item, other)),
      );
      if (double >= 0) this.report(this.into(at, double), 'uniqueItems', 'stands in the list twice');
    }
    const prefix = schemaList(schema.prefixItems);
    value.forEach((item, index) => {
      const of = prefix[index] ?? (isSchema(schema.items) ? schema.items : undefined);
      if (of === undefined) return;
      seen.items.add(index);
      this.value(of, item, this.into(at, index));
    });
    this.contains(schema, value, at, seen);
  }

  private contains(schema: JsonSchema, value: readonly Json[], at: At, seen: Seen): void {
    const wanted = schema.contains;
    if (!isSchema(wanted)) return;
    const fitting = value.flatMap((item, index) =>
      this.tried(wanted, item, this.into(at, index)).found.length === 0 ? [index] : [],
    );
    for (const index of fitting) seen.items.add(index);
    const least = typeof schema.minContains === 'number' ? schema.minContains : 1;
    const most = schema.maxContains;
    if (fitting.length < least)
      this.report(at, 'contains', `must hold at least ${least} fitting entries, has ${fitting.length}`);
    if (typeof most === 'number' && fitting.length > most)
      this.report(at, 'maxContains', `must hold at most ${most} fitting entries, has ${fitting.length}`);
  }

  private size(
    schema: JsonSchema,
    size: number,
    at: At,
    by: { least: string; most: string; of: string },
  ): void {
    const least = schema[by.least];
    const most = schema[by.most];
    if (typeof least === 'number' && size < least)
      this.report(at, by.least, `must have at least ${least} ${by.of}, has ${size}`);
    if (typeof most === 'number' && size > most)
      this.report(at, by.most, `must have at most ${most} ${by.of}, has ${size}`);
  }

  private object(schema: JsonSchema, value: JsonObject, at: At, seen: Seen): void {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined);
    this.size(schema, keys.length, at, { least: 'minProperties', most: 'maxProperties', of: 'names' });
    this.required(schema, keys, at);
    const patterns = schemaMap(schema.patternProperties);
    const further = schema.additionalProperties;
    for (const key of keys) {
      const item = value[key] as Json;
      const inner = this.into(at, key);
      const own =
        schema.properties !== undefined && Object.hasOwn(schema.properties, key)
          ? schema.properties[key]
          : undefined;
      const fitting = patterns.filter(([source]) => this.pattern(source)?.found(key) === true);
      if (own !== undefined || fitting.length > 0) seen.keys.add(key);
      if (own !== undefined) this.value(own, item, inner);
      for (const [, of] of fitting) this.value(of, item, inner);
      if (own === undefined && fitting.length === 0 && isSchema(further) && further !== false) {
        seen.keys.add(key);
        this.value(further, item, inner);
      }
    }
    this.names(schema, keys, at);
    this.dependent(schema, value, at, seen);
  }

  private required(schema: JsonSchema, keys: readonly string[], at: At): void {
    const dependent = isObject(schema.dependentRequired) ? schema.dependentRequired : {};
    const names = [
      ...(Array.isArray(schema.required) ? schema.required : []),
      ...keys.flatMap((key) => (Array.isArray(dependent[key]) ? dependent[key] : [])),
    ];
    for (const name of new Set(names))
      if (typeof name === 'string' && !keys.includes(name))
        this.report(this.into(at, name), 'required', 'is required', { name });
  }

  private names(schema: JsonSchema, keys: readonly string[], at: At): void {
    const rule = schema.propertyNames;
    if (!isSchema(rule)) return;
    for (const key of keys) {
      const { found } = this.tried(rule, key, { ...at, secret: false });
      for (const violation of found)
        this.report(this.into(at, key), 'propertyNames', `the name ${violation.message}`);
    }
  }

  private dependent(schema: JsonSchema, value: JsonObject, at: At, seen: Seen): void {
    for (const [key, of] of schemaMap(schema.dependentSchemas))
      if (Object.hasOwn(value, key)) merge(seen, this.value(of, value, { ...at, closed: false }));
  }

  private combined(schema: JsonSchema, value: Json, at: At, seen: Seen): void {
    const open = { ...at, closed: false };
    if (typeof schema.$ref === 'string') this.reference(schema.$ref, value, at, seen);
    for (const part of schemaList(schema.allOf)) merge(seen, this.value(part, value, open));
    this.alternatives(schema, value, open, seen);
    const not = schema.not;
    if (isSchema(not) && this.tried(not, value, open).found.length === 0)
      this.report(at, 'not', `must not be like this${this.shown(value, at)}`);
    const condition = schema.if;
    if (!isSchema(condition)) return;
    const holds = this.tried(condition, value, open);
    if (holds.found.length === 0) merge(seen, holds.seen);
    const branch = schema[holds.found.length === 0 ? 'then' : 'else'];
    if (isSchema(branch)) merge(seen, this.value(branch, value, open));
  }

  /** A reference stands for its target, so an object behind it is as closed as one written here. */
  private reference(ref: string, value: Json, at: At, seen: Seen): void {
    const target = resolveRef(this.root, ref);
    if (target !== undefined) merge(seen, this.value(target, value, at));
  }

  private alternatives(schema: JsonSchema, value: Json, at: At, seen: Seen): void {
    for (const keyword of ['anyOf', 'oneOf']) {
      const parts = schemaList(schema[keyword]);
      if (parts.length === 0) continue;
      const tried = parts.map((part) => this.tried(part, value, at));
      const fitting = tried.filter((result) => result.found.length === 0);
      for (const result of fitting) merge(seen, result.seen);
      if (fitting.length === 0) this.noneFits(keyword, tried, at);
      else if (keyword === 'oneOf' && fitting.length > 1)
        this.report(at, 'oneOf', `must fit exactly one of ${parts.length} forms, fits ${fitting.length}`);
    }
  }

  /** Tells what is wrong with the nearest form: the one with the fewest violations. */
  private noneFits(keyword: string, tried: readonly { found: Violation[] }[], at: At): void {
    const closest = tried.reduce((best, next) => (next.found.length < best.found.length ? next : best));
    const [first] = closest.found;
    if (tried.length > 1 && first !== undefined && first.path.length === at.path.length) {
      const ways = [
        ...new Set(tried.flatMap((result) => result.found.slice(0, 1).map((violation) => violation.message))),
      ];
      this.report(at, keyword, ways.join('; or '));
    } else this.found.push(...closest.found);
  }

  private unevaluatedItems(schema: JsonSchema, value: readonly Json[], at: At, seen: Seen): void {
    const rule = schema.unevaluatedItems;
    if (!isSchema(rule)) return;
    value.forEach((item, index) => {
      if (seen.items.has(index)) return;
      seen.items.add(index);
      this.value(rule, item, this.into(at, index));
    });
  }

  private unknownNames(schema: JsonSchema, value: JsonObject, at: At, seen: Seen): void {
    const rule = schema.unevaluatedProperties;
    const strictHere = this.strict && at.closed && schema.properties !== undefined && rule === undefined;
    const refused =
      schema.additionalProperties === false || (strictHere && schema.additionalProperties === undefined);
    if (!refused && !isSchema(rule)) return;
    for (const key of Object.keys(value)) {
      if (value[key] === undefined || seen.keys.has(key)) continue;
      if (refused) this.unknownName(schema, key, at);
      else if (isSchema(rule)) this.value(rule, value[key] as Json, this.into(at, key));
      seen.keys.add(key);
    }
  }

  private unknownName(schema: JsonSchema, key: string, at: At): void {
    const names = [...declaredNames(this.root, schema)];
    if (schema.additionalProperties !== false && names.includes(key)) return;
    const near = nearest(key, names, 1)[0];
    const hint =
      near === undefined && names.length > 0
        ? { hint: `there is ${names.slice(0, 20).join(', ')}` }
        : didYouMean(near);
    this.report(this.into(at, key), 'additionalProperties', 'is not known', { ...hint, name: key });
  }

  private into(at: At, step: PathStep): At {
    return { ...at, path: [...at.path, step] };
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'null',
};

/** The advice where a number, or true or false, stands in the place of a text. */
export const textIsQuoted = 'text is written in quotes';

function isUnquoted(value: Json): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function hasType(type: string, value: Json): boolean {
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'null') return value === null;
  return type === typeof value;
}

/** The kind of a value that is not shown. */
function kindAlone(value: Json): string {
  if (typeof value === 'number') return 'a number';
  return typeof value === 'boolean' ? 'true or false' : kindOf(value);
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'the number',
    boolean: '',
    object: 'a map',
  };
  return names[typeof value] ?? typeof value;
}

/** Decimal steps such as 0.01 are not exact in binary, so the quotient may miss a whole number by a hair. */
function isMultiple(value: number, step: number): boolean {
  const quotient = value / step;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}

function merge(into: Seen, from: Seen): void {
  for (const key of from.keys) into.keys.add(key);
  for (const index of from.items) into.items.add(index);
}

function didYouMean(near: string | undefined): { hint?: string } {
  return near === undefined ? {} : { hint: `did you mean \`${near}\`?` };
}
