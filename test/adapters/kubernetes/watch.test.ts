import { expect, test } from 'vitest';
import { lines } from '../../../src/adapters/kubernetes/watch.ts';
import { connectTo, fakeApi, gather, status, thrownBy } from './fake-api.ts';

const kind = { group: '', version: 'v1', kind: 'Secret' };

function line(type: string, name: string, resourceVersion: string): string {
  return `${JSON.stringify({ type, object: { kind: 'X', metadata: { name, resourceVersion } } })}\n`;
}

const options = () => ({ namespace: 'web', resourceVersion: '5', signal: new AbortController().signal });

test.each<[string[], string[]]>([
  [['a\nb\n'], ['a', 'b']],
  [
    ['a', 'b\nc', '\n'],
    ['ab', 'c'],
  ],
  [
    ['a\n\n\nb\n', 'cut off'],
    ['a', 'b'],
  ],
  [[], []],
])('%j is cut into %j', async (chunks, expected) => {
  const source = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  expect(await gather(lines(source))).toEqual(expected);
});

test('a letter of several bytes may come in two pieces', async () => {
  const bytes = Buffer.from('"ü"\n');
  const source = (async function* () {
    yield bytes.subarray(0, 2);
    yield bytes.subarray(2);
  })();
  expect(await gather(lines(source))).toEqual(['"ü"']);
});

test('events, bookmarks and an end in good order; metadata under the kind that was asked for', async () => {
  const api = await fakeApi(() => ({
    body:
      line('ADDED', 'a', '6') +
      line('MODIFIED', 'a', '7') +
      line('BOOKMARK', '', '9') +
      line('DELETED', 'a', '10'),
  }));
  const cluster = await connectTo(api);
  const events = await gather(cluster.watchMetadata(kind, { ...options(), labelSelector: 'a=b' }));
  expect(events).toEqual([
    {
      type: 'added',
      object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', resourceVersion: '6' } },
    },
    {
      type: 'modified',
      object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', resourceVersion: '7' } },
    },
    { type: 'bookmark', resourceVersion: '9' },
    {
      type: 'deleted',
      object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', resourceVersion: '10' } },
    },
  ]);
  const url = new URL(api.seen[0]?.path ?? '', api.server);
  expect(url.pathname).toBe('/api/v1/namespaces/web/secrets');
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    watch: '1',
    allowWatchBookmarks: 'true',
    resourceVersion: '5',
    labelSelector: 'a=b',
  });
  expect(api.seen[0]?.headers.accept).toContain('as=PartialObjectMetadata');
});

test('a connection that breaks in the middle is opened again from where it was', async () => {
  let count = 0;
  const api = await fakeApi((request) => {
    if (++count > 1) return { body: line('ADDED', 'b', '8') };
    return (response) => {
      response.writeHead(200);
      response.write(line('ADDED', 'a', '6'));
      setTimeout(request.breakOff, 20);
    };
  });
  const events = await gather((await connectTo(api)).watch(kind, options()));
  expect(events.map((event) => 'object' in event && event.object.metadata.name)).toEqual(['a', 'b']);
  expect(api.seen.map((request) => /resourceVersion=(\d+)/.exec(request.path)?.[1])).toEqual(['5', '6']);
});

test.each([
  [
    'as an event',
    {
      body: `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } })}\n`,
    },
  ],
  ['as the answer', status(410, 'Expired', 'too old')],
])('410 %s is thrown', async (_, answer) => {
  const cluster = await connectTo(await fakeApi(() => answer));
  expect(await thrownBy(gather(cluster.watch(kind, options())))).toMatchObject({
    failure: { status: 410 },
    message: 'Secret: too old',
  });
});

test('watches have connections of their own, and more than one of them where there are many', async () => {
  const api = await fakeApi((request) => {
    if (!request.path.includes('watch=1')) return { body: { metadata: { name: 'x' } } };
    return (response) => {
      response.writeHead(200);
      response.write(line('ADDED', 'a', '6'));
    };
  });
  const cluster = await connectTo(api);
  const stop = new AbortController();
  let started = 0;
  const watches = Array.from({ length: 130 }, async () => {
    for await (const _ of cluster.watch(kind, { ...options(), signal: stop.signal })) started++;
  });
  await expect.poll(() => started, { timeout: 10_000 }).toBe(130);
  await cluster.get({ ...kind, namespace: 'web', name: 'x' });
  expect(api.counts.connections).toBe(6);
  stop.abort();
  await Promise.all(watches);
});

test('ending the loop ends the request', async () => {
  const api = await fakeApi(() => (response) => {
    response.writeHead(200);
    response.write(line('ADDED', 'a', '6'));
  });
  const cluster = await connectTo(api);
  for await (const _ of cluster.watch(kind, options())) break;
  await expect.poll(() => api.counts.open).toBe(0);
});
