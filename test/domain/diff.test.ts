import { describe, expect, it } from 'vitest';
import { contentDigest, fieldChanges } from '../../src/domain/diff.ts';
import { valueAt } from '../../src/domain/field-path.ts';
import { createMasker, maskedText } from '../../src/domain/masking.ts';
import type { KubeObject } from '../../src/domain/objects.ts';

function deployment(containers: object[], more: object = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'ns' },
    spec: { replicas: 1, template: { spec: { containers } }, ...more },
  };
}

const web = {
  name: 'web',
  image: 'web:1',
  env: [{ name: 'A', value: '1' }],
  ports: [{ containerPort: 80, protocol: 'TCP' }],
};
const prefix = '.spec.template.spec.containers';

describe('field changes', () => {
  it.each([
    [
      'a scalar',
      deployment([web]),
      deployment([web], { replicas: 2 }),
      [{ path: '.spec.replicas', before: 1, after: 2 }],
    ],
    [
      'an item found by name',
      deployment([{ name: 'a' }, web]),
      deployment([{ ...web, image: 'web:2' }, { name: 'a' }]),
      [{ path: `${prefix}[name="web"].image`, before: 'web:1', after: 'web:2' }],
    ],
    [
      'a variable',
      deployment([web]),
      deployment([
        {
          ...web,
          env: [
            { name: 'B', value: '2' },
            { name: 'A', value: '3' },
          ],
        },
      ]),
      [
        { path: `${prefix}[name="web"].env[name="A"].value`, before: '1', after: '3' },
        { path: `${prefix}[name="web"].env[name="B"]`, after: { name: 'B', value: '2' } },
      ],
    ],
    [
      'a port, by number and protocol',
      deployment([web]),
      deployment([{ ...web, ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }] }]),
      [{ path: `${prefix}[name="web"].ports[containerPort=80,protocol="TCP"].name`, after: 'http' }],
    ],
    [
      'a list of scalars as a whole',
      deployment([{ ...web, args: ['a'] }]),
      deployment([{ ...web, args: ['a', 'b'] }]),
      [{ path: `${prefix}[name="web"].args`, before: ['a'], after: ['a', 'b'] }],
    ],
    [
      'a removed field',
      deployment([web]),
      deployment([{ name: 'web', image: 'web:1', ports: web.ports }]),
      [{ path: `${prefix}[name="web"].env`, before: web.env }],
    ],
    [
      'nothing and empty are the same',
      deployment([{ ...web, args: [] }]),
      deployment([{ ...web, resources: {} }]),
      [],
    ],
    [
      'names twice: by index',
      deployment([web, web]),
      deployment([web, { ...web, image: 'web:2' }]),
      [{ path: `${prefix}[1].image`, before: 'web:1', after: 'web:2' }],
    ],
  ])('%s', (_title, before, after, expected) => {
    expect(fieldChanges(before, after)).toEqual(expected);
  });

  it('leaves out what the server keeps, and what is to be ignored', () => {
    const before = { ...deployment([web]), status: { replicas: 1 } };
    const after = { ...deployment([web], { replicas: 3 }), status: { replicas: 3 } };
    after.metadata = { ...after.metadata, resourceVersion: '9', generation: 4, managedFields: [], uid: 'u' };
    expect(fieldChanges(before, after, { ignore: ['.spec.replicas'] })).toEqual([]);
  });

  it('tells that a secret changes without telling the secret', () => {
    const secret = (data: object): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data,
    });
    const mask = createMasker(['hunter22']);
    expect(fieldChanges(secret({ a: 'eA==' }), secret({ a: 'eQ==', b: 'eg==' }), { mask })).toEqual([
      { path: '.data.a', before: maskedText, after: maskedText },
      { path: '.data.b', after: maskedText },
    ]);
    const url = [{ name: 'URL', value: 'postgres://u:hunter22@db' }];
    expect(fieldChanges(deployment([web]), deployment([{ ...web, env: url }]), { mask })).toContainEqual({
      path: `${prefix}[name="web"].env[name="URL"]`,
      after: { name: 'URL', value: `postgres://u:${maskedText}@db` },
    });
  });
});

describe('paths', () => {
  const object = {
    metadata: { labels: { 'app.kubernetes.io/name': 'web' }, finalizers: ['a', 'b'] },
    spec: { ports: [{ port: 80, protocol: 'TCP', name: 'x]"y' }], list: [1, 2] },
  };

  it.each([
    ['.metadata.labels.app.kubernetes.io/name', 'web'],
    ['.spec.ports[port=80,protocol="TCP"].name', 'x]"y'],
    ['.spec.ports[name="x]\\"y"].port', 80],
    ['.metadata.finalizers[="b"]', 'b'],
    ['.spec.list[1]', 2],
    ['.spec.nothing.here', undefined],
    ['.spec.ports[port=81].name', undefined],
  ])('%s', (path, expected) => {
    expect(valueAt(object, path)).toBe(expected);
  });
});

describe('content digest', () => {
  const base = deployment([web]);

  it('does not move with a pod restart, but with the spec', () => {
    const restarted = {
      ...base,
      status: { restarts: 1 },
      metadata: { ...base.metadata, resourceVersion: '2', managedFields: [] },
    };
    expect(contentDigest(restarted)).toBe(contentDigest(base));
    expect(contentDigest(deployment([web], { replicas: 9 }))).not.toBe(contentDigest(base));
  });

  it('never hashes the values of a Secret, and moves with its resourceVersion', () => {
    const secret = (value: string, resourceVersion: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', resourceVersion },
      data: { password: value },
    });
    expect(contentDigest(secret('a', '1'))).toBe(contentDigest(secret('b', '1')));
    expect(contentDigest(secret('a', '1'))).not.toBe(contentDigest(secret('a', '2')));
  });
});
