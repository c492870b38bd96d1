import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { proxyFor } from '../../../src/adapters/kubernetes/proxy.ts';
import { connectTo, fakeApi, thrownBy, version } from './fake-api.ts';

describe('which proxy', () => {
  const both = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:2' };

  test.each<[string, Record<string, string>, string | undefined, string | undefined]>([
    ['https://k.example', {}, undefined, undefined],
    ['https://k.example', both, undefined, 'http://secure:1/'],
    ['http://k.example', both, undefined, 'http://plain:2/'],
    ['https://k.example', { https_proxy: 'bare:3' }, undefined, 'http://bare:3/'],
    ['https://k.example', both, 'socks5://mine:4', 'socks5://mine:4'],
    ['https://127.0.0.1:6443', both, undefined, undefined],
    ['https://[::1]:6443', both, undefined, undefined],
    ['https://localhost:6443', both, undefined, undefined],
    ['https://127.0.0.1:6443', both, 'http://mine:4', 'http://mine:4/'],
  ])('%s with %j and proxy-url %s: %s', (server, env, proxyUrl, expected) => {
    expect(proxyFor(new URL(server), proxyUrl, env)?.href).toBe(expected);
  });

  test.each<[string, string, boolean]>([
    ['https://k.example', 'k.example', false],
    ['https://k.example', 'example', false],
    ['https://k.example', '.example', false],
    ['https://k.example', '*.example', false],
    ['https://example', '.example', true],
    ['https://k.example', 'other, K.EXAMPLE ', false],
    ['https://k.example:6443', 'k.example:443', true],
    ['https://k.example', 'k.example:443', false],
    ['https://k.example', '*', false],
    ['https://notk.example', 'k.example', true],
    ['https://10.1.2.3', '10.0.0.0/8', false],
    ['https://10.1.2.3', '10.2.0.0/16', true],
    ['https://10.1.2.3', '10.1.2.3', false],
    ['https://10.1.2.3:6443', '10.1.2.3:6443', false],
    ['https://10.1.2.3', 'fd00::/8', true],
    ['https://[fd00::1]', 'fd00::/8', false],
    ['https://10.1.2.3', '2.3', true],
  ])('%s with NO_PROXY %s uses the proxy: %s', (server, NO_PROXY, used) => {
    expect(proxyFor(new URL(server), undefined, { ...both, NO_PROXY }) !== undefined).toBe(used);
  });
});

/** An HTTP proxy that notes what it was asked for; it answers `answer` or opens the tunnel. */
async function httpProxy(answer?: string) {
  const asked: { target: string; authorization: string | undefined }[] = [];
  const server = createHttpServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request, socket) => {
    asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    if (answer !== undefined) return socket.end(answer);
    const [host, port] = (request.url ?? '').split(':');
    const out = net.connect(Number(port), host);
    sockets.add(out);
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.pipe(out).pipe(socket);
    return undefined;
  });
  return { asked, port: await listen(server, sockets) };
}

async function listen(server: net.Server, sockets: Set<Socket>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

describe('through it', () => {
  test('an HTTP proxy with user and password', async () => {
    const [api, proxy] = await Promise.all([fakeApi(() => version), httpProxy()]);
    const cluster = await connectTo(api, {
      cluster: { 'proxy-url': `http://me:p%40ss@127.0.0.1:${proxy.port}` },
    });
    expect(await cluster.version()).toMatchObject({ minor: 36 });
    const authorization = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    expect(proxy.asked).toEqual([{ target: `127.0.0.1:${api.port}`, authorization }]);
  });

  test('a proxy that refuses is named', async () => {
    const [api, proxy] = await Promise.all([
      fakeApi(() => version),
      httpProxy('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
    ]);
    const cluster = await connectTo(api, { cluster: { 'proxy-url': `http://127.0.0.1:${proxy.port}` } });
    expect(await thrownBy(cluster.version())).toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: expect.stringMatching(
        /through the proxy http:\/\/127.0.0.1:\d+: the proxy .* answered 407 to CONNECT/,
      ),
    });
  });

  test('a kind of proxy that there is not', async () => {
    const api = await fakeApi(() => version);
    const cluster = await connectTo(api, { cluster: { 'proxy-url': 'gopher://127.0.0.1:70' } });
    expect(await thrownBy(cluster.version())).toMatchObject({
      message: expect.stringContaining('unknown kind of proxy: gopher://127.0.0.1:70'),
    });
  });

  test('a SOCKS5 proxy with user and password', async () => {
    const api = await fakeApi(() => version);
    const sockets = new Set<Socket>();
    const asked: string[] = [];
    const server = net.createServer((socket) => {
      sockets.add(socket);
      serveSocks(socket, asked, sockets).catch((error: unknown) => socket.destroy(error as Error));
    });
    const port = await listen(server, sockets);
    const cluster = await connectTo(api, {
      cluster: { 'proxy-url': `socks5://me:secret@127.0.0.1:${port}` },
    });
    expect(await cluster.version()).toMatchObject({ minor: 36 });
    expect(asked).toEqual(['me/secret', `127.0.0.1:${api.port}`]);
  });
});

/** The server's side of RFC 1928 and RFC 1929, as far as one connection needs it. */
async function serveSocks(socket: Socket, asked: string[], sockets: Set<Socket>): Promise<void> {
  const read = async (count: number): Promise<Buffer> => {
    for (;;) {
      const chunk: Buffer | null = socket.read(count);
      if (chunk !== null) return chunk;
      await once(socket, 'readable');
    }
  };
  const text = async () => (await read((await read(1))[0] ?? 0)).toString();
  const methods = (await read(2))[1] ?? 0;
  await read(methods);
  socket.write(Buffer.from([5, 2]));
  await read(1);
  asked.push(`${await text()}/${await text()}`);
  socket.write(Buffer.from([1, 0]));
  await read(4);
  const host = await text();
  const port = (await read(2)).readUInt16BE();
  asked.push(`${host}:${port}`);
  const out = net.connect(port, host);
  sockets.add(out);
  socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
  socket.pipe(out).pipe(socket);
}
