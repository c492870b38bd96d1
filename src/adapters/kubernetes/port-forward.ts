import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { AppstoreError } from '../../domain/errors.ts';
import { displayId, type ObjectId } from '../../domain/objects.ts';
import { type Api, typeOf } from './api.ts';
import { objectPath, withQuery } from './paths.ts';
import type { Upgrade } from './upgrade.ts';
import { openWebSocket, type WebSocketLink } from './websocket.ts';

/**
 * Port forwarding over a plain WebSocket: every message begins with the number of its channel, 0 for data and 1 for errors, and
 * the first message of each channel is the port again (pkg/kubelet/portforward/websocket.go). Every API server speaks it;
 * SPDY is not needed.
 */
const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;

interface ForwardOptions {
  readonly localPort?: number;
  readonly signal: AbortSignal;
  onError(error: Error): void;
}

/** Listens on 127.0.0.1 and gives every connection a WebSocket of its own. Throws where the local port is taken. */
export async function forwardPort(
  api: Api,
  upgrade: Upgrade,
  pod: ObjectId,
  port: number,
  options: ForwardOptions,
): Promise<{ readonly port: number }> {
  const { signal, onError } = options;
  const type = await typeOf(api, { group: '', version: 'v1', kind: 'Pod' }, signal);
  const request = {
    path: withQuery(objectPath(type, pod, 'portforward'), { ports: port }),
    protocol: PROTOCOL,
    subject: displayId(pod),
    signal,
  };
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    socket.on('error', () => undefined);
    serve(socket, () => openWebSocket(upgrade, request), request.subject).catch((error: unknown) => {
      socket.destroy();
      if (!signal.aborted) onError(error instanceof Error ? error : new Error(String(error)));
    });
  });
  await listen(server, options.localPort ?? 0);
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return { port: (server.address() as AddressInfo).port };
}

async function listen(server: net.Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new AppstoreError('USAGE', `127.0.0.1:${port}: the local port cannot be used`, {
      hint: 'Choose another local port.',
      cause: error,
    });
  }
}

async function serve(socket: Socket, open: () => Promise<WebSocketLink>, subject: string): Promise<void> {
  const link = await open();
  socket.once('close', () => link.close());
  await Promise.all([toPod(socket, link), toSocket(link, socket, subject)]);
}

async function toPod(socket: Socket, link: WebSocketLink): Promise<void> {
  for await (const chunk of socket) await link.send(Buffer.concat([Buffer.from([DATA]), chunk as Buffer]));
  // This protocol cannot say "that was all" for one direction, so both end when the local side is done.
  link.close();
}

async function toSocket(link: WebSocketLink, socket: Socket, subject: string): Promise<void> {
  const opened = new Set<number>();
  for await (const message of link.messages) {
    const channel = message[0] ?? DATA;
    const data = message.subarray(1);
    if (!opened.has(channel)) opened.add(channel);
    else if (channel === DATA) await writeAll(socket, data);
    else throw new AppstoreError('API_ERROR', `${subject}: port forwarding: ${data.toString().trim()}`);
  }
  socket.end();
}

async function writeAll(socket: Socket, data: Buffer): Promise<void> {
  if (socket.destroyed || socket.write(data)) return;
  await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
}
