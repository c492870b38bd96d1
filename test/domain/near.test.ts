import { describe, expect, test } from 'vitest';
import { distance, nearest } from '../../src/domain/near.ts';

test.each([
  ['', '', 0],
  ['a', '', 1],
  ['', 'abc', 3],
  ['postgres', 'postgres', 0],
  ['postgrse', 'postgres', 1],
  ['postgre', 'postgres', 1],
  ['pstgres', 'postgres', 1],
  ['kitten', 'sitting', 3],
])('distance of %j and %j is %i', (a, b, expected) => {
  expect(distance(a, b)).toBe(expected);
  expect(distance(b, a)).toBe(expected);
});

describe('nearest', () => {
  const apps = ['grafana', 'gitea', 'mariadb', 'postgres', 'valkey', 'vaultwarden'];
  test.each([
    ['postgress', ['postgres']],
    ['postgresql', ['postgres']],
    ['Grafna', ['grafana']],
    ['vault', ['vaultwarden']],
    ['gite', ['gitea']],
    ['jenkins', []],
    ['x', []],
  ])('%s', (word, expected) => {
    expect(nearest(word, apps)).toEqual(expected);
  });

  test('answers no more than asked for, the best first', () => {
    expect(nearest('aab', ['abb', 'aab', 'aac', 'bab'], 2)).toEqual(['aab', 'aac']);
  });
});
