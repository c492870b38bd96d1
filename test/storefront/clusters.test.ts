import { describe, expect, test } from 'vitest';
import { operationId } from '../../src/server/operations/ids.ts';
import { carrying, contextFlag, isSandbox, shownCluster } from '../../src/storefront/clusters.ts';
import { addressOf, type Route, routeOf } from '../../src/storefront/router.ts';

const two = { clusters: ['a', 'b'], defaultCluster: 'a' };
const single = { clusters: ['a'], defaultCluster: 'a' };
const read = (address: string): Route => {
  const url = new URL(address, 'http://shop.example');
  return routeOf(url.pathname, url.search);
};
const operation = operationId({
  ...{ cluster: 'bü/2', namespace: 'team', name: 'db', operation: 'upgrade', key: 'k' },
});

describe('the cluster that is shown', () => {
  test.each<[string, string]>([
    ['/mine', 'b'],
    ['/mine?cluster=a', 'a'],
    ['/?q=sql&cluster=a', 'a'],
    ['/apps/c/app/install?cluster=a', 'a'],
    ['/mine/team/db?cluster=a', 'a'],
    // What names none is about the one that the server takes by itself, whichever was chosen.
    ['/mine/team/db', 'a'],
    [`/operations/${operation}`, 'bü/2'],
    ['/operations/none', 'b'],
    ['/nowhere', 'b'],
  ])('%s', (address, cluster) => expect(shownCluster(read(address), two, 'b')).toBe(cluster));

  test('is not spoken of where there is one', () => {
    expect(shownCluster(read('/mine/team/db'), single, '')).toBe('');
    expect(shownCluster(read('/mine'), single, '')).toBe('');
  });
});

test('links lead on in the cluster that is shown', () => {
  const to = (route: Route, known = two, cluster = 'b') => addressOf(carrying(route, known, cluster));
  expect(to({ page: 'mine' })).toBe('/mine?cluster=b');
  expect(to({ page: 'plans' })).toBe('/plans?cluster=b');
  expect(to({ page: 'app', catalog: 'c', app: 'x' })).toBe('/apps/c/x?cluster=b');
  expect(to({ page: 'install', catalog: 'c', app: 'x', version: '1.0.0' })).toBe(
    '/apps/c/x/install?version=1.0.0&cluster=b',
  );
  expect(to({ page: 'mine', cluster: 'a' })).toBe('/mine?cluster=a');
  expect(to({ page: 'mine' }, single, 'a')).toBe('/mine');
  // A cluster that is not known leads nowhere.
  expect(to({ page: 'mine' }, two, 'gone')).toBe('/mine');
});

test('a sandbox is told of where it is one, whichever cluster stands for none', () => {
  const session = { sandboxes: ['b'], defaultCluster: 'a' };
  expect(isSandbox(session, 'b')).toBe(true);
  expect(isSandbox(session, 'a')).toBe(false);
  expect(isSandbox(session, '')).toBe(false);
  expect(isSandbox({ ...session, defaultCluster: 'b' }, '')).toBe(true);
});

test('a command names the context where it is not the current one, and nobody knows those of others', () => {
  const caller = { name: 'ann', groups: [], mode: 'kubeconfig' };
  const session = { caller, defaultCluster: 'a' };
  expect(contextFlag(session, 'b')).toBe(' --context b');
  expect(contextFlag(session, "b's one")).toBe(` --context 'b'\\''s one'`);
  expect(contextFlag(session, 'a')).toBe('');
  expect(contextFlag(session, '')).toBe('');
  expect(contextFlag({ ...session, caller: { ...caller, mode: 'oidc' } }, 'b')).toBe('');
});
