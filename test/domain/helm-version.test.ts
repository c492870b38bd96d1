import { describe, expect, test } from 'vitest';
import {
  compareHelmVersions,
  inHelmRange,
  parseHelmRange,
  parseHelmVersion,
} from '../../src/domain/helm-version.ts';

describe('versions as Helm reads them', () => {
  test.each([
    ['1.2.3', '1.2.3'],
    ['v1.2', '1.2.0'],
    ['1', '1.0.0'],
    ['01.02.3', '1.2.3'],
    ['1.2.3-rc.1+b5', '1.2.3-rc.1'],
    ['1.2-beta', '1.2.0-beta'],
    ['1.2.3.4', undefined],
    ['latest', undefined],
    ['', undefined],
    ['__proto__', undefined],
    [`${'9'.repeat(300)}.0.0`, undefined],
  ])('%s', (text, expected) => {
    expect(parseHelmVersion(text)?.version).toBe(expected);
  });

  test('newest first, and what is none at the end', () => {
    expect(['x', '1.9.0', 'v1.10', '1.10.0-rc.1', 'a'].toSorted(compareHelmVersions)).toEqual([
      'v1.10',
      '1.10.0-rc.1',
      '1.9.0',
      'a',
      'x',
    ]);
  });
});

describe('ranges as Helm reads them', () => {
  test.each([
    ['>= 1.0, < 2.0', '1.4.0', true],
    ['>= 1.0, < 2.0', '2.0.0', false],
    ['>=1.0 <2.0 || >=3', '3.1.0', true],
    ['!=1.2.3', '1.2.3', false],
    ['!=1.2.3', '1.2.4', true],
    ['>=1.0, != 1.2', '1.2.7', false],
    ['~> 1.2', '1.2.9', true],
    ['=> 1.2', '1.3.0', true],
    ['=<1.2.0', '1.2.1', false],
    ['1.x.x', '1.9.0', true],
    ['1.2 - 1.4', '1.4.9', true],
    ['^0.3', '0.4.0', false],
    ['*', '1.0.0-rc.1', false],
    ['>=1.2.0-0', '1.3.0-beta', true],
    ['^1.2.0', '1.3.0-beta', false],
    ['>0.0.0-0', '5.0.0-alpha', true],
    ['', '1.0.0', true],
  ])('%s and %s', (range, version, expected) => {
    const [allowed, parsed] = [parseHelmRange(range), parseHelmVersion(version)];
    if (allowed === undefined || parsed === undefined) throw new Error('not read');
    expect(inHelmRange(parsed, allowed)).toBe(expected);
  });

  test.each(['new', '>=', '1.2.3.4', '>>1', ' '.repeat(600)])('%j is none', (range) => {
    expect(parseHelmRange(range)).toBeUndefined();
  });
});
