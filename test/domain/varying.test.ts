import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/domain/json.ts';
import { differingPaths, isWithin } from '../../src/domain/varying.ts';

const paths = (one: Json, other: Json) => [...differingPaths(one, other)];

describe('differingPaths', () => {
  test.each<[string, Json, Json, string[]]>([
    ['equal values', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ['the innermost value', { a: [1, { b: 'x' }] }, { a: [1, { b: 'y' }] }, ['/a/1/b']],
    ['another type', { a: 1 }, { a: '1' }, ['/a']],
    ['an object with other keys', { a: { b: 1 } }, { a: { c: 1 } }, ['/a']],
    ['a list of another length', { a: [1] }, { a: [1, 2] }, ['/a']],
    ['a list in the place of an object', { a: [] }, { a: {} }, ['/a']],
    ['everything', 1, 2, ['']],
    ['keys with slashes', { 'a/b': { c: 1 } }, { 'a/b': { c: 2 } }, ['/a%2Fb/c']],
  ])('finds %s', (_, one, other, found) => expect(paths(one, other)).toEqual(found));
});

describe('isWithin', () => {
  test.each<[string[], string[], boolean]>([
    [[], [], true],
    [['/a/b'], ['/a/b'], true],
    [['/a/b'], ['/a'], true],
    [['/a/b'], [''], true],
    [['/a'], ['/a/b'], false],
    [['/ab'], ['/a'], false],
    [['/a', '/b'], ['/a'], false],
  ])('%j in %j: %s', (places, others, within) =>
    expect(isWithin(new Set(places), new Set(others))).toBe(within),
  );
});
