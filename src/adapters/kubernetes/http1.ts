import http from 'node:http';
import type { Socket } from 'node:net';
import { type Connection, LostConnection, type WireRequest, type WireResponse } from './connection.ts';
import { wireBody } from './wire-body.ts';

/** Sockets at once. Each costs a TLS handshake on both sides, so fewer than the streams of HTTP/2. */
const SOCKETS = 32;

/**
 * Kept-alive HTTP/1.1. `first` is the socket on which the protocol was negotiated; `dial` makes further ones, already
 * with TLS where the server has it, which is why the plain agent of Node is enough.
 */
export function openHttp1(first: Socket, dial: () => Promise<Socket>): Connection {
  let spare: Socket | undefined = first;
  let open = true;
  const agent = new http.Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const sockets = agent as unknown as { createConnection: CreateConnection };
  sockets.createConnection = (_options, done) => {
    const socket = spare;
    spare = undefined;
    if (socket !== undefined && !socket.destroyed) return socket;
    dial().then(
      (made) => done(null, made),
      (error) => done(error),
    );
    return undefined;
  };
  return {
    protocol: 'http/1.1',
    capacity: SOCKETS,
    usable: () => open,
    send: (request) => send(agent, request),
    close: async () => {
      open = false;
      spare?.destroy();
      agent.destroy();
    },
  };
}

type CreateConnection = (
  options: unknown,
  done: (error: Error | null, socket?: Socket) => void,
) => Socket | undefined;

function send(
  agent: http.Agent,
  { method, path, headers, body, signal }: WireRequest,
): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = http.request({ agent, method, path, headers });
    const abort = () => {
      reject(signal.reason);
      request.destroy(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    signal.addEventListener('abort', abort, { once: true });
    request.once('close', () => signal.removeEventListener('abort', abort));
    request.once('error', (error) => {
      reject(error.name === 'DialFailure' ? error : new LostConnection('unknown', error));
    });
    request.once('response', (response) => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: wireBody(response, () => response.complete),
      });
    });
    request.end(body);
  });
}
