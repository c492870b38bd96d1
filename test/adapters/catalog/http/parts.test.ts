import { describe, expect, test } from 'vitest';
import { loginOfNetrc } from '../../../../src/adapters/catalog/http/netrc.ts';
import { mayLead, type Reach, reachOf } from '../../../../src/adapters/catalog/http/reach.ts';
import { seeded } from '../../../support/random.ts';

describe('where an address lies', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['172.15.0.1', 'public'],
    ['172.32.0.1', 'public'],
    ['2606:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.178.20', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:a00:1', 'private'],
    ['127.0.0.1', 'here'],
    ['127.255.255.254', 'here'],
    ['0.0.0.0', 'here'],
    ['169.254.169.254', 'here'],
    ['::1', 'here'],
    ['::', 'here'],
    ['fe80::1', 'here'],
    ['::ffff:127.0.0.1', 'here'],
    ['::ffff:7f00:1', 'here'],
    ['64:ff9b::7f00:1', 'here'],
    ['64:ff9b::a9fe:a9fe', 'here'],
    ['224.0.0.1', 'here'],
    ['255.255.255.255', 'here'],
    ['no address', 'here'],
  ] satisfies [string, Reach][])('%s is %s', (address, expected) => {
    expect(reachOf(address)).toBe(expected);
  });

  test('nothing leads further inside', () => {
    const all: readonly Reach[] = ['public', 'private', 'here'];
    expect(all.map((from) => all.filter((to) => mayLead(from, to)))).toEqual([
      ['public'],
      ['public', 'private'],
      ['public', 'private', 'here'],
    ]);
  });
});

describe('netrc', () => {
  test.each<[string, string, { username: string; password: string } | undefined]>([
    ['machine a.com login ann password one', 'a.com', { username: 'ann', password: 'one' }],
    [
      'machine a.com\n  login ann\n  password one\nmachine b.com login bob password two',
      'b.com',
      { username: 'bob', password: 'two' },
    ],
    ['machine A.com login ann password one', 'a.COM', { username: 'ann', password: 'one' }],
    ['machine a.com login ann password "o \\"ne"', 'a.com', { username: 'ann', password: 'o "ne' }],
    [
      '# machine a.com login x password y\nmachine a.com login ann password one',
      'a.com',
      { username: 'ann', password: 'one' },
    ],
    ['machine a.com password token', 'a.com', { username: '', password: 'token' }],
    [
      'default login d password e\nmachine a.com login ann password one',
      'a.com',
      { username: 'd', password: 'e' },
    ],
    ['machine a.com login machine password default', 'a.com', { username: 'machine', password: 'default' }],
    [
      'machine b.com macdef init\ncd x\nmachine a.com login x password y\n\nmachine a.com login ann password one',
      'a.com',
      { username: 'ann', password: 'one' },
    ],
    ['machine a.com login ann', 'a.com', undefined],
    ['machine notreally-a.com login ann password one', 'a.com', undefined],
    ['', 'a.com', undefined],
  ])('%j', (text, host, expected) => {
    expect(loginOfNetrc(text, host)).toEqual(expected);
  });

  test('5000 mutated files give a login or none', () => {
    const next = seeded(3);
    const words = [
      'machine',
      'default',
      'login',
      'password',
      'macdef',
      'a.com',
      '"',
      '\\',
      '#',
      '\n',
      '\n\n',
      ' ',
      'x',
    ];
    for (let run = 0; run < 5_000; run += 1) {
      const text = Array.from({ length: next(40) }, () => words[next(words.length)]).join(
        next(2) === 0 ? ' ' : '',
      );
      const login = loginOfNetrc(text, 'a.com');
      expect(login === undefined || typeof login.password === 'string').toBe(true);
    }
  });
});
