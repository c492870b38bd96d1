import { expect, test } from 'vitest';
import { collectionPath, objectPath, withQuery } from '../../../src/adapters/kubernetes/paths.ts';
import { connectTo, fakeApi, type Seen, status } from './fake-api.ts';

const kind = { group: 'apps', version: 'v1', kind: 'Deployment' };
const type = { ...kind, resource: 'deployments', namespaced: true, verbs: [], subresources: [] };

test.each([
  [collectionPath(type, ''), '/apis/apps/v1/deployments'],
  [collectionPath(type, 'web'), '/apis/apps/v1/namespaces/web/deployments'],
  [collectionPath({ ...type, namespaced: false }, 'web'), '/apis/apps/v1/deployments'],
  [collectionPath({ ...type, group: '', resource: 'pods' }, 'web'), '/api/v1/namespaces/web/pods'],
  [
    objectPath(type, { namespace: 'web', name: 'system:Big/Name' }),
    '/apis/apps/v1/namespaces/web/deployments/system%3ABig%2FName',
  ],
  [
    objectPath(type, { namespace: 'web', name: 'a' }, 'scale'),
    '/apis/apps/v1/namespaces/web/deployments/a/scale',
  ],
  [withQuery('/x', { a: undefined, b: '', c: false }), '/x'],
  [withQuery('/x', { a: 'b=c,d in (e)', n: 1, t: true }), '/x?a=b%3Dc%2Cd+in+%28e%29&n=1&t=true'],
])('%s', (path, expected) => {
  expect(path).toBe(expected);
});

const item = (name: string) => ({ metadata: { name, resourceVersion: '1' }, spec: {} });
const page = (names: string[], next?: string) => ({
  body: {
    metadata: { resourceVersion: '9', ...(next === undefined ? {} : { continue: next }) },
    items: names.map(item),
  },
});
const query = (request: Seen | undefined) =>
  Object.fromEntries(new URL(request?.path ?? '', 'https://x').searchParams);

test('a long list comes page by page and keeps the resourceVersion of the first', async () => {
  const api = await fakeApi((request) =>
    request.path.includes('continue=two') ? page(['c']) : page(['a', 'b'], 'two'),
  );
  const list = await (await connectTo(api)).list(kind, { namespace: 'web', labelSelector: 'x=y' });
  expect(list.items.map((object) => [object.apiVersion, object.kind, object.metadata.name])).toEqual([
    ['apps/v1', 'Deployment', 'a'],
    ['apps/v1', 'Deployment', 'b'],
    ['apps/v1', 'Deployment', 'c'],
  ]);
  expect(list.resourceVersion).toBe('9');
  expect(api.seen.map(query)).toEqual([
    { labelSelector: 'x=y', limit: '500' },
    { labelSelector: 'x=y', limit: '500', continue: 'two' },
  ]);
});

test('pages that expired on the way are read all at once', async () => {
  const api = await fakeApi((request) => {
    if (request.path.includes('continue')) return status(410, 'Expired', 'the continue parameter is too old');
    return request.path.includes('limit') ? page(['a'], 'two') : page(['a', 'b']);
  });
  const list = await (await connectTo(api)).listMetadata(kind, {});
  expect(list.items.map((object) => object.metadata.name)).toEqual(['a', 'b']);
  expect(list.items[0]).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: item('a').metadata });
});

test('what a gateway packed is unpacked', async () => {
  const { gzipSync } = await import('node:zlib');
  const packed = gzipSync(JSON.stringify({ ...item('a'), data: 'x'.repeat(100_000) }));
  const api = await fakeApi(() => (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(packed);
  });
  const object = await (await connectTo(api)).get({ ...kind, namespace: 'web', name: 'a' });
  expect(object?.data.length).toBe(100_000);
});

test.each([
  [403, 'Forbidden', 'no', {}, 'FORBIDDEN'],
  [404, 'NotFound', 'the server could not find the requested resource', {}, 'KIND_UNKNOWN'],
])('a %i is an error and never "absent"', async (code, reason, message, details, expected) => {
  const cluster = await connectTo(await fakeApi(() => status(code, reason, message, details)));
  await expect(cluster.get({ ...kind, namespace: 'web', name: 'a' })).rejects.toMatchObject({
    code: expected,
  });
});
