import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../src/domain/linear-pattern.ts';

const patterns = [
  '^[a-z]+$',
  '^[a-z][a-z0-9-]*$',
  '^[a-z]{2,5}$',
  '^a?b*$',
  '^[A-Za-z0-9_-]{43}$',
  '^\\d{4}-\\d\\d$',
  '^[^a]*$',
  '^a\\.b$',
  '^https://[a-z.]+$',
  '^[\\w.\\-]+$',
  '^[a\\]]+$',
  '^',
  '^a',
  '^$',
  'a',
  'a$',
  '^(a|b)+$',
  '^a*a*$',
  '^a?a?a?$',
  '^.+$',
  '^[é]+$',
  '^[z-a]$',
  '^a{3',
  '^a{2}b{1,2}c*$',
  '^\\-a',
  '^[a-z]+(-[a-z]+)*$',
  '\\bb',
  '^[[:alpha:]]+$',
  '^[a&&b]+$',
];
const texts = [
  '',
  'a',
  'b',
  'ab',
  'abc',
  'aabbcc',
  'aa',
  'aaa',
  'a.b',
  'axb',
  'a-b',
  '-a',
  'A_1',
  '2026-01',
  'https://a.b',
  'a\n',
  '\na',
  'é',
  '😀',
  'a]',
  'a&',
  'x'.repeat(43),
];

describe('patterns mean what RE2 says, whichever engine runs them', () => {
  test.each(patterns)('%s', (source) => {
    const compiled = compilePattern(source);
    let reference: RE2JS | undefined;
    try {
      reference = RE2JS.compile(source);
    } catch {}
    expect('problem' in compiled).toBe(reference === undefined);
    if (!('problem' in compiled))
      for (const text of texts) expect([text, compiled.found(text)]).toEqual([text, reference?.test(text)]);
  });
});

describe('none takes longer than the text is long', () => {
  const long = `${'a'.repeat(100_000)}!`;
  test.each([
    '^(a+)+$',
    '^a*a*a*a*$',
    '^a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaaaa$',
    '^a{0,99}a{0,99}a{0,99}a{0,99}$',
    '^a+$',
    '^a{1,99}a*$',
    '(a|aa)+$',
  ])('%s', (source) => {
    const compiled = compilePattern(source);
    expect('problem' in compiled || compiled.found(long)).toBe(false);
  });
});

test.each(['(?=a)', '(a)\\1', '(', 'a{1001}', '((a{99}){99}){99}', 'x'.repeat(1001)])(
  '%s is refused',
  (source) => {
    expect(compilePattern(source)).toHaveProperty('problem');
  },
);
