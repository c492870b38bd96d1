import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { type Connection, LostConnection, type WireRequest, type WireResponse } from './connection.ts';
import { wireBody } from './wire-body.ts';

/**
 * The API server allows 100 streams a connection (`--http2-max-streams-per-connection`) and the 101st hangs until one ends.
 * A little room is left below that; docs/decisions/0011-transport.md.
 */
const STREAMS = 96;
/** Node's windows of 64 KiB make a large list wait for a round trip every 64 KiB. */
const STREAM_WINDOW = 4 * 1024 * 1024;
const CONNECTION_WINDOW = 16 * 1024 * 1024;
/** As client-go: silence for 30 s is asked about, no answer within 15 s means that the connection is dead. */
const PING_EVERY = 30_000;
const PING_ANSWER = 15_000;

/** HTTP/2 over a socket that negotiated it. When `ended` aborts before the server has sent its settings, it is given up. */
export async function openHttp2(
  socket: TLSSocket,
  authority: string,
  ended: AbortSignal,
): Promise<Connection> {
  const giveUp = () => void socket.destroy();
  ended.addEventListener('abort', giveUp);
  const session = await openSession(socket, authority).finally(() =>
    ended.removeEventListener('abort', giveUp),
  );
  let usable = true;
  const end = () => {
    usable = false;
  };
  session.on('goaway', end);
  session.on('close', end);
  session.on('error', end);
  const stopPings = keepAlive(session);
  return {
    protocol: 'h2',
    capacity: Math.min(STREAMS, session.remoteSettings.maxConcurrentStreams ?? STREAMS),
    usable: () => usable && !session.closed && !session.destroyed,
    send: (request) => send(session, request),
    close: () => closeSession(session, socket, stopPings),
  };
}

function openSession(socket: TLSSocket, authority: string): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) throw new LostConnection('no', socket.errored ?? 'closed by the other side');
    const session = connect(`https://${authority}`, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
    });
    session.once('error', (error) => reject(new LostConnection('no', error)));
    // A TLS alert (no client certificate, with TLS 1.3) is an error of the socket alone: the session neither says so nor closes.
    socket.once('error', (error) => {
      reject(new LostConnection('no', error));
      session.destroy();
      socket.destroy();
    });
    session.once('close', () => reject(new LostConnection('no', 'closed before its settings came')));
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW));
    session.once('remoteSettings', () => resolve(session));
  });
}

function send(session: ClientHttp2Session, request: WireRequest): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    request.signal.throwIfAborted();
    const stream = openStream(session, request);
    const abort = () => {
      reject(request.signal.reason);
      stream.destroy(asError(request.signal.reason));
    };
    request.signal.addEventListener('abort', abort, { once: true });
    let answered = false;
    stream.once('response', (headers) => {
      answered = true;
      resolve({
        status: Number(headers[':status']),
        headers,
        body: wireBody(stream, () => stream.rstCode === constants.NGHTTP2_NO_ERROR),
      });
    });
    stream.once('error', (error) => reject(new LostConnection(processed(stream), error)));
    stream.once('close', () => {
      request.signal.removeEventListener('abort', abort);
      if (!answered) reject(new LostConnection(processed(stream), 'the server closed it'));
    });
    stream.end(request.body);
  });
}

function openStream(session: ClientHttp2Session, request: WireRequest): ClientHttp2Stream {
  try {
    return session.request(
      { ...request.headers, ':method': request.method, ':path': request.path },
      { endStream: request.body === undefined },
    );
  } catch (error) {
    // A session that got a GOAWAY or closed refuses new streams before anything is sent.
    throw new LostConnection('no', error);
  }
}

/** RFC 9113 8.7: a stream that is refused, as all above the last one of a GOAWAY are, was not processed at all. */
function processed(stream: ClientHttp2Stream): 'no' | 'unknown' {
  return stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || stream.pending ? 'no' : 'unknown';
}

function keepAlive(session: ClientHttp2Session): () => void {
  const timer = setInterval(() => {
    const deadline = setTimeout(() => session.destroy(new Error('no answer to a ping')), PING_ANSWER);
    deadline.unref();
    if (session.destroyed || !session.ping(() => clearTimeout(deadline))) clearTimeout(deadline);
  }, PING_EVERY);
  timer.unref();
  const stop = () => clearInterval(timer);
  session.once('close', stop);
  return stop;
}

/** The socket too: a session that got a GOAWAY would wait for the other side to end it, however long that takes. */
function closeSession(session: ClientHttp2Session, socket: TLSSocket, stopPings: () => void): Promise<void> {
  stopPings();
  return new Promise((resolve) => {
    if (socket.closed) return resolve();
    socket.once('close', () => resolve());
    session.destroy();
    socket.destroy();
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
