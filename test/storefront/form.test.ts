import { describe, expect, test } from 'vitest';
import type { JsonSchema } from '../../src/domain/app.ts';
import { inferSchema } from '../../src/domain/infer-schema.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { maskedText } from '../../src/domain/masking.ts';
import { checkValues, missingGenerated, withDefaults, withSecrets } from '../../src/domain/values.ts';
import { complaints, completed, isAdvice } from '../../src/storefront/form/check.ts';
import { changesOf, holdsMask, set, unset } from '../../src/storefront/form/edit.ts';
import { allFields, type Field, fieldsOf, switchOf } from '../../src/storefront/form/fields.ts';
import { answered, fitting, withoutSecrets } from '../../src/storefront/form/kept.ts';
import { pairFault, pairValues } from '../../src/storefront/form/pairs.ts';
import { needsLinearEngine } from '../../src/storefront/form/patterns.ts';
import { complaintText } from '../../src/storefront/form/words.ts';
import { en } from '../../src/storefront/i18n/en.ts';
import { nl } from '../../src/storefront/i18n/nl.ts';
import { apps, describeApp } from '../catalog/packages.ts';

const shown = (schema: JsonSchema, given: JsonObject = {}): Field[] =>
  fieldsOf(schema, completed(schema, given));

const field = (schema: JsonSchema, id: string, given: JsonObject = {}): Field => {
  const found = allFields(shown(schema, given)).find((one) => one.id === id);
  if (found === undefined) throw new Error(`no field ${id}`);
  return found;
};

const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  ...more,
});

describe('the kind of a question', () => {
  test.each<[JsonSchema, string]>([
    [{ type: 'string' }, 'text'],
    [{ type: 'string', default: 'a\nb\n' }, 'lines'],
    [{ type: 'string', format: 'hostname' }, 'text'],
    [{ type: 'string', format: 'password' }, 'secret'],
    [{ type: 'string', writeOnly: true }, 'secret'],
    [{ type: 'string', 'x-generate': {} }, 'secret'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['number', 'null'] }, 'number'],
    [{ type: 'boolean' }, 'switch'],
    [{ enum: ['a', 'b'] }, 'choice'],
    [{ type: 'string', oneOf: [{ const: 'a' }, { const: 'b' }] }, 'choice'],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'number'],
    [{ type: ['string', 'integer'] }, 'free'],
    [{}, 'free'],
    [{ type: 'array' }, 'free'],
    [{ type: 'array', items: { type: 'string' } }, 'list'],
    [{ type: 'array', items: object({ host: { type: 'string' } }) }, 'list'],
    [{ type: 'object' }, 'free'],
    [{ type: 'object', additionalProperties: { type: 'string' } }, 'map'],
    [{ type: 'object', additionalProperties: { type: 'object' } }, 'free'],
    [object({ a: { type: 'string' } }), 'group'],
    [{ $ref: '#/$defs/port' }, 'number'],
  ])('%j is a %s', (schema, kind) => {
    const root = { ...object({ it: schema }), $defs: { port: { type: 'integer' } } };
    expect(field(root, 'it').kind).toBe(kind);
  });

  test('a schema that contains itself ends', () => {
    const root: JsonSchema = { ...object({ next: { $ref: '#' } }), title: 'again' };
    expect(allFields(shown(root)).length).toBeLessThan(20);
  });
});

describe('conditions', () => {
  const ingress = object(
    {
      enabled: { type: 'boolean', default: false },
      host: { type: 'string', format: 'hostname', default: '' },
    },
    {
      if: { properties: { enabled: { const: true } }, required: ['enabled'] },
      then: { properties: { host: { minLength: 1 } } },
      else: { properties: { note: { type: 'string' } } },
    },
  );
  const root = object({ ingress });

  test('decide what is required and what is asked', () => {
    expect(field(root, 'ingress.host').required).toBe(false);
    expect(field(root, 'ingress.note').kind).toBe('text');
    const given = { ingress: { enabled: true } };
    expect(field(root, 'ingress.host', given)).toMatchObject({
      required: true,
      schema: { format: 'hostname' },
    });
    expect(() => field(root, 'ingress.note', given)).toThrow();
  });

  test('a group is turned on by its own switch', () => {
    expect(switchOf(field(root, 'ingress'))?.id).toBe('ingress.enabled');
  });

  test('complain only where they hold', () => {
    expect(complaints(root, {})).toEqual([]);
    const found = complaints(root, { ingress: { enabled: true } });
    expect(found.map(({ id }) => id)).toEqual(['ingress.host']);
    expect(found.map((one) => complaintText(one, en))).toEqual(['Fill this in.']);
  });
});

describe('what is wrong', () => {
  const root = object(
    {
      name: { type: 'string', pattern: '^[a-z]+$' },
      size: { type: 'string', format: 'quantity' },
      port: { type: 'integer', minimum: 1, maximum: 65535 },
      level: { enum: ['low', 'high'] },
      admin: object({ email: { type: 'string', format: 'email' } }, { required: ['email'] }),
      key: { type: 'string', format: 'password', 'x-generate': {}, minLength: 12 },
    },
    { required: ['name', 'admin', 'key'] },
  );
  const of = (given: JsonObject, t = en) =>
    Object.fromEntries(complaints(root, given).map((one) => [one.id, complaintText(one, t)]));

  test('is told at its question, in both languages', () => {
    expect(of({})).toEqual({ name: en.form.wrong.required, 'admin.email': en.form.wrong.required });
    const given = { name: 'A', size: '8 Gig', port: 0, level: 'middle', admin: { email: 'x' } };
    expect(of(given)).toEqual({
      name: 'It does not have the right form (^[a-z]+$).',
      size: 'A size such as 8Gi, 500Mi, or 250m.',
      port: '1 or more.',
      level: 'Choose one of the list.',
      'admin.email': 'An e-mail address.',
    });
    expect(of(given, nl)).toMatchObject({ port: '1 of meer.', level: 'Kies er een uit de lijst.' });
    expect(of({ name: 'a', admin: { email: 'a@b.c' }, port: 'many' })).toEqual({
      port: 'This has to be a whole number.',
    });
  });

  test('where one of several forms has to fit, in words of the page', () => {
    const several = object({
      port: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      size: { type: ['string', 'integer'] },
      host: {
        anyOf: [
          { type: 'string', format: 'ipv4' },
          { type: 'string', format: 'hostname' },
        ],
      },
    });
    const wrong = { port: {}, size: [], host: 'a b' };
    const told = (t: typeof en) => complaints(several, wrong).map((one) => complaintText(one, t));
    expect(told(en)).toEqual([
      'This has to be text or a whole number.',
      'This has to be text or a whole number.',
      'This does not fit.',
    ]);
    expect(told(nl)).toEqual([
      'Dit moet tekst of een geheel getal zijn.',
      'Dit moet tekst of een geheel getal zijn.',
      'Dit past niet.',
    ]);
  });

  test('a secret that is made need not be given; one that is given is checked', () => {
    const given = { name: 'a', admin: { email: 'a@b.c' } };
    expect(of(given)).toEqual({});
    expect(of({ ...given, key: 'short' })).toEqual({ key: 'At least 12 characters.' });
  });

  test('a stored secret is not judged by its mask', () => {
    expect(of({ name: 'a', admin: { email: 'a@b.c' }, key: maskedText })).toEqual({});
  });
});

describe('every app of the built-in catalog', () => {
  test.each(apps)('%s has a form for all of its values, and its defaults are fine', async (app) => {
    const { schema } = await describeApp(app);
    const fields = allFields(shown(schema));
    expect(fields.length).toBeGreaterThan(2);
    for (const { title, id } of fields) expect(title, id).not.toBe('');
    // What the browser says of the defaults is what the program says of them.
    const made = missingGenerated(schema, {}, {});
    const secrets = Object.fromEntries(made.map(({ path }) => [path, 'x'.repeat(40)]));
    const filled = withSecrets(schema, withDefaults(schema, {}), { given: {}, generated: secrets });
    const known = checkValues(schema, withDefaults(schema, filled));
    expect(complaints(schema, {}).map(({ id }) => id)).toEqual(known.missing.map(({ path }) => path));
    expect(isAdvice(schema)).toBe(false);
  });
});

test('a chart without a schema has a form, whose complaints are advice', () => {
  const text =
    '# Number of pods\nreplicaCount: 1\nimage:\n  tag: ""\nauth:\n  password: ""\nextra: []\nnodeSelector: {}\n';
  const values = { replicaCount: 1, image: { tag: '' }, auth: { password: '' }, extra: [], nodeSelector: {} };
  const schema = inferSchema(text, values);
  const kinds = Object.fromEntries(allFields(shown(schema)).map(({ id, kind }) => [id, kind]));
  expect(kinds).toEqual({
    replicaCount: 'number',
    image: 'group',
    'image.tag': 'text',
    auth: 'group',
    'auth.password': 'secret',
    extra: 'free',
    nodeSelector: 'free',
  });
  expect(isAdvice(schema)).toBe(true);
});

describe('answers', () => {
  test('are taken back with the maps that are empty then', () => {
    const given = set(set({}, ['a', 'b'], 1), ['c'], 2);
    expect(unset(given, ['a', 'b'])).toEqual({ c: 2 });
    expect(unset(given, ['a', 'x'])).toEqual(given);
    expect(unset({}, ['a'])).toEqual({});
  });

  test('of an upgrade are what differs; what was taken back is null', () => {
    const stored = { a: 1, b: { c: 2, d: [1, 2] }, secret: maskedText, gone: { deep: true } };
    expect(changesOf(stored, stored)).toEqual({});
    expect(changesOf(stored, { a: 1, b: { c: 3, d: [1, 2] }, secret: maskedText, e: 'x' })).toEqual({
      b: { c: 3 },
      e: 'x',
      gone: { deep: null },
    });
  });

  test('are laid over what is stored again as they were taken from it', () => {
    const stored = { a: 1, b: { c: 2, d: [1, 2] }, secret: maskedText, gone: { deep: true } };
    for (const edited of [
      stored,
      {},
      { a: 2, b: { c: 2 }, secret: 'mine', e: { f: 'x' } },
      { a: 1, b: { c: 3, d: [1], e: null }, n: null },
    ])
      expect(answered(stored, changesOf(stored, edited))).toEqual(edited);
  });

  test('go on to another version as far as they fit, and come back with theirs', () => {
    const first = object({
      greeting: { type: 'string', default: 'Welcome' },
      page: object({ count: { type: 'integer' }, note: { type: 'string' } }),
      hosts: { type: 'string' },
    });
    const second = object({
      greeting: { type: 'string', default: 'Hello' },
      page: object({ count: { type: 'integer' } }),
      hosts: { type: 'array', items: { type: 'string' } },
    });
    const answers = { greeting: 'Hi', page: { count: 'ma', note: 'x' }, hosts: 'a' };
    const { fits, rest } = fitting(second, {}, answers);
    expect(fits).toEqual({ greeting: 'Hi', page: { count: 'ma' } });
    expect(rest).toEqual({ page: { note: 'x' }, hosts: 'a' });
    expect(fitting(first, {}, answers)).toEqual({ fits: answers, rest: {} });
  });

  test('are kept in the browser without passwords, however they are given', () => {
    const schema = object({
      password: { type: 'string', format: 'password', 'x-generate': {} },
      admin: object({ name: { type: 'string' }, key: { type: 'string', writeOnly: true } }),
      url: { type: 'string' },
      env: { type: 'object', additionalProperties: { type: 'string' } },
      extra: { type: 'array' },
      tokens: { type: 'object', additionalProperties: { type: 'string', format: 'password' } },
    });
    const kept = (answers: JsonObject) => withoutSecrets(schema, answers);
    const plain = {
      admin: { name: 'anna' },
      url: 'https://a.example',
      env: { MODE: 'x' },
      extra: [{ name: 'A', value: '1' }],
    };
    expect(kept(plain)).toEqual({ answers: plain, secrets: false });
    const given = {
      password: 'p1-secret',
      admin: { name: 'anna', key: 'p2-secret' },
      url: 'postgres://anna:p3-secret@db/x',
      env: { MODE: 'x', DB_PASS: 'p4-secret' },
      extra: [{ name: 'DB_PASSWORD', value: 'p5-secret' }],
      tokens: { weather: 'p6-secret' },
    };
    expect(kept(given)).toEqual({ answers: { admin: { name: 'anna' }, env: { MODE: 'x' } }, secrets: true });
  });

  test('with the same name twice, or without one, are told and not lost in silence', () => {
    const rows = [
      ['A', '1'],
      ['A', '2'],
      ['', '3'],
      ['', ''],
    ] as const;
    expect(rows.map((_, index) => pairFault(rows, index))).toEqual([
      undefined,
      { kind: 'twice', name: 'A' },
      { kind: 'nameless' },
      undefined,
    ]);
    expect(pairValues(rows, { B: 'preset' })).toEqual({ A: '1', B: null });
  });

  test('never send a mask as if it were the secret', () => {
    expect(holdsMask({ list: [{ password: maskedText }] })).toBe(true);
    expect(holdsMask({ list: [{ password: 'given' }] })).toBe(false);
  });
});

test('the library of linear patterns is fetched only for patterns that need it', () => {
  expect(needsLinearEngine(object({ a: { type: 'string', pattern: '^[a-z]+$' } }))).toBe(false);
  expect(needsLinearEngine(object({ a: { type: 'array', items: { pattern: '^(a+)+$' } } }))).toBe(true);
  expect(needsLinearEngine({ patternProperties: { '(x|y)*': {} } })).toBe(true);
});
