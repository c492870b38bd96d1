import { describe, expect, test } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import {
  assign,
  assignJson,
  formatPath,
  type GivenValues,
  layer,
  layerGiven,
  parseAssignments,
  parseLiteral,
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
    ['a=1.5', { a: '1.5' }],
    ['a=True,b=FALSE,c=Null', { a: true, b: false, c: null }],
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

describe('which numbers are those of --set', () => {
  const given = (...texts: [flag: string, text: string][]) =>
    texts.reduce<GivenValues>(
      (result, [flag, text]) =>
        flag === '--set-json'
          ? assignJson(result, text)
          : parseAssignments(text, { flag, typed: flag === '--set' }).reduce(
              (before, one) => assign(before, one, flag === '--set'),
              result,
            ),
      { values: {}, integers: [] },
    );

  test('each by its path', () => {
    const { values, integers } = given(['--set', 'a=1,b.c=x,b.d\\.e={2,y},f[1]=3']);
    expect(values).toEqual({ a: 1, b: { c: 'x', 'd.e': [2, 'y'] }, f: [null, 3] });
    expect(integers).toEqual(['a', 'b.d\\.e[0]', 'f[1]']);
  });

  test('what is given in its place later, or in the place of all around it, is not one of them', () => {
    expect(given(['--set', 'a=1,ab=2'], ['--set-json', 'a=3']).integers).toEqual(['ab']);
    expect(given(['--set', 'a.b=1,a.c[0]=2,ac=3'], ['--set-json', 'a={"b":4,"c":[5]}']).integers).toEqual([
      'ac',
    ]);
    expect(given(['--set', 'a.b=1,a.c=2'], ['--set-json', '{"a":{"b":3}}'])).toEqual({
      values: { a: { b: 3, c: 2 } },
      integers: ['a.c'],
    });
  });

  test('stays one where more values are laid over', () => {
    const below = given(['--set', 'a.b=1,a.l[0]=2,c=3']);
    const above = { values: { a: { l: [4] }, d: 5 }, integers: ['d'] };
    expect(layerGiven(below, above)).toEqual({
      values: { a: { b: 1, l: [4] }, c: 3, d: 5 },
      integers: ['a.b', 'c', 'd'],
    });
  });
});

describe('--set-json', () => {
  const json = (text: string) => assignJson({ values: { a: { x: 1 } }, integers: [] }, text).values;

  test.each<[string, JsonObject]>([
    ['b=[1,{"c":"d,e=f"}],g="h"', { a: { x: 1 }, b: [1, { c: 'd,e=f' }], g: 'h' }],
    ['a={"y":2}', { a: { y: 2 } }],
    ['{"a":{"y":2}}', { a: { x: 1, y: 2 } }],
    ['b= "]\\"," , c=true', { a: { x: 1 }, b: ']",', c: true }],
    ['b=', { a: { x: 1 }, b: null }],
    ['', { a: { x: 1 } }],
  ])('%s', (text, expected) => {
    expect(json(text)).toEqual(expected);
  });

  test.each([
    'a',
    'a=hunter2',
    'a="x" hunter2',
    'a=1,hunter2',
    '{"a":hunter2',
    'a={"__proto__":1}',
    'a=[1]]',
  ])('refuses %s, and does not repeat it', (text) => {
    const failure = caught(() => json(text));
    expect(failure).toMatchObject({ code: 'USAGE' });
    expect(failure.message).not.toMatch(/hunter/);
  });

  test('refuses what is nested without end', () => {
    expect(() => json(`a=${'['.repeat(5_000)}${']'.repeat(5_000)}`)).toThrow('nested deeper than 100');
  });
});

describe('--set-literal', () => {
  test('takes all that follows as it stands, and a backslash in the path as well', () => {
    expect(parseLiteral('a.b\\.c[0]={x},y=\\,')).toEqual({ path: ['a', 'b\\', 'c', 0], value: '{x},y=\\,' });
  });

  test('refuses what has no `=`, a key that is none', () => {
    for (const text of ['a', '=b', 'a[x]=1', '__proto__.x=1'])
      expect(() => parseLiteral(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
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
    // As the first problem is told, so that a person is not told it twice.
    expect(failure.message).toBe('p.yaml, document 1: a patch must be a map');
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
