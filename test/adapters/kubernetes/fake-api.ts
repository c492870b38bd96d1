import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http2, {
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { type ConnectOptions, connect } from '../../../src/adapters/kubernetes/connect.ts';
import {
  createAuthority,
  issueCertificate,
  type KeyedCertificate,
} from '../../../src/adapters/sandbox/certificates.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Cluster } from '../../../src/services/ports.ts';

/** A request as the fake server got it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Http2ServerRequest['headers'];
  readonly body: string;
  /** Ends the connection in the middle. */
  breakOff(): void;
}

export type Answer =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  /** Writes the answer by itself, or none. */
  | ((response: Http2ServerResponse) => void);

export interface FakeApi {
  readonly server: string;
  readonly port: number;
  readonly ca: string;
  readonly seen: Seen[];
  /** Connections so far, and how many requests were open at once at most. */
  readonly counts: { connections: number; open: number; most: number };
  /** Common names of the client certificates, one a connection that had one. */
  readonly clientNames: string[];
  /** Asks every connection to go elsewhere. */
  goAway(): void;
  client(): KeyedCertificate;
}

/** Names of the server's certificate. */
export interface FakeOptions {
  readonly addresses?: readonly string[];
  readonly names?: readonly string[];
  readonly requestClientCertificate?: boolean;
  /** Ends connections without a client certificate. */
  readonly rejectUnauthorized?: boolean;
}

const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };

/** An HTTPS server that answers as the test says; it speaks HTTP/2 and HTTP/1.1 and ends with the test. */
export async function fakeApi(
  answer: (request: Seen) => Answer | Promise<Answer>,
  options: FakeOptions = {},
): Promise<FakeApi> {
  const authority = createAuthority('test', validity);
  const { addresses = ['127.0.0.1'], names = [] } = options;
  const own = issueCertificate(authority, {
    commonName: 'server',
    usage: 'server',
    addresses,
    names,
    ...validity,
  });
  const server = http2.createSecureServer({
    cert: own.certificate,
    key: own.key,
    allowHTTP1: true,
    ...(options.requestClientCertificate
      ? {
          requestCert: true,
          rejectUnauthorized: options.rejectUnauthorized ?? false,
          ca: authority.certificate,
        }
      : {}),
  });
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const seen: Seen[] = [];
  const clientNames: string[] = [];
  const counts = { connections: 0, open: 0, most: 0 };
  server.on('session', (session) => sessions.add(session));
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('secureConnection', (socket: TLSSocket) => {
    counts.connections++;
    const name = socket.getPeerCertificate()?.subject?.CN;
    if (typeof name === 'string') clientNames.push(name);
  });
  server.on('sessionError', () => undefined);
  server.on('request', (request, response) => {
    counts.most = Math.max(counts.most, ++counts.open);
    response.on('close', () => counts.open--);
    reply(request, response, seen, answer).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return {
    server: `https://127.0.0.1:${port}`,
    port,
    ca: authority.certificate,
    seen,
    counts,
    clientNames,
    goAway: () => {
      for (const session of sessions) if (!session.destroyed) session.goaway(0);
    },
    client: () => issueCertificate(authority, { commonName: 'client', usage: 'client', ...validity }),
  };
}

async function reply(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  seen: Seen[],
  answer: (request: Seen) => Answer | Promise<Answer>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method, url: path, headers } = request;
  const body = Buffer.concat(chunks).toString();
  const breakOff = () => (request.stream?.session ?? request.socket).destroy();
  const got: Seen = { method, path, headers, body, breakOff };
  seen.push(got);
  const given = await answer(got);
  if (typeof given === 'function') return given(response);
  response.writeHead(given.status ?? 200, { 'content-type': 'application/json', ...given.headers });
  response.end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body ?? {}));
}

/** A Status object as the API server answers it. */
export function status(code: number, reason: string, message: string, details: JsonObject = {}): Answer {
  return { status: code, body: { apiVersion: 'v1', kind: 'Status', code, reason, message, details } };
}

/** A folder that goes with the test. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'appstore-adapter-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a kubeconfig with one context, and answers its path. */
export async function writeKubeconfig(cluster: JsonObject, user: JsonObject): Promise<string> {
  const file = join(await testFolder(), 'config');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}

/** The certificate authority of a fake server as a kubeconfig has it. */
export function clusterEntry(api: FakeApi): JsonObject {
  return { server: api.server, 'certificate-authority-data': Buffer.from(api.ca).toString('base64') };
}

/** Connects to a fake server, and closes with the test. */
export async function connectTo(
  api: FakeApi,
  given: {
    readonly user?: JsonObject;
    readonly cluster?: JsonObject;
    readonly options?: Partial<ConnectOptions>;
  } = {},
): Promise<Cluster> {
  const kubeconfig = await writeKubeconfig(
    { ...clusterEntry(api), ...given.cluster },
    given.user ?? { token: 'secret-token' },
  );
  return connectWith({ kubeconfig, ...given.options });
}

/** Connects with an environment of its own. */
export async function connectWith(options: Partial<ConnectOptions>): Promise<Cluster> {
  const cluster = await connect({
    env: {},
    home: '/nonexistent',
    cwd: '/',
    userAgent: 'appstore/test',
    ...options,
  });
  onTestFinished(() => cluster.close());
  return cluster;
}

/** What `/version` answers. */
export const version = { body: { major: '1', minor: '36', gitVersion: 'v1.36.3' } };

/** The error that a call ends with. */
export async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Everything that comes. */
export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
