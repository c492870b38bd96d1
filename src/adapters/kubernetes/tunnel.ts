import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { connected } from './connected.ts';
import { socks5 } from './socks5.ts';

interface Target {
  readonly host: string;
  readonly port: number;
}

type Open = (proxy: URL, target: Target, deadline: AbortSignal) => Promise<Socket>;

/** Proxies by scheme. `socks5` resolves names at the proxy as `socks5h` does: the proxy is there to see the cluster's network. */
const proxies: Readonly<Record<string, Open>> = {
  'http:': httpTunnel,
  'https:': httpTunnel,
  'socks5:': socksTunnel,
  'socks5h:': socksTunnel,
};

/** A socket to the target through a proxy. */
export function tunnel(proxy: URL, target: Target, deadline: AbortSignal): Promise<Socket> {
  const open = proxies[proxy.protocol];
  if (open === undefined) {
    const kinds = Object.keys(proxies).join(', ');
    throw new Error(`unknown kind of proxy: ${proxy.protocol}//${proxy.host} (there are ${kinds})`);
  }
  return open(proxy, target, deadline);
}

async function socksTunnel(proxy: URL, target: Target, deadline: AbortSignal): Promise<Socket> {
  const socket = await toProxy(proxy, deadline);
  await orDestroy(socket, socks5(socket, proxy, target, deadline));
  return socket;
}

/** A socket that leads nowhere would keep the process up. */
async function orDestroy<T>(socket: Socket, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** CONNECT (RFC 9110 9.3.6), to an HTTP or HTTPS proxy. */
async function httpTunnel(proxy: URL, target: Target, deadline: AbortSignal): Promise<Socket> {
  const socket = await toProxy(proxy, deadline);
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, ...authorization(proxy), '', ''];
  socket.write(lines.join('\r\n'));
  const head = await orDestroy(socket, readHead(socket, deadline));
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  if (status !== '200') {
    socket.destroy();
    throw new Error(`the proxy ${proxy.protocol}//${proxy.host} answered ${status ?? 'no HTTP'} to CONNECT`);
  }
  return socket;
}

function authorization(proxy: URL): string[] {
  if (proxy.username === '') return [];
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return [`Proxy-Authorization: Basic ${Buffer.from(pair).toString('base64')}`];
}

function toProxy(proxy: URL, deadline: AbortSignal): Promise<Socket> {
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const port = Number(proxy.port) || defaultPorts[proxy.protocol] || 80;
  if (proxy.protocol !== 'https:') return connected(net.connect(port, host), 'connect', deadline);
  const name = net.isIP(host) === 0 ? { servername: host } : {};
  return connected(tls.connect({ host, port, ...name }), 'secureConnect', deadline);
}

const defaultPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'socks5:': 1080,
  'socks5h:': 1080,
};

/** Reads up to the empty line; what came after it (nothing, before TLS begins) is put back. */
async function readHead(socket: Socket, deadline: AbortSignal): Promise<string> {
  let head = Buffer.alloc(0);
  for (;;) {
    await once(socket, 'readable', { signal: deadline });
    const chunk = socket.read();
    if (chunk === null) {
      if (socket.readableEnded || socket.destroyed) throw new Error('the proxy closed the connection');
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0 && head.length > 16_384) throw new Error('the proxy answered no HTTP');
    if (end < 0) continue;
    if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
    return head.subarray(0, end).toString('latin1');
  }
}
