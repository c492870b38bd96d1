import type { JsonSchema } from './app.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { namesSecret } from './secret-values.ts';
import { allowsNull } from './values.ts';
import { readComments, type ValueComment } from './values-comments.ts';

/** Deeper values have no schema of their own: nobody is asked for them. */
const deepest = 12;

/**
 * A schema of a chart's values for forms, prompts and masking, from its values.yaml: types and defaults from the values, titles from
 * their names, descriptions and sections from the comments. Most charts bring no schema of their own; where one does, its words win.
 * It says what is usual, not what is allowed, so nothing is required by it and further names are open.
 *
 * @param values the defaults of the chart and of its dependencies, as Helm reads them
 */
export function inferSchema(text: string, values: JsonObject, own?: JsonSchema): JsonSchema {
  const inferred = ofMap(values, [], { comments: readComments(text), titles: new Map() });
  return own === undefined ? inferred : overlay(inferred, own, 0);
}

interface Words {
  readonly comments: ReadonlyMap<string, ValueComment>;
  /** Names in words: a chart has thousands of values with some hundred names. */
  readonly titles: Map<string, string>;
}

function ofMap(values: JsonObject, path: readonly string[], words: Words): JsonSchema {
  const entries = Object.entries(values)
    .map(([name, value]) => ({ name, value, order: orderOf([...path, name], words) }))
    .sort((a, b) => (a.order === b.order ? 0 : a.order - b.order))
    .map(({ name, value }) => [name, ofValue(value ?? null, [...path, name], words)] as const);
  return {
    type: 'object',
    ...(entries.length === 0 ? {} : { properties: Object.fromEntries(entries) }),
    additionalProperties: true,
  };
}

/** What no comment and no key of the file names comes last, in its own order. */
function orderOf(path: readonly string[], { comments }: Words): number {
  return comments.get(path.join('.'))?.order ?? Number.POSITIVE_INFINITY;
}

function ofValue(value: Json, path: readonly string[], words: Words): JsonSchema {
  const name = path.at(-1) ?? '';
  const comment = words.comments.get(path.join('.'));
  const said: JsonSchema = {
    title: titleOf(name, comment?.description ?? '', words),
    ...(comment === undefined || comment.description === '' ? {} : { description: comment.description }),
    ...(comment === undefined || comment.section === '' ? {} : { 'x-section': comment.section }),
    ...(comment?.hidden === true ? { 'x-advanced': true } : {}),
  };
  if (isObject(value) && Object.keys(value).length > 0 && path.length < deepest)
    return { ...said, ...ofMap(value, path, words) };
  return { ...said, ...typeOf(value), default: value, ...secretOf(name, value) };
}

function typeOf(value: Json): JsonSchema {
  if (value === null) return {};
  if (Array.isArray(value)) return { type: 'array' };
  if (isObject(value)) return { type: 'object', additionalProperties: true };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' };
  return { type: typeof value };
}

/** The default of a secret is no secret: everybody can read it in the chart. */
function secretOf(name: string, value: Json): JsonSchema {
  const isText = typeof value === 'string' || value === null;
  return isText && namesSecret(name) ? { format: 'password' } : {};
}

/** Characters of a title at most: a label of a form, a line of a list. */
const longestTitle = 72;

/** A short description is the best title; else the name in words: `replicaCount` -> `Replica count`, `TLS` -> `TLS`. */
function titleOf(name: string, description: string, { titles }: Words): string {
  if (description !== '' && description.length <= longestTitle) return description.replace(/\.$/, '');
  const known = titles.get(name) ?? inWords(name);
  titles.set(name, known);
  return known;
}

/** Names of values are often written small where people write capitals. */
const abbreviations: ReadonlySet<string> = new Set([
  ...[
    'api',
    'ca',
    'cpu',
    'dns',
    'http',
    'https',
    'id',
    'ip',
    'jwt',
    'ldap',
    'oidc',
    'smtp',
    'sql',
    'ssh',
    'ssl',
    'tls',
  ],
  ...['ui', 'uid', 'uri', 'url', 'uuid'],
]);

function inWords(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .map((word) => (/^[A-Z0-9]+$/.test(word) ? word : word.toLowerCase()))
    .map((word) => (abbreviations.has(word) ? word.toUpperCase() : word));
  const title = words.join(' ').trim();
  return title === '' ? name : title.charAt(0).toUpperCase() + title.slice(1);
}

/** The chart's own keywords over the inferred ones, down through `properties`. */
function overlay(inferred: JsonSchema, own: JsonSchema, depth: number): JsonSchema {
  if (depth > deepest) return inferred;
  const properties: Record<string, JsonSchema> = { ...inferred.properties };
  for (const [name, property] of Object.entries(own.properties ?? {})) {
    const below = Object.hasOwn(properties, name) ? properties[name] : undefined;
    properties[name] =
      below !== undefined && isObject(property)
        ? overlay(below, property as JsonSchema, depth + 1)
        : property;
  }
  const { default: usual, ...said } = inferred;
  // A default says what the chart does; the schema's may be old. Null, where that may not be, is a name without a value: Helm drops it.
  const kept = usual === undefined || (usual === null && !allowsNull(own)) ? {} : { default: usual };
  return {
    ...said,
    ...own,
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...kept,
  };
}
