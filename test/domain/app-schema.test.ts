import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { JsonSchema } from '../../src/domain/app.ts';
import { appSchema } from '../../src/domain/app-schema.ts';
import { catalogFileSchema } from '../../src/domain/catalog-file.ts';
import type { Json } from '../../src/domain/json.ts';
import { validate } from '../../src/domain/json-schema.ts';
import { parseYamlDocument } from '../../src/domain/yaml-source.ts';
import { appHead } from '../support/app-files.ts';

const catalog = new URL('../../catalog/', import.meta.url);
const folder = new URL('../../docs/schema/', import.meta.url);
const published = JSON.parse(readFileSync(new URL('app.v1.json', folder), 'utf8')) as JsonSchema;

test('docs/schema/app.v1.json is the schema that packages are checked against', () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(appSchema)));
});

test('docs/schema/catalog.v1.json is the schema that catalog.yaml is checked against', () => {
  const file = new URL('../../docs/schema/catalog.v1.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(catalogFileSchema)));
});

test.each(readdirSync(folder))('%s needs nothing of the network', (file) => {
  const references = readFileSync(new URL(file, folder), 'utf8').match(/"\$ref": "[^"]*"/g) ?? [];
  expect(references.filter((reference) => !reference.startsWith('"$ref": "#'))).toEqual([]);
});

describe('editors with another validator see the same', () => {
  const check = new Ajv2020({ strict: false, formats: { uri: true, email: true } }).compile(published);

  test.each(readdirSync(catalog))('the app %s', (app) => {
    const file = new URL(`${app}/app.yaml`, catalog);
    check(parseYamlDocument(readFileSync(file, 'utf8'), 'app.yaml').value);
    expect(check.errors).toBeNull();
  });

  test.each<[string, string, boolean]>([
    ['short form', 'resources: [{apiVersion: v1, kind: X, metadata: {name: x}}]', true],
    [
      'long form',
      'resources: [{when: "${a}", forEach: {x: [1]}, resource: {apiVersion: v1, kind: X, metadata: {name: x}}}]',
      true,
    ],
    ['values', 'resources: []\nvalues: {type: object, properties: {a: {type: integer}}}', true],
    [
      'everything',
      'resources: []\nrequires: {kubernetes: ">=1.29"}\noutputs: {a: b}\nopen: [{title: T, service: {name: x, port: http}}]\nnotes: x',
      true,
    ],
    [
      'every form of a keyword in values',
      'resources: []\nvalues: {type: object, additionalProperties: false, properties: {a: {type: [string, "null"], format: port, default: "80", x-advanced: true, x-own: {b: 1}}, s: {type: string, x-generate: {length: 24}, allOf: [{minLength: 8}], $ref: "#/$defs/t"}}, $defs: {t: {enum: [{deep: 1}, 2]}}, required: [s]}',
      true,
    ],
    ['a keyword in values that is none', 'resources: []\nvalues: {properties: {a: {titel: x}}}', false],
    ['a type that is none', 'resources: []\nvalues: {properties: {a: {items: {type: intger}}}}', false],
    ['a format that is none', 'resources: []\nvalues: {properties: {a: {anyOf: [{format: prot}]}}}', false],
    [
      'a secret that cannot be made',
      'resources: []\nvalues: {properties: {a: {x-generate: {length: 2}}}}',
      false,
    ],
    ['no resources', '', false],
    ['half a manifest', 'resources: [{kind: X}]', false],
    ['unknown key', 'resources: []\nx: 1', false],
    [
      'unknown key in the long form',
      'resources: [{x: 1, when: true, resource: {apiVersion: v1, kind: X, metadata: {name: x}}}]',
      false,
    ],
  ])('%s', (_, rest, fits) => {
    const value: Json = parseYamlDocument(appHead + rest, 'app.yaml').value;
    expect([check(value), validate(appSchema, value, { strict: true }).length === 0]).toEqual([fits, fits]);
  });
});
