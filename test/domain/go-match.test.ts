import { describe, expect, test } from 'vitest';
import { matchesGoPattern, parseGoPattern } from '../../src/domain/go-match.ts';

/** Rows of Go's own test of filepath.Match (src/path/filepath/match_test.go); undefined: ErrBadPattern. */
const rows: readonly (readonly [string, string, boolean | undefined])[] = [
  ['abc', 'abc', true],
  ['*', 'abc', true],
  ['*c', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'abc', true],
  ['a*', 'ab/c', false],
  ['a*/b', 'abc/b', true],
  ['a*/b', 'a/c/b', false],
  ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxexxx/f', true],
  ['a*b*c*d*e*/f', 'axbxcxdxe/xxx/f', false],
  ['a*b*c*d*e*/f', 'axbxcxdxexxx/fff', false],
  ['a*b?c*x', 'abxbbxdbxebxczzx', true],
  ['a*b?c*x', 'abxbbxdbxebxczzy', false],
  ['ab[c]', 'abc', true],
  ['ab[b-d]', 'abc', true],
  ['ab[e-g]', 'abc', false],
  ['ab[^c]', 'abc', false],
  ['ab[^b-d]', 'abc', false],
  ['ab[^e-g]', 'abc', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'ab', false],
  ['a?b', 'a\u263ab', true],
  ['a[^a]b', 'a\u263ab', true],
  ['a???b', 'a\u263ab', false],
  ['a?b', 'a\u{1f600}b', true],
  ['a??b', 'a\u{1f600}b', false],
  ['a\u{1f600}b', 'a\u{1f600}b', true],
  ['', '', true],
  ['[a-\u03b6]*', '\u03b1', true],
  ['*[a-\u03b6]', 'A', false],
  ['a?b', 'a/b', false],
  ['a*b', 'a/b', false],
  ['[\\]a]', ']', true],
  ['[\\-]', '-', true],
  ['[x\\-]', 'x', true],
  ['[x\\-]', '-', true],
  ['[x\\-]', 'z', false],
  ['[\\-x]', 'x', true],
  ['[]a]', ']', undefined],
  ['[-]', '-', undefined],
  ['[x-]', 'x', undefined],
  ['[-x]', 'x', undefined],
  ['\\', 'a', undefined],
  ['[a-b-c]', 'a', undefined],
  ['[', 'a', undefined],
  ['[^', 'a', undefined],
  ['[^bc', 'a', undefined],
  ['a[', 'ab', undefined],
  ['*x', 'xxx', true],
];

describe('patterns of Go', () => {
  test.each(rows)('%s on %s', (pattern, name, expected) => {
    const parsed = parseGoPattern(pattern);
    expect(parsed === undefined ? undefined : matchesGoPattern(parsed, name)).toBe(expected);
  });

  test('many stars on a long name are decided at once', () => {
    const parsed = parseGoPattern(`${'*a'.repeat(60)}b`);
    if (parsed === undefined) throw new Error('not parsed');
    expect(matchesGoPattern(parsed, 'a'.repeat(10_000))).toBe(false);
  });
});
