import type { JsonSchema } from '../../domain/app.ts';
import { formatPath, type PathStep, valueAt } from '../../domain/given.ts';
import { isObject, type Json, type JsonObject } from '../../domain/json.ts';
import { isSecretSchema, validate } from '../../domain/json-schema.ts';
import { type AnySchema, followRefs, isSchema, schemaList, schemaMap } from '../../domain/schema-refs.ts';

/**
 * How a value is asked for. `free`: any value, written as YAML, for what has no form of its own. `map`: names with values that are
 * chosen by who fills it in.
 */
type FieldKind =
  | 'text'
  | 'lines'
  | 'secret'
  | 'number'
  | 'switch'
  | 'choice'
  | 'group'
  | 'list'
  | 'map'
  | 'free';

/** One question of the form. */
export interface Field {
  readonly path: readonly PathStep[];
  /** The path as `--set` writes it. */
  readonly id: string;
  readonly name: string;
  readonly kind: FieldKind;
  readonly title: string;
  readonly description: string;
  readonly schema: JsonSchema;
  /** There has to be something: nothing, or an empty text, is refused. */
  readonly required: boolean;
  /** Folded away. */
  readonly advanced: boolean;
  /** A secret that is made where none is given. */
  readonly generated: boolean;
  /** Of `choice`. */
  readonly choices: readonly Json[];
  /** Of `group`. */
  readonly children: readonly Field[];
  /** Heading of a part of the form, where the package names one. */
  readonly section: string;
}

/** Deeper than any form is; a schema that contains itself ends here. */
const deepest = 8;

/**
 * The questions that a schema of values makes, for these values (with their defaults): conditions (`if`, `then`, `else`) are looked at with
 * them, so that a question can become required, appear, or go.
 */
export function fieldsOf(root: JsonSchema, complete: JsonObject): Field[] {
  return childrenOf({ root, schema: root, value: complete, path: [], depth: 0 });
}

interface At {
  readonly root: JsonSchema;
  readonly schema: JsonSchema;
  readonly value: Json | undefined;
  readonly path: readonly PathStep[];
  readonly depth: number;
}

function childrenOf({ root, schema, value, path, depth }: At): Field[] {
  const here = inForce(root, schema, value);
  const required = new Set(here.required ?? []);
  return schemaMap(here.properties).flatMap(([name, property]) => {
    const own = followRefs(root, property);
    if (own === undefined || own.const !== undefined || own.deprecated === true) return [];
    const item = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    const at = { root, schema: own, value: item, path: [...path, name], depth: depth + 1 };
    return [fieldOf(at, name, required.has(name))];
  });
}

function fieldOf(at: At, name: string, isRequired: boolean): Field {
  const schema = plain(at.root, inForce(at.root, at.schema, at.value));
  const kind = kindOf(at.root, schema, at.depth);
  return {
    path: at.path,
    id: formatPath(at.path),
    name,
    kind,
    title: schema.title ?? inWords(name),
    description: schema.description ?? '',
    schema,
    required: isRequired || (schema.minLength ?? 0) > 0,
    advanced: schema['x-advanced'] === true,
    generated: schema['x-generate'] !== undefined,
    choices: kind === 'choice' ? (schema.enum ?? []) : [],
    children: kind === 'group' ? childrenOf({ ...at, schema }) : [],
    section: typeof schema['x-section'] === 'string' ? schema['x-section'] : '',
  };
}

/** The question for one entry of a list or map. */
export function entryField(root: JsonSchema, list: Field, step: PathStep, value: Json | undefined): Field {
  const { items, additionalProperties } = list.schema;
  const rule = list.kind === 'map' ? additionalProperties : items;
  const schema = followRefs(root, isSchema(rule) ? rule : {}) ?? {};
  const at = { root, schema, value, path: [...list.path, step], depth: list.path.length + 1 };
  return fieldOf(at, String(step), false);
}

/** What a schema says of a value once its conditions are decided: their keywords laid over its own. */
function inForce(root: JsonSchema, schema: JsonSchema, value: Json | undefined): JsonSchema {
  const parts = [...schemaList(schema.allOf), ...decided(root, schema, value)];
  return parts.reduce<JsonSchema>((made, part) => {
    const own = followRefs(root, part);
    return own === undefined ? made : merged(made, inForce(root, own, value));
  }, schema);
}

function decided(root: JsonSchema, schema: JsonSchema, value: Json | undefined): AnySchema[] {
  if (!isSchema(schema.if)) return [];
  const rooted: AnySchema =
    typeof schema.if === 'boolean'
      ? schema.if
      : { $defs: root.$defs, definitions: root.definitions, ...schema.if };
  const holds =
    typeof rooted === 'boolean' ? rooted : validate(rooted, value ?? null, { strict: false }).length === 0;
  const branch = schema[holds ? 'then' : 'else'];
  return isSchema(branch) ? [branch] : [];
}

function merged(below: JsonSchema, above: JsonSchema): JsonSchema {
  const properties: Record<string, JsonSchema> = { ...below.properties };
  for (const [name, property] of schemaMap(above.properties)) {
    if (typeof property === 'boolean') continue;
    const under = Object.hasOwn(properties, name) ? properties[name] : undefined;
    properties[name] = under === undefined ? property : merged(under, property);
  }
  const required = [...(below.required ?? []), ...(above.required ?? [])];
  return {
    ...below,
    ...above,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(required.length === 0 ? {} : { required: [...new Set(required)] }),
  };
}

/** One of `anyOf` or `oneOf` and nothing, or values by `const`: the same as one schema. */
function plain(root: JsonSchema, schema: JsonSchema): JsonSchema {
  const parts = [...schemaList(schema.anyOf), ...schemaList(schema.oneOf)].flatMap((part) => {
    const own = followRefs(root, part);
    return own === undefined || own.type === 'null' ? [] : [own];
  });
  const [only] = parts;
  const { anyOf: _any, oneOf: _one, ...rest } = schema;
  if (only !== undefined && parts.length === 1) return merged(rest, only);
  const constants = parts.flatMap(({ const: value }) => (value === undefined ? [] : [value]));
  if (parts.length > 1 && constants.length === parts.length) return { ...rest, enum: constants };
  return schema;
}

const scalars: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean']);

function kindOf(root: JsonSchema, schema: JsonSchema, depth: number): FieldKind {
  const type = typeOf(schema);
  if (schema.enum?.every((value) => !isObject(value) && !Array.isArray(value)) === true) return 'choice';
  if (isSecretSchema(schema)) return 'secret';
  if (type === 'boolean') return 'switch';
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'string') return isLong(schema) ? 'lines' : 'text';
  if (type === 'array') return isForm(root, schema.items, depth) ? 'list' : 'free';
  if (schema.properties !== undefined && depth <= deepest) return 'group';
  if (type === 'object') return isScalar(root, schema.additionalProperties) ? 'map' : 'free';
  return 'free';
}

/** The one type that a value has; `''` where it may have several, or any. */
function typeOf(schema: JsonSchema): string {
  const types = (schema.type === undefined ? [] : [schema.type].flat()).filter((type) => type !== 'null');
  return types.length === 1 ? (types[0] ?? '') : '';
}

function isLong(schema: JsonSchema): boolean {
  return schema.format === undefined && typeof schema.default === 'string' && schema.default.includes('\n');
}

function isScalar(root: JsonSchema, rule: unknown): boolean {
  const schema = isSchema(rule) ? followRefs(root, rule) : undefined;
  return schema !== undefined && scalars.has(typeOf(schema));
}

/** Entries of a list are asked for one by one where each has a form. */
function isForm(root: JsonSchema, rule: unknown, depth: number): boolean {
  if (isScalar(root, rule)) return true;
  const schema = isSchema(rule) ? followRefs(root, rule) : undefined;
  return schema?.properties !== undefined && depth < deepest;
}

/** `replicaCount` -> `Replica count` */
function inWords(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[\s_-]+/);
  const text = words
    .map((word) => (/^[A-Z0-9]+$/.test(word) ? word : word.toLowerCase()))
    .join(' ')
    .trim();
  return text === '' ? name : text.charAt(0).toUpperCase() + text.slice(1);
}

/** The switch that a group is turned on with: what else is in it counts only then. */
export function switchOf(group: Field): Field | undefined {
  const [first] = group.children.filter(({ name, kind }) => name === 'enabled' && kind === 'switch');
  return group.children.length > 1 ? first : undefined;
}

/** Every question below these, groups and what is in them. */
export function allFields(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...allFields(field.children)]);
}

/** The same without what is in groups that are not turned on. */
export function shownFields(fields: readonly Field[], complete: JsonObject): Field[] {
  return fields.flatMap((field) => {
    const turn = switchOf(field);
    const isOff = turn !== undefined && valueAt(complete, turn.path) !== true;
    return isOff ? [field, turn] : [field, ...shownFields(field.children, complete)];
  });
}
