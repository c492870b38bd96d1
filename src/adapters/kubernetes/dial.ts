import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { connected } from './connected.ts';
import { DialFailure } from './connection.ts';
import type { TlsMaterial } from './credentials.ts';
import { deadline } from './deadline.ts';

/** Where the API server is and how its certificate is checked. */
export interface Endpoint {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path below which the API lies, without a slash at the end: Rancher and other gateways have one. */
  readonly basePath: string;
  /** `tls-server-name`: the name to expect in the certificate instead of the host. */
  readonly serverName?: string;
  readonly insecure: boolean;
}

/** Time to a connection, TLS included. */
const DIAL_TIMEOUT = 10_000;

/** How a socket is made. */
export interface DialOptions {
  readonly material: TlsMaterial;
  readonly proxy: URL | undefined;
  /** Offered to the server, the best first (ALPN). */
  readonly protocols: readonly string[];
  /** Aborts when the socket is not wanted any more. */
  readonly signal: AbortSignal;
}

/** Opens a socket to the API server, through the proxy where there is one. Throws DialFailure with the cause. */
export async function dial(
  endpoint: Endpoint,
  { material, proxy, protocols, signal }: DialOptions,
): Promise<Socket> {
  // Not `AbortSignal.any` of a timeout: what it makes can be collected as garbage while it is waited for, and then never aborts
  const limit = deadline(DIAL_TIMEOUT, signal);
  try {
    const raw = await reach(endpoint, proxy, limit.signal);
    raw.setNoDelay(true);
    raw.setKeepAlive(true, 30_000);
    return endpoint.secure
      ? await secure(raw, endpoint, { material, protocols, deadline: limit.signal })
      : raw;
  } catch (error) {
    throw new DialFailure(limit.expired() ? timeoutError() : error);
  } finally {
    limit.done();
  }
}

async function reach(endpoint: Endpoint, proxy: URL | undefined, deadline: AbortSignal): Promise<Socket> {
  if (proxy === undefined) return connected(net.connect(endpoint.port, endpoint.host), 'connect', deadline);
  const { tunnel } = await import('./tunnel.ts');
  return tunnel(proxy, endpoint, deadline);
}

function secure(
  socket: Socket,
  endpoint: Endpoint,
  { material, protocols, deadline }: Omit<DialOptions, 'proxy' | 'signal'> & { deadline: AbortSignal },
): Promise<Socket> {
  const name = endpoint.serverName ?? endpoint.host;
  const options: tls.ConnectionOptions = {
    ...material,
    socket,
    host: name,
    rejectUnauthorized: !endpoint.insecure,
    ALPNProtocols: [...protocols],
  };
  // An address is no server name (RFC 6066); the certificate is still checked against it.
  if (net.isIP(name) === 0) options.servername = name;
  return connected(tls.connect(options), 'secureConnect', deadline);
}

function timeoutError(): Error {
  return Object.assign(new Error(`no answer within ${DIAL_TIMEOUT / 1000} s`), { code: 'ETIMEDOUT' });
}
