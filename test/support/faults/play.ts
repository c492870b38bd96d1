import http2, { type Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is done to a request. Nothing done means that it goes through. */
export type Fault =
  | { readonly type: 'delay'; readonly milliseconds: number }
  /** Answered in place of the server, which never sees it. */
  | { readonly type: 'refuse'; readonly status: 403 | 429 | 500 | 503; readonly retryAfter?: number }
  /** The stream or the whole connection ends without an answer, before or after the server acted. */
  | { readonly type: 'reset'; readonly when: 'before' | 'after'; readonly what: 'stream' | 'connection' }
  /** The server acts, and half of its answer comes. */
  | { readonly type: 'half' }
  /** The answer comes, and the connection is to be used no more. */
  | { readonly type: 'goaway' }
  /** A watch breaks off after a time, never says anything, or is told that its resourceVersion is too old. */
  | { readonly type: 'watch'; readonly how: 'drop' | 'silent' | 'expire'; readonly after: number }
  /** The answer comes when `until` is over, or never; `reached` is told when the server has not yet, or has just, acted. */
  | {
      readonly type: 'hold';
      readonly when: 'before' | 'after';
      reached(): void;
      readonly until?: Promise<void>;
    };

/** The answer of the server behind the proxy. */
interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Readable;
}

/** One request on its way through the proxy. */
export interface Exchange {
  readonly outgoing: Http2ServerResponse;
  readonly isHttp2: boolean;
  /** Sends it to the server. */
  forward(): Promise<Answer>;
}

/** Passes a request on and its answer back, with the fault on the way. */
export async function playFault(fault: Fault | undefined, exchange: Exchange): Promise<void> {
  switch (fault?.type) {
    case undefined:
      return passOn(exchange, await exchange.forward());
    case 'delay':
      await sleep(fault.milliseconds);
      return passOn(exchange, await exchange.forward());
    case 'refuse':
      return refuse(exchange, fault.status, fault.retryAfter);
    case 'reset':
      if (fault.when === 'after') await wholeBody(await exchange.forward());
      return reset(exchange, fault.what);
    case 'half':
      return half(exchange, await exchange.forward());
    case 'goaway':
      return passOnAndLeave(exchange, await exchange.forward());
    case 'watch':
      return fault.how === 'expire' ? expire(exchange) : spoiledWatch(exchange, fault);
    case 'hold':
      return hold(exchange, fault);
  }
}

async function hold(exchange: Exchange, fault: Extract<Fault, { type: 'hold' }>): Promise<void> {
  const early = fault.when === 'after' ? await exchange.forward() : undefined;
  const body = early === undefined ? undefined : await wholeBody(early);
  fault.reached();
  if (fault.until === undefined) return;
  await fault.until;
  if (early === undefined || body === undefined) return passOn(exchange, await exchange.forward());
  exchange.outgoing.writeHead(early.status, early.headers);
  exchange.outgoing.end(body);
}

function passOn({ outgoing }: Exchange, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, headers);
  body.on('error', () => outgoing.destroy());
  body.pipe(outgoing as unknown as NodeJS.WritableStream);
}

async function wholeBody({ body }: Answer): Promise<Buffer> {
  return Buffer.concat((await body.toArray()) as Buffer[]);
}

function refuse({ outgoing }: Exchange, status: number, retryAfter: number | undefined): void {
  const reasons = {
    403: 'Forbidden',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
  } as const;
  const reason = (reasons as Record<number, string>)[status];
  // As the authoriser says it.
  const message =
    status === 403
      ? 'things is forbidden: User "ann" cannot get resource "things" in API group ""'
      : `the proxy says ${status}`;
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
  outgoing.end(
    JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code: status }),
  );
}

function reset({ outgoing, isHttp2 }: Exchange, what: 'stream' | 'connection'): void {
  if (isHttp2 && what === 'stream') outgoing.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  else if (isHttp2) outgoing.stream.session?.destroy();
  else (outgoing.socket as unknown as Socket).destroy();
}

async function half(exchange: Exchange, answer: Answer): Promise<void> {
  const body = await wholeBody(answer);
  const { 'content-length': _, ...headers } = answer.headers;
  exchange.outgoing.writeHead(answer.status, headers);
  exchange.outgoing.write(body.subarray(0, Math.floor(body.length / 2)));
  await sleep(10);
  reset(exchange, 'stream');
}

async function passOnAndLeave(exchange: Exchange, answer: Answer): Promise<void> {
  const { outgoing, isHttp2 } = exchange;
  if (isHttp2) outgoing.stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR);
  passOn(exchange, isHttp2 ? answer : { ...answer, headers: { ...answer.headers, connection: 'close' } });
}

/** As the API server says that a resourceVersion was compacted away. */
function expire({ outgoing }: Exchange): void {
  const object = {
    ...{ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'too old resource version: 1 (2)' },
    ...{ reason: 'Expired', code: 410 },
  };
  outgoing.writeHead(200, { 'content-type': 'application/json' });
  outgoing.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
}

async function spoiledWatch(exchange: Exchange, fault: Extract<Fault, { type: 'watch' }>): Promise<void> {
  const answer = await exchange.forward();
  if (fault.how === 'drop') {
    passOn(exchange, answer);
    await sleep(fault.after);
    return reset(exchange, 'stream');
  }
  const { outgoing } = exchange;
  outgoing.writeHead(answer.status, answer.headers);
  (outgoing as unknown as { flushHeaders(): void }).flushHeaders();
  answer.body.resume();
}
