import { describe, expect, test } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import type { Json } from '../../src/domain/json.ts';
import { parseYaml, parseYamlDocument, yamlLimits } from '../../src/domain/yaml-source.ts';

function values(text: string): Json[] {
  return parseYaml(text, 'f.yaml').map((document) => document.value);
}

function failure(text: string): AppstoreError {
  try {
    parseYaml(text, 'f.yaml');
  } catch (error) {
    if (error instanceof AppstoreError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('values', () => {
  test.each<[string, Json[]]>([
    ['', []],
    ['# nothing', []],
    ['a: 1', [{ a: 1 }]],
    ['a: yes\nb: no\nc: on', [{ a: 'yes', b: 'no', c: 'on' }]],
    [
      'a: true\nb: ~\nc:\nd: 0o17\ne: 0x1f\nf: 1e3\ng: 2026-01-31',
      [{ a: true, b: null, c: null, d: 15, e: 31, f: 1000, g: '2026-01-31' }],
    ],
    ['a: "1"\nb: !!str 1', [{ a: '1', b: '1' }]],
    ['1: a\ntrue: b', [{ 1: 'a', true: 'b' }]],
    ['a: &x [1]\nb: *x', [{ a: [1], b: [1] }]],
    ['a: 1\n---\nb: 2\n---\n', [{ a: 1 }, { b: 2 }]],
    ['{"a": [1, "x", null]}', [{ a: [1, 'x', null] }]],
    ['a: |\n  x\n   y\nb: >-\n  c\n  d', [{ a: 'x\n y\n', b: 'c d' }]],
  ])('%j', (text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  test('__proto__ is a key like any other and reaches nothing', () => {
    const [value] = values(
      '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
    );
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('refused, with line and column', () => {
  test.each<[string, string, string]>([
    ['duplicate key', 'a: 1\nb: 2\na: 3', 'f.yaml:3:1: the key `a` stands here twice'],
    ['open list', 'a: [1', 'f.yaml:1:6: unexpected end of the stream within a flow collection'],
    ['bad indentation', 'a:\n  b: 1\n c: 2', 'f.yaml:3:2: bad indentation of a mapping entry'],
    ['unknown tag', 'a: !foo 1', 'f.yaml:1:4: the tag `!foo` is not allowed'],
    ['unknown alias', 'a: 1\nb: *x', 'f.yaml:2:4: no anchor `&x` stands before this'],
    ['alias in itself', 'a: &x [*x]', 'f.yaml:1:8: no anchor `&x` stands before this'],
    [
      'merge key',
      'a: &x {b: 1}\nc:\n  <<: *x',
      'f.yaml:3:3: `<<` (merging maps) is not part of YAML 1.2: write the keys out',
    ],
    ['infinity', 'a: .inf', 'f.yaml:1:4: a number that JSON does not have: write it as text, in quotes'],
    [
      'large integer',
      'a: 9007199254740993',
      'f.yaml:1:4: an integer beyond 2^53 would lose digits: write it as text, in quotes',
    ],
    ['list as key', '? [a]\n: b', 'f.yaml:1:3: a key must be text, a number or a boolean'],
    ['null as key', '~: b', 'f.yaml:1:1: a key must be text, a number or a boolean'],
  ])('%s', (_, text, message) => {
    const error = failure(text);
    expect(error.code).toBe('YAML_INVALID');
    expect(error.message).toBe(message);
  });

  test('every problem at once', () => {
    expect(failure('a: !x 1\nb: .nan\nc: *d').problems.map(({ at }) => at)).toEqual([
      'f.yaml:1:4',
      'f.yaml:2:4',
      'f.yaml:3:4',
    ]);
  });

  test('aliases that stand for exponentially much', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level <= 8; level++)
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    expect(failure(lines.join('\n')).message).toContain(`more than ${yamlLimits.nodes} values`);
  });

  test('depth and length', () => {
    expect(failure('['.repeat(5000)).message).toContain('nesting exceeded maxDepth');
    expect(failure(' '.repeat(yamlLimits.characters + 1)).message).toContain('longer than');
  });

  test('a second document where one is expected', () => {
    expect(() => parseYamlDocument('a: 1\n---\nb: 2', 'f.yaml')).toThrow('f.yaml:3: only one document');
  });
});

test('places of keys and values', () => {
  const [document] = parseYaml('a:\n  - b: {c: 1}\n    d: "text"\ne: |\n  one\n', 'f.yaml');
  expect(document?.place(['a', 0, 'b', 'c'])).toEqual({ file: 'f.yaml', line: 2, column: 12 });
  expect(document?.place(['a', 0, 'b', 'c'], 'key')).toEqual({ file: 'f.yaml', line: 2, column: 9 });
  expect(document?.place(['a', 0, 'd'])).toEqual({ file: 'f.yaml', line: 3, column: 8 });
  expect(document?.place(['a', 0, 'nothing', 'x'])).toEqual({ file: 'f.yaml', line: 2, column: 5 });
  expect(document?.textStart(['a', 0, 'd'])).toEqual({ line: 3, column: 9, block: false });
  expect(document?.textStart(['e'])).toEqual({ line: 5, column: 3, block: true });
});
