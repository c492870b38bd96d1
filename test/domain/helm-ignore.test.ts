import { describe, expect, test } from 'vitest';
import { parseHelmIgnore } from '../../src/domain/helm-ignore.ts';

const file = (path: string) => [path, false] as const;
const folder = (path: string) => [path, true] as const;

/** Rows of Helm's own test (pkg/ignore/rules_test.go), and the quirks that its documentation leaves out. */
const rows: readonly (readonly [string, readonly [string, boolean], boolean])[] = [
  ['helm.txt', file('helm.txt'), true],
  ['helm.*', file('helm.txt'), true],
  ['helm.*', file('rudder.txt'), false],
  ['*.txt', file('tiller.txt'), true],
  ['*.txt', file('cargo/a.txt'), true],
  ['cargo/*.txt', file('cargo/a.txt'), true],
  ['cargo/*.*', file('cargo/a.txt'), true],
  ['mast/', folder('mast'), true],
  ['cargo', folder('cargo'), true],
  ['cargo/', file('cargo'), false],
  ['ra?', file('rat'), true],
  ['/helm.txt', file('deep/helm.txt'), false],
  ['a[b-d].txt', file('x/ac.txt'), true],
  // Negation leaves out everything that it does not name
  ['!helm.txt', file('helm.txt'), false],
  ['!helm.txt', file('tiller.txt'), true],
  ['!*.txt', file('cargo'), true],
  ['!cargo/', file('helm.txt'), true],
  ['!mast/', folder('mast'), false],
  // The first rule that fits decides
  ['*.txt\n!helm.txt', file('helm.txt'), true],
  ['!*.txt\nhelm.txt', file('helm.txt'), true],
  // Helm's own rule: hidden files directly in templates/
  ['', file('templates/.dotfile'), true],
  ['', file('templates/x/.dotfile'), false],
  ['', file('.hidden'), false],
  ['# helm.txt\n   \n', file('helm.txt'), false],
  ['\ufeffhelm.txt\r\n', file('helm.txt'), true],
  ['  helm.txt  ', file('helm.txt'), true],
];

describe('.helmignore', () => {
  test.each(rows)('%j on %j', (text, [path, isFolder], expected) => {
    expect(parseHelmIgnore(text, './chart')(path, isFolder)).toBe(expected);
  });

  test.each([
    ['a\n**/b', /\.helmignore:2: `\*\*\/b` is refused: Helm knows no/],
    ['[', /\.helmignore:1: `\[` is refused/],
  ])('refuses %j with its line', (text, message) => {
    expect(() => parseHelmIgnore(text, './chart')).toThrow(
      expect.objectContaining({ code: 'PACKAGE_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
