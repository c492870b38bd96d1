import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { createAuthority, issueCertificate } from '../../src/adapters/sandbox/certificates.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface WebServer {
  /** `http://127.0.0.1:1234` */
  readonly url: string;
  readonly port: number;
  /** What was asked, in order. */
  readonly asked: readonly Asked[];
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

const validity = { notBefore: new Date('2020-01-01'), notAfter: new Date('2049-01-01') };

/** A certificate authority of a test, and what it signs. */
export function testAuthority() {
  const authority = createAuthority('test authority', validity);
  const issue = (usage: 'server' | 'client', addresses: readonly string[] = ['127.0.0.1']) =>
    issueCertificate(authority, {
      commonName: 'test',
      usage,
      addresses,
      names: ['localhost', 'catalog.example'],
      ...validity,
    });
  return { ca: authority.certificate, issue };
}

export interface ServerOptions {
  /** Any address of 127.0.0.0/8. */
  readonly address?: string;
  readonly tls?: { readonly key: string; readonly certificate: string; readonly clientCa?: string };
}

/** A web server on this machine, for one test. */
export async function webServer(answer: Answer, options: ServerOptions = {}): Promise<WebServer> {
  const { address = '127.0.0.1', tls } = options;
  const asked: Asked[] = [];
  const listen: RequestListener = (request, response) => {
    asked.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers });
    void Promise.resolve(answer(request, response)).catch((error: unknown) =>
      response.destroy(error as Error),
    );
  };
  const server =
    tls === undefined
      ? createServer(listen)
      : createTlsServer(
          {
            key: tls.key,
            cert: tls.certificate,
            ...(tls.clientCa === undefined
              ? {}
              : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
          },
          listen,
        );
  await new Promise<void>((listening) => server.listen(0, address, listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const found = server.address();
  const port = typeof found === 'object' && found !== null ? found.port : 0;
  return { url: `${tls === undefined ? 'http' : 'https'}://${address}:${port}`, port, asked };
}

/** A proxy on this machine, for which every host is this machine: forwards plain requests, and makes tunnels for the others. */
export async function webProxy(): Promise<WebServer & { readonly tunnels: readonly string[] }> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    tunnels.push(request.url ?? '');
    void forward(request, response);
  });
  server.on('connect', (request, socket: Socket) => {
    tunnels.push(request.url ?? '');
    const port = Number((request.url ?? '').split(':')[1]);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on('error', () => one.destroy());
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  const found = server.address();
  const port = typeof found === 'object' && found !== null ? found.port : 0;
  return { url: `http://127.0.0.1:${port}`, port, asked: [], tunnels };
}

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { port, pathname } = new URL(request.url ?? '');
  const answer = await fetch(`http://127.0.0.1:${port}${pathname}`);
  response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
}
