import { describe, expect, test } from 'vitest';
import { createMasker } from '../../src/domain/masking.ts';
import { layOver } from '../../src/domain/overlay.ts';
import { immutableFields, replaceRule } from '../../src/domain/replacement.ts';

const mask = createMasker([]);

test.each([
  ['apps', 'StatefulSet', { propagation: 'Orphan', data: false }],
  ['apps', 'Deployment', { propagation: 'Background', data: false }],
  ['', 'Service', { propagation: 'Background', data: false }],
  ['', 'PersistentVolumeClaim', { propagation: 'Background', data: true }],
  ['', 'PersistentVolume', { never: expect.any(String) }],
  ['', 'Namespace', { never: expect.any(String) }],
  ['apiextensions.k8s.io', 'CustomResourceDefinition', { never: expect.any(String) }],
])('how %s/%s is made anew (row 9)', (group, kind, rule) => {
  expect(replaceRule({ group, kind })).toMatchObject(rule);
});

describe('a desired object laid over a live one', () => {
  const meta = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' } };

  test.each([
    ['maps are merged', { a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
    [
      'items with a name keep their defaults and their neighbours',
      { l: [{ name: 'a', d: 1 }, { name: 'z' }] },
      { l: [{ name: 'a', image: 'i' }, { name: 'b' }] },
      { l: [{ name: 'a', d: 1, image: 'i' }, { name: 'b' }, { name: 'z' }] },
    ],
    ['a list of scalars is one value', { l: [1, 2] }, { l: [3] }, { l: [3] }],
    [
      'items without a key keep their defaults where they are as many',
      { l: [{ d: 1, x: 1 }] },
      { l: [{ x: 2 }] },
      { l: [{ d: 1, x: 2 }] },
    ],
    ['what is new is there', {}, { l: [{ x: 2 }] }, { l: [{ x: 2 }] }],
  ])('%s', (_name, live, desired, expected) => {
    expect(layOver({ ...meta, ...live }, { ...meta, ...desired })).toEqual({ ...meta, ...expected });
  });
});

describe('the fields that stand in the way', () => {
  const set = (serviceName: string, image: string, extra = {}) => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'x' },
    spec: { serviceName, template: { image }, ...extra },
  });

  test('of a StatefulSet are those that the server does not let change', () => {
    const live = set('a', '1', { podManagementPolicy: 'OrderedReady', replicas: 1 });
    const causes = [{ field: 'spec', message: 'updates to statefulset spec' }];
    expect(immutableFields(live, set('b', '2', { replicas: 3 }), { causes }, mask)).toEqual([
      { path: '.spec.serviceName', before: 'a', after: 'b' },
    ]);
  });

  test('are below the place that is named, and masked', () => {
    const secret = (type: string, password: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'x' },
      type,
      data: { password },
    });
    const causes = [{ field: 'data', message: 'field is immutable' }];
    expect(immutableFields(secret('Opaque', 'YQ=='), secret('other', 'Yg=='), { causes }, mask)).toEqual([
      { path: '.data.password', before: '********', after: '********' },
    ]);
  });

  test('are the place itself where no difference is seen', () => {
    const causes = [{ field: 'spec.clusterIPs[0]', message: 'may not change once set' }];
    expect(immutableFields(set('a', '1'), set('a', '1'), { causes }, mask)).toEqual([
      { path: '.spec.clusterIPs[0]' },
    ]);
  });
});
