import { describe, expect, test } from 'vitest';
import { wrapProse, wrapWords } from '../../src/cli/views/wrap.ts';

describe('words', () => {
  test.each([
    ['fits', 'one two', 20, 0, 'one two'],
    ['is broken between words', 'one two three', 7, 0, 'one two\nthree'],
    ['is set in from its second line on', 'one two three four', 9, 2, 'one two\n  three\n  four'],
    [
      'keeps a word that is too wide whole',
      'see https://example.com/a now',
      10,
      0,
      'see\nhttps://example.com/a\nnow',
    ],
    ['counts what a terminal shows', '日本 日本', 5, 0, '日本\n日本'],
    ['may be empty', '', 10, 0, ''],
  ])('a line that %s', (_, line, width, indent, expected) => {
    expect(wrapWords(line, width, indent)).toBe(expected);
  });
});

describe('prose', () => {
  const text = 'A first\nparagraph that is\nlong.\n\n- a list that is long\n- stays\n\nThe\nend.';

  test('each paragraph is broken anew, lists stay', () => {
    expect(wrapProse(text, 16)).toBe(
      'A first\nparagraph that\nis long.\n\n- a list that is long\n- stays\n\nThe end.',
    );
  });

  test('in a pipe nothing is changed', () => {
    expect(wrapProse(text, Number.POSITIVE_INFINITY)).toBe(text);
  });
});
