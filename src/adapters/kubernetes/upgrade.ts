import http, { type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { apiError, parseRefusal } from './api-errors.ts';
import { DialFailure, type RequestHeaders } from './connection.ts';
import type { Credentials } from './credentials.ts';
import { networkError } from './network-errors.ts';

/** Opens a socket of its own to the server and takes it over for another protocol (RFC 9110 7.8). */
export type Upgrade = (request: {
  readonly path: string;
  readonly headers: RequestHeaders;
  /** What it is about, for messages. */
  readonly subject: string;
  readonly signal: AbortSignal;
}) => Promise<{ readonly socket: Duplex; readonly response: IncomingMessage; readonly head: Buffer }>;

export interface UpgradeParts {
  readonly credentials: Credentials;
  /** A socket that speaks HTTP/1.1: HTTP/2 has no upgrade. */
  readonly dial: (signal: AbortSignal) => Promise<Socket>;
  readonly server: string;
  readonly proxy: URL | undefined;
  readonly basePath: string;
  readonly headers: RequestHeaders;
}

/** Throws ApiError where the server refuses, AppstoreError where it cannot be reached. */
export function upgrader(parts: UpgradeParts): Upgrade {
  return async ({ path, headers, subject, signal }) => {
    const credential = await parts.credentials.current();
    const socket = await parts.dial(signal).catch((error: unknown) => {
      throw error instanceof DialFailure ? networkError(parts.server, error, parts.proxy) : error;
    });
    return new Promise((resolve, reject) => {
      const request = http.get({
        createConnection: () => socket,
        path: parts.basePath + path,
        headers: { ...parts.headers, ...credential.headers, ...headers },
        signal,
      });
      request.once('error', (error) =>
        reject(signal.aborted ? signal.reason : networkError(parts.server, error)),
      );
      request.once('upgrade', (response, upgraded, head) => resolve({ socket: upgraded, response, head }));
      request.once('response', (response) => {
        refusalOf(response).then((refusal) => reject(apiError(refusal, subject)), reject);
      });
    });
  };
}

async function refusalOf(response: IncomingMessage) {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return parseRefusal(response.statusCode ?? 0, Buffer.concat(chunks).toString());
}
