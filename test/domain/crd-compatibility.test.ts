import { describe, expect, test } from 'vitest';
import { crdProblems } from '../../src/domain/crd-compatibility.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';

const version = (name: string, properties: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  name,
  served: true,
  storage: name === 'v1',
  schema: {
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties, ...more } } },
  },
});

const crd = (
  versions: readonly JsonObject[],
  spec: JsonObject = {},
  storedVersions = ['v1'],
): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets' },
    versions,
    ...spec,
  },
  status: { storedVersions },
});

const texts = (live: KubeObject, desired: KubeObject) =>
  crdProblems(live, desired).map(({ severity, message }) => `${severity} ${message.split(':')[0]}`);

describe('what a definition may not become (row 4)', () => {
  test.each([
    [
      'scope',
      crd([version('v1')], { scope: 'Cluster' }),
      ['refused its scope changes from Namespaced to Cluster'],
    ],
    [
      'group',
      crd([version('v1')], { group: 'other.com' }),
      ['refused its group changes from example.com to other.com'],
    ],
    [
      'kind',
      crd([version('v1')], { names: { kind: 'Gadget', plural: 'widgets' } }),
      ['refused its kind changes from Widget to Gadget'],
    ],
    [
      'a stored version that is dropped',
      crd([version('v2')]),
      [
        'refused version v1 is dropped and still in status.storedVersions',
        'warning version v1 is not served any more',
      ],
    ],
  ])('%s', (_name, desired, expected) => {
    expect(texts(crd([version('v1')]), desired)).toEqual(expected);
  });

  test('a version that holds nothing may go, its clients are named', () => {
    const live = crd([version('v1beta1'), version('v1')]);
    expect(texts(live, crd([version('v1')]))).toEqual(['warning version v1beta1 is not served any more']);
    const unserved = crd([{ ...version('v1beta1'), served: false }, version('v1')]);
    expect(texts(unserved, crd([version('v1')]))).toEqual([]);
  });
});

describe('what a schema may not become while there are objects', () => {
  const string = { type: 'string' };
  test.each<[string, [JsonObject, JsonObject?], [JsonObject, JsonObject?], string[]]>([
    [
      'another type',
      [{ a: string }],
      [{ a: { type: 'integer' } }],
      ['objects v1.spec.a changes from string to integer'],
    ],
    ['a wider type', [{ a: { type: 'integer' } }], [{ a: { type: 'number' } }], []],
    ['without a field', [{ a: string }], [{}], ['warning v1.spec.a is not in the schema any more']],
    [
      'without a field that is kept unknown',
      [{ a: string }],
      [{}, { 'x-kubernetes-preserve-unknown-fields': true }],
      [],
    ],
    [
      'more required',
      [{ a: string }],
      [{ a: string }, { required: ['a'] }],
      ['warning v1.spec.a is required from now on'],
    ],
    [
      'more required with a default',
      [{ a: string }],
      [{ a: { ...string, default: 'x' } }, { required: ['a'] }],
      [],
    ],
    ['less required', [{ a: string }, { required: ['a'] }], [{ a: string }], []],
    [
      'a narrower enum',
      [{ a: { enum: ['x', 'y'] } }],
      [{ a: { enum: ['x'] } }],
      ['warning v1.spec.a allows less (enum)'],
    ],
    [
      'a first enum',
      [{ a: string }],
      [{ a: { ...string, enum: ['x'] } }],
      ['warning v1.spec.a allows less (enum)'],
    ],
    ['a wider enum', [{ a: { enum: ['x'] } }], [{ a: { enum: ['x', 'y'] } }], []],
    [
      'a lower maximum',
      [{ a: { maximum: 9 } }],
      [{ a: { maximum: 8 } }],
      ['warning v1.spec.a allows less (maximum)'],
    ],
    ['a higher maximum', [{ a: { maximum: 9 } }], [{ a: { maximum: 10 } }], []],
    [
      'a higher minimum',
      [{ a: { minimum: 1 } }],
      [{ a: { minimum: 2 } }],
      ['warning v1.spec.a allows less (minimum)'],
    ],
    [
      'another pattern',
      [{ a: { pattern: 'x' } }],
      [{ a: { pattern: 'y' } }],
      ['warning v1.spec.a allows less (pattern)'],
    ],
    ['no pattern any more', [{ a: { pattern: 'x' } }], [{ a: {} }], []],
    [
      'another type of the items of a list',
      [{ a: { type: 'array', items: string } }],
      [{ a: { type: 'array', items: { type: 'object' } } }],
      ['objects v1.spec.a[] changes from string to object'],
    ],
    ['more fields', [{ a: string }], [{ a: string, b: string }], []],
  ])('%s', (_name, before, after, expected) => {
    expect(texts(crd([version('v1', ...before)]), crd([version('v1', ...after)]))).toEqual(expected);
  });

  test('a definition that is broken otherwise breaks nothing here', () => {
    const broken = { ...crd([]), spec: undefined, status: undefined } as KubeObject;
    expect(crdProblems(broken, crd([version('v1')]))).toEqual([]);
    expect(crdProblems(crd([version('v1')]), broken).length).toBeGreaterThan(0);
  });
});
