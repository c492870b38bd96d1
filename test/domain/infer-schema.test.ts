import { describe, expect, test } from 'vitest';
import { inferSchema } from '../../src/domain/infer-schema.ts';
import { isSecretSchema, validate } from '../../src/domain/json-schema.ts';
import { checkValues, withDefaults } from '../../src/domain/values.ts';
import { readComments } from '../../src/domain/values-comments.ts';

describe('comments of values.yaml', () => {
  test('the way of helm-docs', () => {
    const found = readComments(`# -- How many pods
replicas: 1
image:
  # Not this line.
  # -- (string) Where it is pulled from.
  # In two lines.
  # @default -- the version of the app
  tag: ""
# service.port -- Port of the service
service:
  port: 80
# @ignored
internal: 1
`);
    expect(found.get('replicas')).toMatchObject({ description: 'How many pods' });
    expect(found.get('image.tag')).toMatchObject({ description: 'Where it is pulled from. In two lines.' });
    expect(found.get('service.port')).toMatchObject({ description: 'Port of the service' });
    expect(found.get('internal')).toMatchObject({ hidden: true });
  });

  test('the way of Bitnami', () => {
    const found = readComments(`## @section Global parameters
## @param global.imageRegistry Global registry
## @param global.secrets [array] Names of secrets
##
global:
  imageRegistry: ""
  secrets: []
## @section Database parameters
auth:
  ## @param auth.password Password of the user
  ## ref: https://example.org
  ##
  password: ""
`);
    expect(found.get('global.imageRegistry')).toMatchObject({
      description: 'Global registry',
      section: 'Global parameters',
    });
    expect(found.get('global.secrets')).toMatchObject({ description: 'Names of secrets' });
    expect(found.get('auth.password')).toMatchObject({
      description: 'Password of the user',
      section: 'Database parameters',
    });
  });

  test('plain comments, up to an example; no text of blocks and lists is taken for a key', () => {
    const found = readComments(`# Further labels.
# For example:
# team: web
labels: {}

# Apart by an empty line: of nothing.

script: |
  # -- not a comment
  inner: text
list:
  - name: a
    value: b
after: 1 # beside
`);
    expect(found.get('labels')).toMatchObject({ description: expect.stringContaining('Further labels.') });
    expect(found.get('labels')?.description).not.toContain('team');
    expect(found.get('script')).toMatchObject({ description: '' });
    expect([...found.keys()]).toEqual(['labels', 'script', 'list', 'after']);
  });
});

describe('inferred schema', () => {
  const text = `# How many
replicas: 2
ratio: 0.5
on: true
name: web
none:
tags: [a]
map: {}
db:
  # Password of the database. Made at random where it is empty, and kept by the release from then on.
  password: ""
  existingSecretPassword: x
  adminPassword:
`;
  const values = {
    db: { adminPassword: null, existingSecretPassword: 'x', password: '' },
    map: {},
    name: 'web',
    none: null,
    on: true,
    ratio: 0.5,
    replicas: 2,
    tags: ['a'],
  };

  test('types and defaults from the values, in the order of the file', () => {
    const schema = inferSchema(text, values);
    expect(Object.keys(schema.properties ?? {})).toEqual([
      ...['replicas', 'ratio', 'on', 'name', 'none', 'tags', 'map', 'db'],
    ]);
    expect(schema.properties).toMatchObject({
      replicas: { type: 'integer', default: 2, title: 'How many' },
      ratio: { type: 'number' },
      on: { type: 'boolean', default: true, title: 'On' },
      tags: { type: 'array', default: ['a'] },
      map: { type: 'object' },
    });
    expect(schema.properties?.none?.type).toBeUndefined();
    expect(withDefaults(schema, {})).toEqual(values);
  });

  test('a name without a comment in words', () => {
    const names = ['replicaCount', 'tls', 'smtp_host', 'existingCASecret', 'baseUrl', 'pod-ip'];
    const { properties } = inferSchema('', Object.fromEntries(names.map((name) => [name, ''])));
    expect(names.map((name) => properties?.[name]?.title)).toEqual([
      ...['Replica count', 'TLS', 'SMTP host', 'Existing CA secret', 'Base URL', 'Pod IP'],
    ]);
  });

  test('everything that a user may give to a chart fits', () => {
    const schema = inferSchema(text, values);
    expect(validate(schema, { further: 1, db: { more: { deep: true } } }, { strict: true })).toEqual([]);
    expect(checkValues(schema, withDefaults(schema, {})).missing).toEqual([]);
  });

  test('what is called a password is masked, what says where one is is not', () => {
    const db = inferSchema(text, values).properties?.db?.properties ?? {};
    expect(
      Object.entries(db)
        .filter(([, each]) => isSecretSchema(each))
        .map(([name]) => name),
    ).toEqual(['password', 'adminPassword']);
    expect(db.password?.title).toBe('Password');
    expect(db.password?.description).toContain('Made at random');
  });

  test("the chart's own schema wins, and what it requires is asked for where nothing gives it", () => {
    const own = {
      type: 'object',
      required: ['replicas', 'license', 'nothing', 'perhaps'],
      properties: {
        nothing: { type: 'string' },
        perhaps: { type: ['string', 'null'] },
        replicas: { type: 'integer', minimum: 1, default: 9, title: 'Pods' },
        license: { type: 'string' },
      },
    };
    const schema = inferSchema(text, { ...values, nothing: null, perhaps: null }, own);
    expect(schema.properties?.replicas).toMatchObject({ minimum: 1, title: 'Pods', default: 2 });
    expect(checkValues(schema, withDefaults(schema, {})).missing.map(({ path }) => path)).toEqual([
      'license',
      'nothing',
    ]);
  });
});
