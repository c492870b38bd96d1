import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { testAuthority } from './web-server.ts';

/** What stands before replicas: ends TLS, and leads every request to one of them. */
export interface FrontDoor {
  readonly port: number;
  leadTo(address: string): void;
  close(): void;
}

/** Its certificate is of nobody that a browser knows. */
export async function frontDoor(first: string): Promise<FrontDoor> {
  let target = first;
  const { key, certificate } = testAuthority().issue('server');
  const server = createServer({ key, cert: certificate }, (incoming, outgoing) => {
    const { method = 'GET', headers, url = '/' } = incoming;
    const onward = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      // A replica that is gone cuts what it sent, as it does behind any door.
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    onward.once('error', () => (outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(502).end()));
    outgoing.once('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (address) => {
      target = address;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** One for a test, that leads to the same server always. Answers its port. */
export async function tlsFront(target: string): Promise<number> {
  const { port, close } = await frontDoor(target);
  onTestFinished(close);
  return port;
}
