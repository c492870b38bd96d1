import { describe, expect, it, test } from 'vitest';
import type { JsonSchema } from '../../src/domain/app.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import {
  checkValues,
  missingGenerated,
  secretPaths,
  secretTexts,
  valuesToAsk,
  withDefaults,
  withoutTakenBack,
  withSecrets,
} from '../../src/domain/values.ts';

const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
});
const text: JsonSchema = { type: 'string' };

test('asked for is what is required and missing, and what has no default that fits', () => {
  const schema = object(
    {
      host: { type: 'string', minLength: 1, default: '' },
      size: { type: 'string' },
      auth: object({
        password: { type: 'string', format: 'password', minLength: 8, default: '' },
        user: text,
      }),
      to: { type: 'array', minItems: 1, default: [] },
      free: { minimum: 1, default: 0 },
    },
    { required: ['host', 'size'] },
  );
  const ask = (given: JsonObject) => valuesToAsk(schema, withDefaults(schema, given), given);
  expect(ask({}).map(({ path }) => path)).toEqual(['size', 'host', 'auth.password', 'to']);
  expect(
    ask({})
      .filter(({ secret }) => secret)
      .map(({ path }) => path),
  ).toEqual(['auth.password']);
  expect(ask({})[1]?.schema).toEqual({ type: 'string', minLength: 1 });
  // What was given and does not fit is told, not asked for.
  expect(ask({ host: '', size: 'x', auth: { password: 'short' }, to: ['a'] })).toEqual([]);
});

describe('defaults', () => {
  test.each<[string, JsonSchema, JsonObject, JsonObject]>([
    ['of leaves', object({ a: { default: 1 }, b: text }), {}, { a: 1 }],
    ['given values win', object({ a: { default: 1 } }), { a: 2 }, { a: 2 }],
    [
      'a nested object is made of the defaults in it',
      object({ o: object({ a: { default: 1 }, b: text }) }),
      {},
      { o: { a: 1 } },
    ],
    ['an object without defaults in it stays absent', object({ o: object({ b: text }) }), {}, {}],
    [
      'an object that would miss something required stays absent',
      object({ o: object({ a: { default: 1 }, b: text }, { required: ['b'] }) }),
      {},
      {},
    ],
    [
      'nested values are merged with defaults',
      object({ o: object({ a: { default: 1 }, b: { default: 2 } }) }),
      { o: { b: 3 } },
      { o: { a: 1, b: 3 } },
    ],
    [
      'an object with a default of its own',
      object({ o: object({ a: { default: 1 }, b: text }, { default: { b: 'x' } }) }),
      {},
      { o: { a: 1, b: 'x' } },
    ],
    [
      'which the given one is laid over',
      object({ o: object({ a: text, b: text }, { default: { a: 'd', b: 'd' } }) }),
      { o: { a: 'x' } },
      { o: { a: 'x', b: 'd' } },
    ],
    [
      'a decimal of `--set` is text until a number is wanted',
      object({ n: { type: 'number' }, i: { type: 'integer' }, t: text, e: { type: ['string', 'number'] } }),
      { n: '1.50', i: '2.0', t: '1.5', e: '1.5' },
      { n: 1.5, i: 2, t: '1.5', e: '1.5' },
    ],
    ['other texts stay', object({ n: { type: 'number' } }), { n: '15' }, { n: '15' }],
    ['lists are replaced', object({ l: { type: 'array', default: [1, 2] } }), { l: [3] }, { l: [3] }],
    [
      'in entries of lists',
      object({ l: { type: 'array', items: object({ a: { default: 1 } }) } }),
      { l: [{}, { a: 2 }] },
      { l: [{ a: 1 }, { a: 2 }] },
    ],
    [
      'in maps of objects',
      object({ m: { type: 'object', additionalProperties: object({ a: { default: 1 } }) } }),
      { m: { x: {} } },
      { m: { x: { a: 1 } } },
    ],
    ['null takes a default away', object({ a: { type: 'integer', default: 1 } }), { a: null }, {}],
    [
      'null stays where it is allowed',
      object({ a: { type: ['integer', 'null'], default: 1 } }),
      { a: null },
      { a: null },
    ],
    [
      'behind a reference',
      object({ o: { $ref: '#/$defs/o' } }, { $defs: { o: object({ a: { default: 1 } }) } }),
      {},
      { o: { a: 1 } },
    ],
    ['unknown names stay, to be refused', object({ a: text }), { x: 1 }, { x: 1 }],
    [
      'false, 0 and empty text are values',
      object({ a: { default: true }, b: { default: 1 }, c: { default: 'x' } }),
      { a: false, b: 0, c: '' },
      { a: false, b: 0, c: '' },
    ],
  ])('%s', (_, schema, given, expected) => {
    const before = structuredClone(given);
    expect(withDefaults(schema, given)).toEqual(expected);
    expect(given).toEqual(before);
  });

  test('a schema that contains itself ends', () => {
    const schema = object({ next: { $ref: '#' }, a: { default: 1 } });
    expect(JSON.stringify(withDefaults(schema, {})).length).toBeLessThan(1000);
  });
});

describe('what is missing', () => {
  test.each<[string, JsonSchema, JsonObject, string[]]>([
    ['a required value', object({ a: text }, { required: ['a'] }), {}, ['a']],
    [
      'in an object that was begun',
      object({ o: object({ a: text, b: text }, { required: ['a', 'b'] }) }),
      { o: { a: 'x' } },
      ['o.b'],
    ],
    [
      'a required object, as what is required in it',
      object(
        { o: object({ a: text, b: text, c: { default: 1 } }, { required: ['a', 'b', 'c'] }) },
        { required: ['o'] },
      ),
      {},
      ['o.a', 'o.b'],
    ],
    [
      'in an entry of a list',
      object({ l: { type: 'array', items: object({ name: text }, { required: ['name'] }) } }),
      { l: [{}] },
      ['l[0].name'],
    ],
    [
      'by a condition',
      object(
        { on: { type: 'boolean' }, host: text },
        { if: { properties: { on: { const: true } }, required: ['on'] }, then: { required: ['host'] } },
      ),
      { on: true },
      ['host'],
    ],
    ['a key with a dot', object({ 'a.b': text }, { required: ['a.b'] }), {}, ['a\\.b']],
  ])('%s', (_, schema, given, expected) => {
    expect(checkValues(schema, withDefaults(schema, given)).missing.map(({ path }) => path)).toEqual(
      expected,
    );
  });

  test('secrets are marked, and other problems kept apart', () => {
    const schema = object(
      { p: { type: 'string', format: 'password' }, n: { type: 'integer' } },
      { required: ['p'] },
    );
    const check = checkValues(schema, { n: 'x', z: 1 });
    expect(check.missing).toEqual([
      { path: 'p', schema: { type: 'string', format: 'password' }, secret: true },
    ]);
    expect(check.problems.map(({ at }) => at)).toEqual(['n', 'z']);
  });

  test.each([200, true])('a text that --set or YAML reads as %s: how to give it', (given) => {
    const schema = object({ parameters: object({}, { additionalProperties: text }) });
    expect(checkValues(schema, { parameters: { max: given } }).problems).toEqual([
      {
        at: 'parameters.max',
        message: expect.stringContaining('must be text, is'),
        hint: 'text is written in quotes, or given with `--set-string parameters.max=...`',
      },
    ]);
  });
});

describe('secrets', () => {
  const schema = object({
    password: { type: 'string', format: 'password', 'x-generate': { length: 16 } },
    token: { type: 'string', writeOnly: true },
    user: text,
    auth: object({ key: { type: 'string', 'x-generate': {} }, note: text }),
    external: object(
      { host: text, password: { type: 'string', format: 'password', 'x-generate': {} } },
      { required: ['host'] },
    ),
    users: { type: 'array', items: object({ name: text, password: { type: 'string', format: 'password' } }) },
    map: { type: 'object', additionalProperties: { type: 'string', format: 'password' } },
  });
  const values: JsonObject = {
    password: 'p1',
    token: 't1',
    user: 'u',
    auth: { key: 'k1' },
    users: [{ name: 'a', password: 'p2' }],
    map: { x: 'p3' },
  };

  test('paths and texts', () => {
    expect(secretPaths(schema, values)).toEqual([
      'password',
      'token',
      'auth.key',
      'users[0].password',
      'map.x',
    ]);
    expect(secretTexts(schema, values)).toEqual(['p1', 't1', 'k1', 'p2', 'p3']);
  });

  test.each<[string, JsonObject, Record<string, string>, string[]]>([
    ['all at first', {}, {}, ['password', 'auth.key']],
    ['not what the user gave', { password: 'mine' }, {}, ['auth.key']],
    ['not what is there from before', {}, { password: 'old' }, ['auth.key']],
    ['an empty text is no secret', { password: '' }, {}, ['password', 'auth.key']],
    [
      'within an optional object once it is there',
      { external: { host: 'h' } },
      {},
      ['password', 'auth.key', 'external.password'],
    ],
  ])('to be made: %s', (_, given, existing, expected) => {
    expect(missingGenerated(schema, given, existing).map(({ path }) => path)).toEqual(expected);
  });

  test('put into values: given ones over everything, generated ones where none is', () => {
    const generated = { password: 'g1', 'auth.key': 'g2', 'external.password': 'g3' };
    expect(
      withSecrets(schema, { password: 'mine', user: 'u' }, { given: { token: 's1' }, generated }),
    ).toEqual({
      password: 'mine',
      user: 'u',
      token: 's1',
      auth: { key: 'g2' },
    });
    expect(withSecrets(schema, {}, { given: { password: 's2' }, generated })['password' as string]).toBe(
      's2',
    );
  });
});

test('values with hostile names reach nothing', () => {
  const hostile = JSON.parse(
    '{"__proto__": {"polluted": 1}, "o": {"__proto__": {"polluted": 1}, "constructor": {"x": 1}}}',
  ) as JsonObject;
  const schema = object(
    { o: object({ a: { default: 1 } }, { additionalProperties: true }) },
    { additionalProperties: true },
  );
  const result = withDefaults(schema, hostile) as Record<string, Json>;
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  expect(Object.keys(result.o as object)).toEqual(['a', '__proto__', 'constructor']);
});

describe('what a null takes back', () => {
  const size = object({ size: { type: 'string', default: '8Gi' }, class: { type: 'string' } });
  const labels = { type: 'object', default: { a: '1', b: '2' }, additionalProperties: { type: 'string' } };

  it.each([
    ['a value with a default', object({ a: { type: 'integer', default: 1 } }), { a: null }, {}],
    ['a value without one', object({ a: { type: 'integer' } }), { a: null }, {}],
    ['what is inside an object, with the object', object({ storage: size }), { storage: { size: null } }, {}],
    [
      'but not what stands beside it',
      object({ storage: size }),
      { storage: { size: null, class: 'fast' } },
      { storage: { class: 'fast' } },
    ],
    ['a whole object', object({ storage: size }), { storage: null }, {}],
    [
      'behind a reference',
      object({ o: { $ref: '#/$defs/o' } }, { $defs: { o: size } }),
      { o: { size: null } },
      {},
    ],
    ['not a null that is a value', object({ a: { type: ['integer', 'null'] } }), { a: null }, { a: null }],
    ['not an entry of an open map', object({ labels }), { labels: { a: null } }, { labels: { a: null } }],
    ['not what the schema does not know', object({}), { x: null }, { x: null }],
    ['not an object that was given empty', object({ storage: size }), { storage: {} }, { storage: {} }],
  ] as const)('%s', (_, schema, given, expected) => {
    expect(withoutTakenBack(schema as JsonSchema, given)).toEqual(expected);
  });

  it('leaves an entry of a default map out', () => {
    expect(withDefaults(object({ labels } as never), { labels: { a: null } })).toEqual({
      labels: { b: '2' },
    });
  });
});
