import type { JsonSchema } from './app.ts';
import type { PathStep } from './given.ts';
import { isObject } from './json.ts';

/** A schema is an object, or true (anything) or false (nothing). */
export type AnySchema = JsonSchema | boolean;

/** The schema that a local `$ref` (`#`, `#/$defs/name`) names; undefined where there is none. */
export function resolveRef(root: JsonSchema, ref: string): AnySchema | undefined {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at: unknown = root;
  for (const part of ref.slice(2).split('/')) {
    const key = decoded(part).replace(/~1/g, '/').replace(/~0/g, '~');
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return isSchema(at) ? at : undefined;
}

/** A `%` that encodes nothing is what it is: such a reference leads nowhere, and is told as that. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The schema with a `$ref` beside it followed (once or several times): keywords next to the `$ref` win. */
export function followRefs(root: JsonSchema, schema: AnySchema | undefined): JsonSchema | undefined {
  let at = schema;
  for (let hops = 0; hops < 20; hops++) {
    if (typeof at !== 'object') return undefined;
    if (at.$ref === undefined) return at;
    const { $ref, ...beside } = at;
    const target = typeof $ref === 'string' ? resolveRef(root, $ref) : undefined;
    if (typeof target !== 'object') return beside;
    at = { ...target, ...beside };
  }
  return undefined;
}

/** Keywords whose schemas look at the very same value. */
const inPlaceLists = ['allOf', 'anyOf', 'oneOf'] as const;
const inPlaceSchemas = ['if', 'then', 'else'] as const;

export function isSchema(value: unknown): value is AnySchema {
  return typeof value === 'boolean' || isObject(value);
}

/** The schemas of an object-valued keyword such as `properties`, by name. */
export function schemaMap(value: unknown): ReadonlyArray<readonly [string, AnySchema]> {
  if (!isObject(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, never] => isSchema(entry[1]));
}

/** The schemas of a list-valued keyword such as `allOf`. */
export function schemaList(value: unknown): readonly AnySchema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** Every name that an object of this schema may have by `properties`, looked at in place too (`allOf`, `then` ...). */
export function declaredNames(root: JsonSchema, schema: AnySchema, depth = 0): ReadonlySet<string> {
  const names = new Set<string>();
  const own = followRefs(root, schema);
  if (own === undefined || depth > 10) return names;
  for (const [name] of schemaMap(own.properties)) names.add(name);
  const inPlace = [
    ...inPlaceLists.flatMap((keyword) => schemaList(own[keyword])),
    ...inPlaceSchemas.flatMap((keyword) => (isSchema(own[keyword]) ? [own[keyword]] : [])),
    ...schemaMap(own.dependentSchemas).map(([, dependent]) => dependent),
  ];
  for (const inner of inPlace) for (const name of declaredNames(root, inner, depth + 1)) names.add(name);
  return names;
}

/** The schema of the value at a path, as far as `properties`, `items` and the like tell it. */
export function schemaAt(root: JsonSchema, path: readonly PathStep[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>(
    (schema, step) => schema && followRefs(root, childSchema(schema, step)),
    followRefs(root, root),
  );
}

function childSchema(schema: JsonSchema, step: PathStep): AnySchema | undefined {
  if (typeof step === 'number') {
    const prefix = schemaList(schema.prefixItems)[step];
    return prefix ?? (isSchema(schema.items) ? schema.items : undefined);
  }
  const own = schema.properties;
  if (own !== undefined && Object.hasOwn(own, step)) return own[step];
  return isSchema(schema.additionalProperties) ? schema.additionalProperties : undefined;
}
