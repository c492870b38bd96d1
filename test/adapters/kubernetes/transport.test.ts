import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectTo, connectWith, fakeApi, status, thrownBy, version, writeKubeconfig } from './fake-api.ts';

const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'web', name: 'one' };
const object = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'web', name: 'one' },
  data: { a: '1' },
};
const live = { ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: '7' } };

test('many requests share one connection and stay below its limit of streams', async () => {
  const api = await fakeApi(() => (response) => {
    setImmediate(() => response.end(JSON.stringify(live)));
  });
  const cluster = await connectTo(api);
  await Promise.all(Array.from({ length: 300 }, () => cluster.get(ref)));
  expect(api.seen.length).toBe(300);
  expect(api.counts.connections).toBe(1);
  expect(api.counts.most).toBeLessThan(100);
  expect(api.counts.most).toBeGreaterThan(64);
});

test('HTTP/1.1 keeps its connections and opens no more than it may', async () => {
  const api = await fakeApi(() => ({ body: live }));
  const cluster = await connectTo(api, { options: { env: { DISABLE_HTTP2: '1' } } });
  for (let round = 0; round < 3; round++)
    await Promise.all(Array.from({ length: 50 }, () => cluster.get(ref)));
  expect(api.seen.length).toBe(150);
  expect(api.counts.connections).toBeLessThanOrEqual(32);
});

test('a header names the program, and the credentials go along', async () => {
  const api = await fakeApi(() => version);
  await (await connectTo(api)).version();
  expect(api.seen[0]?.headers).toMatchObject({
    'user-agent': 'appstore/test',
    authorization: 'Bearer secret-token',
    accept: 'application/json',
  });
});

test('a GOAWAY ends nothing: what is under way is finished, what comes next goes to a new connection', async () => {
  const waiting: (() => void)[] = [];
  const api = await fakeApi((request) =>
    request.path.endsWith('slow')
      ? (response) => waiting.push(() => response.end(JSON.stringify(live)))
      : { body: live },
  );
  const cluster = await connectTo(api);
  const slow = cluster.get({ ...ref, name: 'slow' });
  await expect.poll(() => waiting.length).toBe(1);
  api.goAway();
  await Promise.all([cluster.get(ref), cluster.get(ref)]);
  await expect
    .poll(async () => {
      await cluster.get(ref);
      return api.counts.connections;
    })
    .toBe(2);
  waiting[0]?.();
  expect((await slow)?.metadata.name).toBe('one');
});

test('closing does not wait for a server that sent a GOAWAY and keeps the connection', async () => {
  const api = await fakeApi(() => (response) => {
    response.stream.session?.goaway(0);
    response.end(JSON.stringify(live));
  });
  const cluster = await connectTo(api);
  await cluster.get(ref);
  await cluster.get(ref);
  await cluster.close();
});

test('a read whose connection breaks is repeated, and it is told', async () => {
  let count = 0;
  const states: string[] = [];
  const api = await fakeApi((request) => {
    if (++count === 2) request.breakOff();
    return { body: live };
  });
  const cluster = await connectTo(api, { options: { onConnection: (state) => states.push(state) } });
  await cluster.get(ref);
  expect(await cluster.get(ref)).toMatchObject({ data: { a: '1' } });
  expect(count).toBe(3);
  expect(states).toEqual(['lost', 'restored']);
});

test('server errors on a read and an apply are repeated', async () => {
  let count = 0;
  const api = await fakeApi(() =>
    ++count % 2 === 1 ? status(503, 'ServiceUnavailable', 'later') : { body: live },
  );
  const cluster = await connectTo(api);
  await cluster.get(ref);
  await cluster.apply(object, { fieldManager: 'appstore' });
  expect(api.seen.map((request) => request.method)).toEqual(['GET', 'GET', 'PATCH', 'PATCH']);
});

test('a create whose answer was lost is found to be done, not called a conflict', async () => {
  let count = 0;
  const api = await fakeApi((request) => {
    if (request.method === 'GET') return { body: live };
    if (++count === 1) request.breakOff();
    return status(409, 'AlreadyExists', 'configmaps "one" already exists', {
      name: 'one',
      kind: 'configmaps',
    });
  });
  const cluster = await connectTo(api);
  expect(await cluster.create(object)).toEqual(live);
  expect(api.seen.map((request) => request.method)).toEqual(['POST', 'POST', 'GET']);
});

test('a replace whose answer was lost is a conflict where somebody else wrote meanwhile', async () => {
  let count = 0;
  const api = await fakeApi((request) => {
    if (request.method === 'GET') return { body: { ...live, data: { a: 'theirs' } } };
    if (++count === 1) request.breakOff();
    return status(409, 'Conflict', 'the object has been modified', { name: 'one' });
  });
  const cluster = await connectTo(api);
  const call = cluster.replace({ ...object, metadata: { ...object.metadata, resourceVersion: '6' } });
  expect(await thrownBy(call)).toMatchObject({ code: 'API_CONFLICT' });
});

test('a conflict at the first try is a conflict at once', async () => {
  const api = await fakeApi(() => status(409, 'AlreadyExists', 'exists', { name: 'one' }));
  const cluster = await connectTo(api);
  expect(await thrownBy(cluster.create(object))).toMatchObject({ code: 'API_CONFLICT' });
  expect(api.seen.length).toBe(1);
});

test('a delete without a UID is not repeated after a broken connection', async () => {
  const api = await fakeApi((request) => {
    request.breakOff();
    return {};
  });
  const cluster = await connectTo(api);
  expect(await thrownBy(cluster.delete(ref))).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  expect(api.seen.length).toBe(1);
});

test('the page of a gateway is no answer', async () => {
  const api = await fakeApi(() => ({ body: '<html>Sign in</html>' }));
  const cluster = await connectTo(api);
  expect(await thrownBy(cluster.version())).toMatchObject({
    code: 'API_ERROR',
    message: expect.stringContaining('not a JSON object'),
  });
});

test('an abort ends the request with its reason', async () => {
  const api = await fakeApi(() => () => undefined);
  const cluster = await connectTo(api);
  const control = new AbortController();
  const call = thrownBy(cluster.get(ref, control.signal));
  await expect.poll(() => api.seen.length).toBe(1);
  control.abort(new Error('stopped by the user'));
  expect(await call).toMatchObject({ message: 'stopped by the user' });
});

test('a path below the host is kept', async () => {
  const api = await fakeApi(() => version);
  const cluster = await connectTo(api, { cluster: { server: `${api.server}/k8s/clusters/c-1/` } });
  await cluster.version();
  expect(api.seen[0]?.path).toBe('/k8s/clusters/c-1/version');
});

test('an abort is heard while there is no connection yet', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const server = `https://127.0.0.1:${port}`;
  const cluster = await connectWith({ kubeconfig: await writeKubeconfig({ server }, {}) });
  const control = new AbortController();
  const call = thrownBy(cluster.version(control.signal));
  silent.once('connection', (socket) => {
    onTestFinished(() => void socket.destroy());
    control.abort(new Error('stopped by the user'));
  });
  expect(await call).toMatchObject({ message: 'stopped by the user' });
});

test('a server that wants a client certificate says so at once', async () => {
  const api = await fakeApi(() => version, { requestClientCertificate: true, rejectUnauthorized: true });
  expect(await thrownBy((await connectTo(api)).version())).toMatchObject({ code: 'CLUSTER_TLS' });
  expect(api.counts.connections).toBeLessThanOrEqual(1);
});

test('who takes the connection and never answers is given up after 32 s, and not asked again', async () => {
  const api = await fakeApi(() => () => undefined);
  const cluster = await connectTo(api);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const failure = thrownBy(cluster.version());
  while (api.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(32_000);
  expect(await failure).toMatchObject({
    code: 'CLUSTER_UNREACHABLE',
    message: `${api.server}: no answer in time (ETIMEDOUT)`,
  });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(api.seen.length).toBe(1);
});
