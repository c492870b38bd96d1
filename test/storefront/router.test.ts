import { describe, expect, test } from 'vitest';
import { addressOf, type Route, routeOf, samePage } from '../../src/storefront/router.ts';

const read = (address: string): Route => {
  const url = new URL(address, 'http://shop.example');
  return routeOf(url.pathname, url.search);
};

describe('addresses', () => {
  test.each<[string, Route]>([
    ['/', { page: 'browse', query: '', category: '' }],
    ['/?q=sql&category=web', { page: 'browse', query: 'sql', category: 'web' }],
    ['/apps/builtin/postgres', { page: 'app', catalog: 'builtin', app: 'postgres' }],
    ['/apps/builtin/a?version=1.2.0', { page: 'app', catalog: 'builtin', app: 'a', version: '1.2.0' }],
    ['/apps/builtin/postgres/install', { page: 'install', catalog: 'builtin', app: 'postgres' }],
    ['/mine', { page: 'mine' }],
    ['/mine/ns/db', { page: 'deployment', tab: 'overview', cluster: '', namespace: 'ns', name: 'db' }],
    [
      '/mine/ns/db/history?cluster=prod',
      { page: 'deployment', tab: 'history', cluster: 'prod', namespace: 'ns', name: 'db' },
    ],
    ['/mine/ns/db/upgrade', { page: 'upgrade', cluster: '', namespace: 'ns', name: 'db' }],
    ['/mine/ns/db/remove', { page: 'remove', cluster: '', namespace: 'ns', name: 'db' }],
    [
      '/mine/ns/db/rollback?revision=3',
      { page: 'rollback', revision: 3, cluster: '', namespace: 'ns', name: 'db' },
    ],
    ['/plans', { page: 'plans' }],
    ['/plans/ns/db.0123456789', { page: 'plan', cluster: '', namespace: 'ns', id: 'db.0123456789' }],
    ['/plans/ns', { page: 'unknown', path: '/plans/ns' }],
    ['/operations/WyJh_x-1', { page: 'operation', id: 'WyJh_x-1' }],
    ['/mine/ns/db/rollback?revision=0', { page: 'unknown', path: '/mine/ns/db/rollback' }],
    ['/mine/ns', { page: 'unknown', path: '/mine/ns' }],
    ['/apps/builtin/postgres/install/more', { page: 'unknown', path: '/apps/builtin/postgres/install/more' }],
    ['/nothing', { page: 'unknown', path: '/nothing' }],
  ])('%s', (address, route) => expect(read(address)).toEqual(route));

  test('every page is found again by its address', () => {
    const places = [
      '/?q=a%26b&category=web',
      '/apps/my%2Fcat/a%20b?version=1.0.0%2Bx',
      '/?q=a&cluster=a%40b',
      '/apps/c/a/install?version=1.0.0&cluster=b',
      '/mine?cluster=b',
      '/plans?cluster=b',
      '/mine/n/a/settings?cluster=a%40b',
      '/plans/n/a.0123456789?cluster=a%40b',
    ];
    for (const place of places) expect(addressOf(read(place)), place).toBe(place);
    expect(read('/apps/my%2Fcat/a%20b')).toMatchObject({ catalog: 'my/cat', app: 'a b' });
  });

  test('a broken escape is text, not a crash', () => {
    expect(read('/apps/%E0%A4%A/x')).toMatchObject({ page: 'app', catalog: '%E0%A4%A' });
  });
});

test('the focus stays where another view of the same is shown', () => {
  expect(samePage(read('/?q=a'), read('/?q=ab'))).toBe(true);
  expect(samePage(read('/apps/c/a?version=1.0.0'), read('/apps/c/a'))).toBe(true);
  expect(samePage(read('/mine/n/a'), read('/mine/n/b'))).toBe(false);
  expect(samePage(read('/mine'), read('/'))).toBe(false);
});
