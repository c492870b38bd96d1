import { describe, expect, test } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import {
  formatPath,
  layer,
  parseAssignments,
  parsePatches,
  parsePath,
  parseSecretReference,
  setPath,
} from '../../src/domain/given.ts';
import type { Json, JsonObject } from '../../src/domain/json.ts';

function set(text: string, typed = true): JsonObject {
  return parseAssignments(text, { flag: '--set', typed }).reduce<JsonObject>(
    (values, { path, value }) => setPath(values, path, value),
    {},
  );
}

describe('--set', () => {
  test.each<[string, Json]>([
    ['a=b', { a: 'b' }],
    ['a.b.c=d', { a: { b: { c: 'd' } } }],
    ['a=1,b=true,c=null,d=', { a: 1, b: true, c: null, d: '' }],
    ['a=-5', { a: -5 }],
    ['a=1.5', { a: 1.5 }],
    ['tag=1.10', { tag: '1.10' }],
    ['a=007', { a: '007' }],
    ['a=1e3', { a: '1e3' }],
    ['a=9007199254740993', { a: '9007199254740993' }],
    ['a=x\\,y', { a: 'x,y' }],
    ['a\\.b=c', { 'a.b': 'c' }],
    ['nodeSelector.kubernetes\\.io/role=db', { nodeSelector: { 'kubernetes.io/role': 'db' } }],
    ['a=b=c', { a: 'b=c' }],
    ['a={x,y,3}', { a: ['x', 'y', 3] }],
    ['a={}', { a: [] }],
    ['a={x\\,y,z},b=1', { a: ['x,y', 'z'], b: 1 }],
    ['a={x,b=1', { a: '{x', b: 1 }],
    ['a=p{q,b=1', { a: 'p{q', b: 1 }],
    ['a[0]=x,a[1]=y', { a: ['x', 'y'] }],
    ['a[1].b=x', { a: [null, { b: 'x' }] }],
    ['a[0][1]=x', { a: [[null, 'x']] }],
    ['a=1,a.b=2', { a: { b: 2 } }],
    ['a=line1\nline2', { a: 'line1\nline2' }],
  ])('%s', (text, expected) => {
    expect(set(text)).toEqual(expected);
  });

  test('--set-string takes every value as text', () => {
    expect(set('a=1,b=true,c=null,d={1,x}', false)).toEqual({ a: '1', b: 'true', c: 'null', d: ['1', 'x'] });
  });

  test.each(['a', '=b', 'a..b=c', 'a[x]=1', 'a[99999999]=1', '__proto__.x=1', 'a.constructor=1', '[0]=1'])(
    'refuses %s',
    (text) => {
      expect(() => set(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );

  test('a message never repeats a value, which may be a secret', () => {
    const failure = caught(() => set('password=hunter2,hunter3'));
    expect(failure.message).toContain('password=');
    expect(failure.message).not.toMatch(/hunter/);
  });
});

test.each([['a.b[0].c'], ['a\\.b.c'], ['a[0][1]'], ['x\\=y']])('path %s reads and writes alike', (text) => {
  expect(formatPath(parsePath(text))).toBe(text);
});

test('setPath leaves its argument alone', () => {
  const before = { a: { b: [1] } };
  expect(setPath(before, ['a', 'b', 0], 2)).toEqual({ a: { b: [2] } });
  expect(before).toEqual({ a: { b: [1] } });
});

describe('layers of values', () => {
  test.each<[JsonObject, JsonObject, JsonObject]>([
    [{ a: 1, b: { c: 1 } }, { b: { d: 2 } }, { a: 1, b: { c: 1, d: 2 } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{ a: { b: 1 } }, { a: null }, { a: null }],
    [{ a: 1 }, { a: { b: 2 } }, { a: { b: 2 } }],
  ])('%j under %j', (below, above, expected) => {
    expect(layer(below, above)).toEqual(expected);
  });

  test('a key called __proto__ stays a key', () => {
    const result = layer({}, JSON.parse('{"__proto__": {"polluted": true}}'));
    expect(Object.keys(result)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('--set-secret', () => {
  test('names path, Secret and key', () => {
    expect(parseSecretReference('auth.password=secret/db-creds:pass.word')).toEqual({
      path: 'auth.password',
      secret: 'db-creds',
      key: 'pass.word',
    });
  });

  test.each(['a=db:pass', 'a=secret/db', 'a=secret/DB:k', 'secret/db:k', 'a=secret/db:'])(
    'refuses %s',
    (text) => {
      expect(() => parseSecretReference(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});

describe('patches', () => {
  test('part of an object is a merge patch of it', () => {
    const document = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { a: 'b' } },
      spec: { replicas: 2 },
    };
    expect(parsePatches([document], 'p.yaml')).toEqual([
      {
        target: { kind: 'Deployment', name: 'web', group: 'apps' },
        merge: { spec: { replicas: 2 }, metadata: { labels: { a: 'b' } } },
      },
    ]);
  });

  test('operations of RFC 6902', () => {
    const json = [
      { op: 'replace', path: '/spec/replicas', value: 2 },
      { op: 'remove', path: '/spec/paused' },
    ];
    expect(
      parsePatches([{ target: { kind: 'Deployment', name: 'web', namespace: 'n' }, json }], 'p'),
    ).toEqual([{ target: { kind: 'Deployment', name: 'web', namespace: 'n' }, json }]);
  });

  test('every problem is named at once', () => {
    const bad: Json[] = [
      'text',
      { kind: 'Service' },
      { target: { kind: 'A', name: 'a' } },
      { target: { kind: 'A', name: 'a' }, merge: {}, json: [] },
      { target: { kind: 'A', name: 'a' }, json: [{ op: 'replace', path: '/a' }] },
      { target: { kind: 'A', name: 'a' }, json: [{ op: 'explode', path: '/a', value: 1 }] },
      { target: { kind: 'A', name: 'a' }, merge: {}, extra: 1 },
    ];
    const failure = caught(() => parsePatches(bad, 'p.yaml'));
    expect(failure.code).toBe('PATCH_INVALID');
    expect(failure.problems.map((problem) => problem.at)).toEqual(
      bad.map((_, i) => `p.yaml, document ${i + 1}`),
    );
  });
});

function caught(action: () => unknown): AppstoreError {
  try {
    action();
  } catch (error) {
    if (error instanceof AppstoreError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
