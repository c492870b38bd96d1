import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { frame, frames } from '../../../src/adapters/kubernetes/websocket.ts';
import { connectWith, gather, thrownBy, writeKubeconfig } from './fake-api.ts';

test.each([0, 1, 125, 126, 65_535, 65_536, 100_000])(
  'a frame of %i bytes goes there and back',
  async (length) => {
    const data = randomBytes(length);
    const mask = Buffer.from([1, 2, 3, 4]);
    const sent = frame(2, data, mask);
    const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    expect(sent.subarray(header, header + 4)).toEqual(mask);
    const body = sent.subarray(header + 4).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    expect(Buffer.compare(body, data)).toBe(0);
    const received = Buffer.concat([sent.subarray(0, header), data]);
    received[1] = (received[1] ?? 0) & 0x7f;
    const pieces = (async function* () {
      for (let at = 0; at < received.length; at += 7_000) yield received.subarray(at, at + 7_000);
    })();
    const found = await gather(frames(pieces));
    expect(found.length).toBe(1);
    expect(found[0]).toMatchObject({ final: true, opcode: 2 });
    expect(Buffer.compare(found[0]?.data ?? Buffer.alloc(0), data)).toBe(0);
  },
);

test('a message that is too long ends it', async () => {
  const header = Buffer.alloc(10);
  header.writeUInt8(0x82, 0);
  header.writeUInt8(127, 1);
  header.writeBigUInt64BE(1n << 40n, 2);
  const source = (async function* () {
    yield header;
  })();
  await expect(gather(frames(source))).rejects.toThrow('too long');
});

/** One unmasked frame, as servers send them. */
function serverFrame(data: Buffer): Buffer {
  const size =
    data.length < 126
      ? Buffer.from([0x82, data.length])
      : Buffer.from([0x82, 126, data.length >> 8, data.length & 255]);
  return Buffer.concat([size, data]);
}

/** What the kubelet does, over plain http: an echo in capitals on channel 0, or an error on channel 1. */
async function kubelet(failure?: string) {
  const paths: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        kind: 'Status',
        code: 404,
        reason: 'NotFound',
        message: 'pods "gone" not found',
        details: { name: 'gone', kind: 'pods' },
      }),
    );
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('upgrade', (request, socket) => {
    paths.push(`${request.url} ${request.headers['sec-websocket-protocol']}`);
    if (request.url?.includes('/gone/'))
      return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    for (const channel of [0, 1]) socket.write(serverFrame(Buffer.from([channel, 0x90, 0x1f])));
    if (failure !== undefined)
      socket.write(serverFrame(Buffer.concat([Buffer.from([1]), Buffer.from(failure)])));
    return void echo(socket as Socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { paths, kubeconfig: await writeKubeconfig({ server: `http://127.0.0.1:${port}` }, {}) };
}

/** Answers short messages; the mask is taken off by hand. */
async function echo(socket: Socket): Promise<void> {
  for await (const chunk of socket) {
    const bytes = chunk as Buffer;
    const length = (bytes[1] ?? 0) & 0x7f;
    if ((bytes[0] ?? 0) !== 0x82) return;
    const data = bytes.subarray(6, 6 + length).map((byte, index) => byte ^ (bytes[2 + (index % 4)] ?? 0));
    const text = Buffer.from(data.subarray(1)).toString().toUpperCase();
    socket.write(serverFrame(Buffer.concat([Buffer.from([0]), Buffer.from(text)])));
  }
}

const pod = (name: string) => ({ group: '', kind: 'Pod', namespace: 'web', name });

test('bytes go to the pod and back, without the port that comes first', async () => {
  const { kubeconfig, paths } = await kubelet();
  const cluster = await connectWith({ kubeconfig });
  const stop = new AbortController();
  const { port } = await cluster.portForward(pod('one'), 8080, {
    signal: stop.signal,
    onError: () => undefined,
  });
  const socket = net.connect(port, '127.0.0.1');
  socket.write('hello');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toBe('HELLO');
  expect(paths).toEqual(['/api/v1/namespaces/web/pods/one/portforward?ports=8080 v4.channel.k8s.io']);
  const closed = once(socket, 'close');
  stop.abort();
  await closed;
  const refused = net.connect(port, '127.0.0.1');
  expect(await once(refused, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
});

test.each([
  [
    'an error of the kubelet',
    'one',
    'connection refused inside the pod\n',
    'Pod/web/one: port forwarding: connection refused inside the pod',
  ],
  ['a pod that is gone', 'gone', undefined, /^Pod\/web\/gone: /],
])('%s is told, and the connection ends', async (_, name, failure, message) => {
  const { kubeconfig } = await kubelet(failure);
  const cluster = await connectWith({ kubeconfig });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const errors: Error[] = [];
  const { port } = await cluster.portForward(pod(name), 80, {
    signal: stop.signal,
    onError: (error) => errors.push(error),
  });
  const socket = net.connect(port, '127.0.0.1').resume();
  await once(socket, 'close');
  await expect.poll(() => errors.length).toBe(1);
  expect(errors[0]?.message).toMatch(message);
});

test('a local port that is taken', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;
  const cluster = await connectWith({ kubeconfig: (await kubelet()).kubeconfig });
  const options = { localPort: port, signal: new AbortController().signal, onError: () => undefined };
  expect(await thrownBy(cluster.portForward(pod('one'), 80, options))).toMatchObject({
    code: 'USAGE',
    message: `127.0.0.1:${port}: the local port cannot be used`,
  });
});
