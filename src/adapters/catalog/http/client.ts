import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { type Deadline, deadline } from '../../kubernetes/deadline.ts';
import { addressOf, failure, requestError, statusError } from './errors.ts';
import type { Reach } from './reach.ts';
import { sendRequest } from './request.ts';
import { type HttpSettings, type Patience, usualPatience } from './settings.ts';

export interface HttpQuestion {
  /** How messages name what is asked for: `the index of catalog stable`. */
  readonly what: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form, by POST; to the first host alone. */
  readonly form?: Readonly<Record<string, string>>;
  /** What is written; it is never sent on by a redirect. */
  readonly write?: { readonly method: 'HEAD' | 'POST' | 'PUT'; readonly body?: Uint8Array };
  /** Takes the place of the settings' credentials; sent to the first host alone. */
  readonly authorization?: string;
  /** Bytes of the answer, unpacked. One that is a failure may have 64 KiB all the same, to say why. */
  readonly limit: number;
  /** May come compressed: an index shrinks to a tenth. Never for archives, whose bytes are digested as they are. */
  readonly compressed?: boolean;
  /** Where the address came from; absent where a person named it. */
  readonly from?: Reach;
  /** Answers that are no failure, besides 200. */
  readonly also?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** The address that answered, after redirects. */
  readonly url: URL;
  /** The outermost place on the way: what this answer names may not lead further inside. */
  readonly reach: Reach;
  header(name: string): string | undefined;
  /** The body in pieces; ends with an error past the limit or the time. */
  readonly body: AsyncIterable<Buffer>;
  /** Lets go of the connection: for whoever may not read to the end, which would keep the process alive. */
  close(): void;
}

const redirects = 10;
const longestFailure = 64 * 1024;

/**
 * Asks an HTTP server, over redirects. These are followed by hand: only to http and https, never from https to http, never
 * further inside than where the way came from; credentials are those of each host and never travel (docs/decisions/0032).
 *
 * @throws AppstoreError CATALOG_UNREACHABLE, CATALOG_FORBIDDEN, CATALOG_INVALID, INTERRUPTED by the signal's reason
 */
export async function askHttp(settings: HttpSettings, question: HttpQuestion): Promise<HttpAnswer> {
  const patience = settings.patience ?? usualPatience;
  const time = deadline(patience.total, question.signal);
  try {
    return await follow(settings, question, { patience, time });
  } catch (error) {
    time.done();
    question.signal?.throwIfAborted();
    throw requestError(question.what, question.url, error);
  }
}

/** The same, with the whole body. */
export async function readHttp(
  settings: HttpSettings,
  question: HttpQuestion,
): Promise<HttpAnswer & { readonly bytes: Buffer }> {
  const answer = await askHttp(settings, question);
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return { ...answer, bytes: Buffer.concat(chunks) };
}

interface Time {
  readonly patience: Patience;
  readonly time: Deadline;
}

async function follow(settings: HttpSettings, question: HttpQuestion, time: Time): Promise<HttpAnswer> {
  let { url, from } = question;
  for (let hop = 0; hop <= redirects; hop += 1) {
    requireHttp(question.what, url, hop > 0 ? question.url : undefined);
    const headers = await headersFor(settings, question, url);
    const { message, reach } = await answerOf(settings, question, { url, headers, from }, time);
    const target = locationOf(message, url);
    if (target === undefined) return answer(question, { message, url, reach }, time);
    message.destroy();
    if (question.write?.body !== undefined)
      throw failure(
        'CATALOG_UNREACHABLE',
        question.what,
        url,
        `it leads what is written to ${addressOf(target)}`,
      );
    [url, from] = [target, reach];
  }
  throw failure('CATALOG_UNREACHABLE', question.what, question.url, `more than ${redirects} redirects`);
}

function requireHttp(what: string, url: URL, cameFrom: URL | undefined): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw failure('CATALOG_UNREACHABLE', what, url, `\`${url.protocol}\` is not followed`);
  if (url.protocol === 'http:' && cameFrom?.protocol === 'https:')
    throw failure('CATALOG_UNREACHABLE', what, cameFrom, `it leads from https to ${addressOf(url)}`, {
      hint: 'Nobody could tell what comes over plain HTTP. Ask who runs the server to redirect to https.',
    });
}

async function headersFor(
  settings: HttpSettings,
  question: HttpQuestion,
  url: URL,
): Promise<Record<string, string>> {
  const given = url.origin === question.url.origin ? question.authorization : undefined;
  const authorization = given ?? (await settings.credentials(url));
  return {
    'user-agent': settings.userAgent,
    'accept-encoding': question.compressed === true ? 'gzip' : 'identity',
    ...question.headers,
    ...(authorization === undefined ? {} : { authorization }),
  };
}

/** The head has a time of its own: a server that accepts and says nothing must not take the whole. */
async function answerOf(
  settings: HttpSettings,
  question: HttpQuestion,
  hop: { readonly url: URL; readonly headers: Record<string, string>; readonly from: Reach | undefined },
  { patience, time }: Time,
) {
  const head = deadline(patience.answer, time.signal);
  const { url, headers, from } = hop;
  const form = url.origin === question.url.origin ? question.form : undefined;
  try {
    const request = {
      url,
      headers,
      signal: head.signal,
      ...(form === undefined ? {} : { form: new URLSearchParams(form).toString() }),
      ...question.write,
      ...(from === undefined ? {} : { from }),
    };
    const found = await sendRequest(settings, request);
    head.lift();
    return found;
  } catch (error) {
    head.done();
    throw head.expired() || time.expired() ? head.signal.reason : error;
  }
}

function locationOf(message: IncomingMessage, url: URL): URL | undefined {
  const { statusCode = 0, headers } = message;
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  if (!URL.canParse(headers.location, url.href)) return undefined;
  return new URL(headers.location, url);
}

function answer(
  question: HttpQuestion,
  { message, url, reach }: { readonly message: IncomingMessage; readonly url: URL; readonly reach: Reach },
  time: Time,
): HttpAnswer {
  const status = message.statusCode ?? 0;
  if (status !== 200 && question.also?.includes(status) !== true) {
    message.destroy();
    throw statusError(question.what, url, status);
  }
  const header = (name: string) => {
    const value = message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const close = () => {
    message.destroy();
    time.time.done();
  };
  const limit = status < 400 ? question.limit : Math.max(question.limit, longestFailure);
  return { status, url, reach, header, body: bounded({ ...question, limit }, url, message, time), close };
}

async function* bounded(
  question: HttpQuestion,
  url: URL,
  message: IncomingMessage,
  { patience, time }: Time,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  message.setTimeout(patience.pause, () => message.destroy(timedOut(patience.pause)));
  try {
    for await (const chunk of unpacked(question, message)) {
      bytes += chunk.length;
      if (bytes > question.limit)
        throw failure('CATALOG_INVALID', question.what, url, `it is larger than ${question.limit} bytes`);
      yield chunk;
    }
  } catch (error) {
    question.signal?.throwIfAborted();
    throw requestError(question.what, url, time.expired() ? time.signal.reason : error);
  } finally {
    message.destroy();
    time.done();
  }
}

function unpacked(question: HttpQuestion, message: IncomingMessage): AsyncIterable<Buffer> {
  if (question.compressed !== true || message.headers['content-encoding'] !== 'gzip') return message;
  const gunzip = createGunzip();
  message.once('error', (error) => gunzip.destroy(error));
  message.once('aborted', () => gunzip.destroy(new Error('the server closed the connection')));
  return message.pipe(gunzip);
}

function timedOut(milliseconds: number): Error {
  return Object.assign(new Error(`nothing came for ${milliseconds / 1000} s`), { code: 'ETIMEDOUT' });
}
