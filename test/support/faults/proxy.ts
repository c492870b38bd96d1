import { writeFile } from 'node:fs/promises';
import http2, {
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createAuthority, issueCertificate } from '../../../src/adapters/sandbox/certificates.ts';
import { readAdmin } from '../admin.ts';
import { type Exchange, type Fault, playFault } from './play.ts';

/** A request as it came to the proxy. */
export interface ProxyRequest {
  readonly method: string;
  readonly path: string;
  /** Counted from 1, in the order of arrival. */
  readonly number: number;
  /** The same among requests that write; dry runs, reviews and renewals of a lock left out. 0 for all others. */
  readonly write: number;
  readonly watch: boolean;
}

export type Decide = (request: ProxyRequest) => Fault | undefined;

/** A proxy before a real API server that does to requests what it is told. It speaks HTTP/2 and HTTP/1.1 over TLS. */
export interface FaultProxy {
  /** A kubeconfig that leads through the proxy, with a token of nobody: behind it everybody is the administrator. */
  readonly kubeconfig: string;
  /** Every request with what was done to it, for people who look at a failure. */
  readonly log: readonly string[];
  /** How many requests wrote. */
  writes(): number;
  /** Ends every connection and makes none for so long, as a server that restarts. */
  goDown(milliseconds: number): void;
  /** What is done from now on. */
  decide(decide: Decide): void;
  close(): void;
}

const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 7_200_000) };

/**
 * Starts a proxy on loopback before the server of a sandbox's kubeconfig.
 * @param folder Where its own kubeconfig is written.
 */
export async function faultProxy(
  upstream: string,
  folder: string,
  first: Decide = () => undefined,
): Promise<FaultProxy> {
  const admin = await readAdmin(upstream);
  const authority = createAuthority('faults-authority', validity);
  const own = issueCertificate(authority, {
    ...{ commonName: 'faults', usage: 'server', addresses: ['127.0.0.1'], ...validity },
  });
  const server = http2.createSecureServer({ cert: own.certificate, key: own.key, allowHTTP1: true });
  const agent = new Agent({ keepAlive: true, ...admin.tls });
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const log: string[] = [];
  const counts = { requests: 0, writes: 0 };
  let decide = first;
  let downUntil = 0;
  server.on('session', (session) => sessions.add(session));
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    if (performance.now() < downUntil) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('sessionError', () => undefined);
  server.on('request', (incoming, outgoing) => {
    const seen = describe(incoming, counts);
    const fault = decide(seen);
    log.push(
      `${seen.number} ${seen.method} ${seen.path} ${fault === undefined ? '' : JSON.stringify(fault)}`,
    );
    playFault(fault, exchange(incoming, outgoing, { server: admin.server, agent })).catch(() =>
      outgoing.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = `${folder}/faults-${port}.kubeconfig`;
  await writeFile(kubeconfig, kubeconfigText(port, authority.certificate));
  return {
    kubeconfig,
    log,
    writes: () => counts.writes,
    goDown: (milliseconds) => {
      downUntil = performance.now() + milliseconds;
      for (const socket of sockets) socket.destroy();
    },
    decide: (next) => {
      decide = next;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      agent.destroy();
    },
  };
}

const reviews = /^\/apis\/(authorization|authentication)\.k8s\.io\//;
/** How many there are depends on how fast the machine is. */
const isRenewal = (method: string, path: string) => method === 'PUT' && /\/leases\//.test(path);

function describe(incoming: Http2ServerRequest, counts: { requests: number; writes: number }): ProxyRequest {
  const { method, url: path } = incoming;
  const query = new URL(path, 'https://server').searchParams;
  const writes = method !== 'GET' && !query.has('dryRun') && !reviews.test(path) && !isRenewal(method, path);
  return {
    method,
    path,
    number: ++counts.requests,
    write: writes ? ++counts.writes : 0,
    watch: query.has('watch'),
  };
}

/** Headers that belong to one connection, and those that say who asks. */
const ownHeaders: ReadonlySet<string> = new Set([
  ...[
    'connection',
    'keep-alive',
    'transfer-encoding',
    'upgrade',
    'proxy-connection',
    'host',
    'authorization',
  ],
]);

function passed(headers: NodeJS.Dict<string | string[]>): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith(':') && !ownHeaders.has(name));
  return Object.fromEntries(
    kept.filter((entry): entry is [string, string | string[]] => entry[1] !== undefined),
  );
}

function exchange(
  incoming: Http2ServerRequest,
  outgoing: Http2ServerResponse,
  upstream: { readonly server: string; readonly agent: Agent },
): Exchange {
  const body = incoming.toArray().then((chunks) => Buffer.concat(chunks as Buffer[]));
  body.catch(() => undefined);
  return {
    outgoing,
    isHttp2: incoming.httpVersionMajor === 2,
    forward: async () => {
      const sent = await body;
      return new Promise((resolve, reject) => {
        const call = httpsRequest(
          `${upstream.server}${incoming.url}`,
          { method: incoming.method, headers: passed(incoming.headers), agent: upstream.agent },
          (answer) => {
            outgoing.once('close', () => answer.destroy());
            resolve({ status: answer.statusCode ?? 500, headers: passed(answer.headers), body: answer });
          },
        );
        call.once('error', reject);
        call.end(sent);
      });
    },
  };
}

function kubeconfigText(port: number, authority: string): string {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': Buffer.from(authority).toString('base64'),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'faults', cluster }],
    users: [{ name: 'faults', user: { token: 'passed-through-by-the-proxy' } }],
    contexts: [{ name: 'faults', context: { cluster: 'faults', user: 'faults' } }],
    'current-context': 'faults',
  });
}
