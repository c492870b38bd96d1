import { describe, expect, test } from 'vitest';
import type { ObjectPatch } from '../../src/domain/app.ts';
import type { AppstoreError } from '../../src/domain/errors.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { RenderedObject } from '../../src/domain/rendered.ts';
import { stringDataToData } from '../../src/domain/string-data.ts';
import { applyPatches } from '../../src/domain/user-patches.ts';

function rendered(object: KubeObject): RenderedObject {
  return { object, source: { file: 'app.yaml', line: 1 }, phase: { kind: 'normal' } };
}

const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { a: 'b' } },
  spec: { replicas: 1, template: { spec: { containers: [{ name: 'main', image: 'nginx' }] } } },
};
const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { type: 'ClusterIP' },
};
const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'web' },
  data: { a: 'eA==' },
};
const objects = [deployment, service, secret].map(rendered);

function patched(...patches: ObjectPatch[]): KubeObject[] {
  return applyPatches(objects, patches).map(({ object }) => object);
}

test('merge and JSON patches reach their objects only, in order', () => {
  const [web, other] = patched(
    {
      target: { kind: 'Deployment', name: 'web' },
      merge: { spec: { replicas: 3 }, metadata: { labels: { a: null, c: 'd' } } },
    },
    {
      target: { kind: 'Deployment', name: 'web', group: 'apps' },
      json: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'own' }],
    },
  );
  expect(web?.metadata.labels).toEqual({ c: 'd' });
  expect(web?.spec).toEqual({
    replicas: 3,
    template: { spec: { containers: [{ name: 'main', image: 'own' }] } },
  });
  expect(other).toEqual(service);
  expect(deployment.spec.replicas).toBe(1);
});

test('stringData in a patch of a Secret is written into data', () => {
  const merged = patched({ target: { kind: 'Secret', name: 'web' }, merge: { stringData: { b: 'y' } } })[2];
  expect(merged).toEqual({ ...secret, data: { a: 'eA==', b: 'eQ==' } });
});

describe('refused', () => {
  test.each<[string, ObjectPatch, string]>([
    [
      'no such object',
      { target: { kind: 'Deployment', name: 'wbe' }, merge: {} },
      'Deployment/wbe: the app renders no such object',
    ],
    [
      'another group',
      { target: { kind: 'Deployment', name: 'web', group: 'x' }, merge: {} },
      'Deployment/web: the app renders no such object',
    ],
    [
      'an operation that does not fit',
      { target: { kind: 'Service', name: 'web' }, json: [{ op: 'remove', path: '/spec/x' }] },
      'Service/web: operation 1 (remove /spec/x): there is no `x`',
    ],
    [
      'another name',
      { target: { kind: 'Service', name: 'web' }, merge: { metadata: { name: 'x' } } },
      'cannot be patched',
    ],
    [
      'another kind',
      { target: { kind: 'Service', name: 'web' }, json: [{ op: 'replace', path: '', value: 1 }] },
      'cannot be patched',
    ],
  ])('%s', (_, patch, message) => {
    expect(() => patched(patch)).toThrow(message);
  });

  test('all at once, with near names', () => {
    try {
      patched(
        { target: { kind: 'Deployment', name: 'wbe' }, merge: {} },
        { target: { kind: 'Job', name: 'none' }, merge: {} },
      );
      expect.unreachable();
    } catch (error) {
      const { code, problems } = error as AppstoreError;
      expect(code).toBe('PATCH_INVALID');
      expect(problems.map(({ at, hint }) => [at, hint])).toEqual([
        ['Deployment/wbe', 'Did you mean `Deployment/web`?'],
        ['Job/none', 'There is Deployment/web, Service/web, Secret/web.'],
      ]);
    }
  });
});

describe('stringData', () => {
  test('wins over data, and leaves other objects alone', () => {
    const mixed = { ...secret, data: { a: 'eA==', b: 'eg==' }, stringData: { b: 'ü', c: '' } };
    expect(stringDataToData(mixed)).toEqual({ ...secret, data: { a: 'eA==', b: 'w7w=', c: '' } });
    expect(stringDataToData(service)).toBe(service);
    const other = { ...mixed, apiVersion: 'example.com/v1' };
    expect(stringDataToData(other)).toBe(other);
  });
});
