import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { modernSchema, schemaFaults } from '../../src/domain/chart-schema.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import { validate } from '../../src/domain/json-schema.ts';

const fits = (schema: JsonObject, value: Json) =>
  validate(modernSchema(schema), value, { strict: false }).length === 0;

const draft7 = 'http://json-schema.org/draft-07/schema#';
const draft2019 = 'https://json-schema.org/draft/2019-09/schema';

/** ajv is the reference, one of it a draft. */
describe('decides as ajv does in the draft of the schema', () => {
  const cases: readonly [JsonObject, readonly Json[]][] = [
    [{ $schema: draft7, items: [{ type: 'string' }], additionalItems: false }, [['a'], [1], ['a', 'b'], []]],
    [
      { $schema: draft7, items: { type: 'string' } },
      [
        ['a', 'b'],
        ['a', 1],
      ],
    ],
    [
      { $schema: draft7, dependencies: { a: ['b'], c: { required: ['d'] } } },
      [{ a: 1 }, { a: 1, b: 1 }, { c: 1 }, { c: 1, d: 1 }, {}],
    ],
    [{ $schema: draft7, exclusiveMinimum: 3 }, [3, 4]],
    [
      { $schema: draft2019, items: [{ type: 'number' }], additionalItems: { type: 'string' } },
      [
        [1, 'a'],
        [1, 2],
      ],
    ],
    [{ $schema: draft2019, dependentRequired: { a: ['b'] } }, [{ a: 1 }, { a: 1, b: 2 }]],
    [{ prefixItems: [{ type: 'number' }], items: false }, [[1], [1, 2]]],
    [
      { properties: { a: { $ref: '#/$defs/n', minimum: 5 } }, $defs: { n: { type: 'number' } } },
      [{ a: 1 }, { a: 6 }],
    ],
  ];
  test.each(cases)('%j', (schema, values) => {
    const options = { strict: false, validateFormats: false };
    const draft = String(schema.$schema ?? '');
    const reference =
      draft === draft7 ? new Ajv(options) : draft === draft2019 ? new Ajv2019(options) : new Ajv2020(options);
    const decide = reference.compile(schema);
    for (const value of values) expect([value, fits(schema, value)]).toEqual([value, decide(value)]);
  });
});

// JSON Schema draft-07, section 8.3 of the core; Helm's validator does so too, ajv does not any more.
test('up to draft 7 nothing beside a reference counts', () => {
  const beside = { $ref: '#/definitions/text', maxLength: 1 };
  const schema = { definitions: { text: { type: 'string' } }, properties: { x: beside } };
  expect(fits({ $schema: draft7, ...schema }, { x: 'long' })).toBe(true);
  expect(fits({ $schema: draft7, ...schema }, { x: 1 })).toBe(false);
  expect(fits({ $schema: draft2019, ...schema }, { x: 'long' })).toBe(false);
});

test('draft 4: limits may exclude themselves', () => {
  const schema = { $schema: 'http://json-schema.org/draft-04/schema#', minimum: 3, exclusiveMinimum: true };
  expect([fits(schema, 3), fits(schema, 4)]).toEqual([false, true]);
  expect(fits({ ...schema, exclusiveMinimum: false }, 3)).toBe(true);
});

test('a format is checked up to draft 7, and only remarked on later', () => {
  expect(fits({ $schema: draft7, format: 'uri' }, 'no address')).toBe(false);
  expect(fits({ $schema: draft2019, format: 'uri' }, 'no address')).toBe(true);
});

test('faults: references that lead nowhere or to the network, types that there are not, patterns that are none', () => {
  const faults = schemaFaults({
    properties: {
      a: { $ref: '#/definitions/none' },
      b: { $ref: 'https://schemas.example/x.json' },
      c: { type: 'text' },
      d: { pattern: '(' },
    },
    allOf: [{ type: 'string' }],
  });
  expect(faults.map(({ at }) => at)).toEqual([
    '/properties/a',
    '/properties/b',
    '/properties/c',
    '/properties/d',
  ]);
  expect(faults[1]?.message).toContain('not fetched');
});
