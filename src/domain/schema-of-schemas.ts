import type { JsonSchema } from './app.ts';
import { generateLimits } from './generate.ts';
import { type Form, keywords, types } from './schema-check.ts';
import { schemaFormats } from './schema-formats.ts';

const schema: JsonSchema = { $ref: '#/$defs/schema' };

const forms: Readonly<Record<Form, JsonSchema>> = {
  schema,
  schemas: { type: 'array', minItems: 1, items: schema },
  'schema map': { type: 'object', additionalProperties: schema },
  number: { type: 'number' },
  count: { type: 'integer', minimum: 0 },
  text: { type: 'string' },
  boolean: { type: 'boolean' },
  list: { type: 'array' },
  names: { type: 'array', items: { type: 'string' } },
  any: {},
};

/** Keywords of which more can be said than the form of their value. */
const known: Readonly<Record<string, JsonSchema>> = {
  $ref: { type: 'string', description: 'Within this schema, such as #/$defs/name.', pattern: '^#' },
  type: { anyOf: [{ enum: types }, { type: 'array', items: { enum: types } }] },
  title: { type: 'string', description: 'What prompts, forms and `appstore values` call it.' },
  description: { type: 'string', description: 'What it does, for prompts, forms and `appstore values`.' },
  format: {
    description: schemaFormats.map(({ name, means }) => `${name}: ${means}`).join('; '),
    enum: schemaFormats.map(({ name }) => name),
  },
  pattern: { type: 'string', description: 'In RE2 syntax: no look-around, no back-references.' },
  'x-generate': {
    type: 'object',
    description: 'A secret that is made once, at install, and kept.',
    additionalProperties: false,
    properties: {
      length: {
        type: 'integer',
        description: `Characters; ${generateLimits.usual} if not said.`,
        minimum: generateLimits.shortest,
        maximum: generateLimits.longest,
      },
      alphabet: {
        type: 'string',
        description: 'alphanumeric (the default), hex, base64url, numeric, or the characters themselves.',
        examples: ['alphanumeric', 'hex', 'base64url', 'numeric'],
      },
    },
  },
  'x-advanced': { type: 'boolean', description: 'Folded away in forms.' },
};

/**
 * The JSON Schema of a schema of values, for editors: what `checkSchema` takes, as far as a schema can say it. That of JSON Schema
 * itself lies on the network, and without it an editor completes and checks nothing at all.
 */
export const schemaOfSchemas: JsonSchema = {
  type: ['object', 'boolean'],
  properties: {
    ...Object.fromEntries(Object.entries(keywords).map(([keyword, form]) => [keyword, forms[form]])),
    ...known,
  },
  patternProperties: { '^x-': {} },
  additionalProperties: false,
};
