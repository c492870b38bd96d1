import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { JsonSchema } from '../../src/domain/app.ts';
import { formatPath } from '../../src/domain/given.ts';
import type { Json } from '../../src/domain/json.ts';
import { validate } from '../../src/domain/json-schema.ts';

function told(schema: JsonSchema, value: Json, strict = true): string[] {
  return validate(schema, value, { strict }).map(
    ({ path, message, hint }) => `${formatPath(path)}: ${message}${hint === undefined ? '' : ` [${hint}]`}`,
  );
}

describe('violations, all at once', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['host'],
    properties: {
      host: { type: 'string', format: 'hostname', minLength: 1 },
      replicas: { type: 'integer', minimum: 1, maximum: 9 },
      size: { type: 'string', format: 'quantity' },
      mode: { enum: ['standalone', 'cluster'] },
      user: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
      token: { type: 'string', format: 'password', pattern: '^[a-z]+$', minLength: 8 },
      nested: { type: 'object', properties: { on: { type: 'boolean' } } },
      labels: { type: 'object' },
      list: {
        type: 'array',
        items: { type: 'object', properties: { name: { type: 'string' } } },
        maxItems: 2,
      },
    },
  };

  test.each<[string, Json, string[]]>([
    ['nothing wrong', { host: 'a.example.com', labels: { any: 1 }, list: [{ name: 'x' }] }, []],
    ['missing', {}, ['host: is required']],
    ['not a map', [], [': must be a map, is a list']],
    ['empty', { host: '' }, ['host: must not be empty']],
    ['format', { host: 'a_b' }, ['host: must be a host name such as app.example.com, is "a_b"']],
    ['an empty text passes a format', { host: 'a', size: '' }, []],
    ['types', { host: 'a', replicas: '3' }, ['replicas: must be an integer, is text "3"']],
    ['fraction', { host: 'a', replicas: 1.5 }, ['replicas: must be an integer, is the number 1.5']],
    ['range', { host: 'a', replicas: 0 }, ['replicas: must be at least 1, is 0']],
    [
      'enum',
      { host: 'a', mode: 'clustr' },
      ['mode: must be one of standalone, cluster, is "clustr" [did you mean `cluster`?]'],
    ],
    [
      'several of one text',
      { host: 'a', user: 'ABCDEF' },
      ['user: must have at most 5 characters, has 6', 'user: must match ^[a-z]+$, is "ABCDEF"'],
    ],
    ['unknown', { host: 'a', replcas: 1 }, ['replcas: is not known [did you mean `replicas`?]']],
    [
      'unknown below',
      { host: 'a', nested: { onn: true } },
      ['nested.onn: is not known [did you mean `on`?]'],
    ],
    [
      'unknown in a list',
      { host: 'a', list: [{}, { nme: 'x' }] },
      ['list[1].nme: is not known [did you mean `name`?]'],
    ],
    ['far from everything', { host: 'a', nested: { zzz: 1 } }, ['nested.zzz: is not known [there is on]']],
    ['length of lists', { host: 'a', list: [{}, {}, {}] }, ['list: must have at most 2 entries, has 3']],
    [
      'everywhere',
      { replicas: 10, size: '8GB', x: 1 },
      [
        'host: is required',
        'replicas: must be at most 9, is 10',
        'size: must be a Kubernetes quantity such as 8Gi or 250m, is "8GB"',
        'x: is not known [there is host, replicas, size, mode, user, token, nested, labels, list]',
      ],
    ],
  ])('%s', (_, value, expected) => {
    expect(told(schema, value)).toEqual(expected);
  });

  test.each<[Json, string]>([
    [5, 'a number [text is written in quotes]'],
    [true, 'true or false [text is written in quotes]'],
    [['a'], 'a list'],
    [null, 'null'],
  ])('of a secret that is no text only the kind is told: %j', (value, kind) => {
    expect(told(schema, { host: 'a', token: value })).toEqual([`token: must be text, is ${kind}`]);
  });

  test('a secret is never told', () => {
    for (const value of ['SECRETSECRET', 'SECRET', 123456789, ['SECRET']])
      expect(told(schema, { host: 'a', token: value as Json }).join()).not.toMatch(/SECRET|123456789/);
    const inner: JsonSchema = { type: 'object', writeOnly: true, additionalProperties: { enum: ['a'] } };
    expect(told(inner, { key: 'SECRET' })).toEqual(['key: must be one of a']);
  });
});

describe('names that are refused', () => {
  const property = { type: 'object', properties: { a: {} } };
  test.each<[string, JsonSchema, string[]]>([
    ['additionalProperties: true', { ...property, additionalProperties: true }, []],
    ['a schema for further names', { ...property, additionalProperties: { type: 'integer' } }, []],
    ['patternProperties', { ...property, patternProperties: { '^x': {} } }, []],
    ['declared in allOf', { ...property, allOf: [{ properties: { x: {} } }] }, []],
    [
      'declared in a branch that does not hold',
      { ...property, if: { required: ['a'] }, then: { properties: { x: {} } } },
      [],
    ],
    ['declared behind a reference', { $ref: '#/$defs/d', $defs: { d: { properties: { x: {} } } } }, []],
    [
      'behind a reference that does not have it',
      { $ref: '#/$defs/d', $defs: { d: { properties: { y: {} } } } },
      ['x: is not known [did you mean `y`?]'],
    ],
    ['unevaluatedProperties', { ...property, unevaluatedProperties: true }, []],
  ])('%s', (_, schema, expected) => {
    expect(told(schema, { x: 1 })).toEqual(expected);
  });
});

test('steps that binary fractions miss by a hair', () => {
  expect(told({ multipleOf: 0.01 }, 0.07)).toEqual([]);
  expect(told({ multipleOf: 0.01 }, 0.075)).toEqual([': must be a multiple of 0.01, is 0.075']);
});

test('a schema that refers to itself without end is stopped', () => {
  expect(() => told({ $ref: '#' }, 1)).toThrow('refers to itself');
  const branching: JsonSchema = { allOf: [{ $ref: '#' }, { $ref: '#' }] };
  expect(() => told(branching, 1)).toThrow('refers to itself');
});

/** ajv is the reference for everything that is not ours: both must agree on whether a value fits. */
describe('agrees with ajv', () => {
  const schemas: JsonSchema[] = [
    {},
    { type: ['string', 'null'] },
    { type: 'integer' },
    { type: 'number', multipleOf: 0.01 },
    { const: { a: [1, null] } },
    { enum: [1, '1', null, { a: 1 }] },
    { exclusiveMinimum: 0, exclusiveMaximum: 3 },
    { minLength: 2, maxLength: 3 },
    { pattern: '^a+$' },
    { items: { type: 'integer' }, minItems: 1, uniqueItems: true },
    { prefixItems: [{ type: 'string' }, { type: 'integer' }], items: { not: {} } },
    { prefixItems: [{ type: 'string' }], unevaluatedItems: { type: 'boolean' } },
    { contains: { type: 'integer' }, minContains: 2, maxContains: 3 },
    { contains: { type: 'integer' }, minContains: 0 },
    {
      properties: { a: { type: 'string' }, b: { type: 'integer' } },
      required: ['a'],
      additionalProperties: false,
    },
    {
      properties: { a: {} },
      patternProperties: { '^b': { type: 'integer' } },
      additionalProperties: { type: 'string' },
    },
    { propertyNames: { maxLength: 1 }, minProperties: 1, maxProperties: 2 },
    { dependentRequired: { a: ['b'] }, dependentSchemas: { b: { required: ['c'] } } },
    { allOf: [{ properties: { a: {} } }, { required: ['b'] }], unevaluatedProperties: false },
    {
      anyOf: [{ properties: { a: { type: 'integer' } }, required: ['a'] }, { required: ['b'] }],
      unevaluatedProperties: false,
    },
    { oneOf: [{ type: 'integer' }, { minimum: 2 }] },
    { not: { type: 'string' } },
    {
      if: { properties: { a: { const: 1 } }, required: ['a'] },
      then: { required: ['b'] },
      else: { required: ['c'] },
    },
    {
      if: { required: ['a'] },
      then: { properties: { b: { type: 'integer' } } },
      unevaluatedProperties: { type: 'string' },
    },
    {
      $ref: '#/$defs/node',
      $defs: {
        node: { properties: { next: { $ref: '#/$defs/node' }, v: { type: 'integer' } }, required: ['v'] },
      },
    },
    { $defs: { 'a/b~c': { type: 'integer' } }, items: { $ref: '#/$defs/a~1b~0c' } },
  ];
  const values: Json[] = [
    null,
    true,
    0,
    1,
    2,
    2.5,
    3,
    '',
    'a',
    'aa',
    'aaaa',
    '😀😀',
    '1',
    [],
    [1],
    [1, 1],
    [1, 2],
    [1, 2, 3, 4],
    ['x', 1],
    ['x', 1, true],
    ['x', true],
    [{}, {}],
    {},
    { a: 1 },
    { a: 'x' },
    { b: 1 },
    { b: 'x' },
    { a: 'x', b: 1 },
    { a: 1, b: 2 },
    { a: 1, b: 2, c: 3 },
    { a: 1, c: 3 },
    { b: 1, c: 'x' },
    { a: [1, null] },
    { ab: 1 },
    { bb: 'x' },
    { v: 1 },
    { v: 1, next: { v: 2, next: { v: 'x' } } },
    { v: 1, next: { v: 2 } },
  ];
  const ajv = new Ajv2020({ strict: false, allErrors: true });

  test.each(schemas.map((schema) => [JSON.stringify(schema), schema] as const))('%s', (_, schema) => {
    const reference = ajv.compile(schema);
    for (const value of values)
      expect([value, validate(schema, value, { strict: false }).length === 0]).toEqual([
        value,
        reference(value),
      ]);
  });
});
