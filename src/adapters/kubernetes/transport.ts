import { AppstoreError } from '../../domain/errors.ts';
import { parseExact } from '../../domain/exact-json.ts';
import { isObject, type JsonObject } from '../../domain/json.ts';
import type { WriteGuard } from '../../services/ports.ts';
import { apiError, isUnauthorised, parseRefusal, type Refusal } from './api-errors.ts';
import { decoded, readBody } from './body.ts';
import { DialFailure, LostConnection, type RequestHeaders, type WireResponse } from './connection.ts';
import type { Credential, Credentials } from './credentials.ts';
import { type Deadline, deadline, pause, unlessAborted } from './deadline.ts';
import type { EarlyLane, Lane } from './lane.ts';
import { isPassing, isRefusedByTls, networkError } from './network-errors.ts';
import { type Failure, isOutage, LAST_REPEATED, retryWait, type Safety } from './retry.ts';

/** A request to the API, before credentials. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From `/api` or `/apis` on, query included. */
  readonly path: string;
  readonly safety: Safety;
  /** What it is about, for messages: `Kind/namespace/name`, or a kind. */
  readonly subject: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: JsonObject;
  readonly signal?: AbortSignal;
  /** Asked before each try, and once more in the moment in which it is sent. */
  readonly guard?: WriteGuard;
  /**
   * Asked when a repeated write finds a conflict: the object, where the first try had been carried out and only its answer
   * was lost.
   */
  readonly settle?: () => Promise<JsonObject | undefined>;
}

export interface Transport {
  /** Throws ApiError where the server refuses, AppstoreError where it cannot be asked. */
  json(request: ApiRequest): Promise<JsonObject>;
  text(request: ApiRequest): Promise<string>;
  /**
   * An answer that goes on for long, on a connection of its own. Ends when the server ends it in good order; throws LostConnection
   * where it breaks off in the middle.
   */
  stream(request: ApiRequest): AsyncGenerator<Buffer>;
  /** Begins to make the connection of a `stream` that is sure to come. */
  expectStreams(): void;
  close(): Promise<void>;
}

export interface TransportParts {
  readonly credentials: Credentials;
  readonly main: Lane;
  readonly streams: EarlyLane;
  /** Address in messages. */
  readonly server: string;
  readonly proxy: URL | undefined;
  readonly basePath: string;
  readonly headers: RequestHeaders;
  onConnection(state: 'lost' | 'restored', reason: string): void;
  /**
   * Until when, on the clock of `performance`, a server that answered before is asked again while it is away; in the past for
   * the usual few tries.
   */
  patientUntil(): number;
}

/** The server gives up after 60 s by itself (`--request-timeout`). */
const ANSWER_TIMEOUT = 70_000;
/** For a server that never answered yet; client-go gives discovery as long (`defaultTimeout`). */
const FIRST_ANSWER_TIMEOUT = 32_000;

type Outcome<T> =
  | { readonly type: 'done'; readonly value: T }
  | { readonly type: 'failed'; readonly failure: Failure; readonly cause: unknown };

/** Requests with credentials, repeated where that is safe. */
export function transport(parts: TransportParts): Transport {
  let closed = false;
  const persist = persistence(parts, () => closed);
  const text = (request: ApiRequest) => {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const settle = async () => {
      const settled = await request.settle?.();
      return settled === undefined ? undefined : JSON.stringify(settled);
    };
    return persist(request, (reached) => attemptText(parts, { request, body, reached }), settle);
  };
  return {
    text,
    json: async (request) => parseAnswer(await text(request), request),
    stream: (request) => streamed(parts, request, persist),
    expectStreams: () => parts.streams.begin(),
    close: async () => {
      closed = true;
      await Promise.all([parts.main.close(), parts.streams.close()]);
    },
  };
}

/**
 * Tries until it is done, or may not be tried again. `attempt` is told whether the server ever answered; `settle` is asked where
 * a repeated write finds a conflict.
 */
type Persist = <T>(
  request: ApiRequest,
  attempt: (reached: boolean) => Promise<Outcome<T>>,
  settle?: () => Promise<T | undefined>,
) => Promise<T>;

function persistence(parts: TransportParts, closed: () => boolean): Persist {
  const line = lineState(parts);
  return async (request, attempt, settle) => {
    let maybeDone = false;
    for (let count = 1; ; count++) {
      const outcome = await attempt(line.reached());
      // What we closed ourselves is neither news nor worth another try.
      if (closed() && outcome.type !== 'done') throw finalError(parts, request, outcome);
      line.note(outcome);
      if (outcome.type === 'done') return outcome.value;
      const unreachable = outcome.failure.type === 'unreachable';
      const failure = unreachable && line.reached() ? passing : line.early(outcome.failure);
      const settled = maybeDone && isConflict(failure) ? await settle?.() : undefined;
      if (settled !== undefined) return settled;
      const patient = isOutage(failure) && performance.now() < parts.patientUntil();
      const attempts = patient ? Math.min(count, LAST_REPEATED) : count;
      const wait = retryWait(failure, request.safety, attempts, Math.random());
      if (wait === undefined) throw finalError(parts, request, outcome);
      maybeDone ||= mayHaveActed(failure);
      await pause(wait, request.signal);
    }
  };
}

/** How long after its return a server may not have read its roles yet. */
const WARM_UP = 20_000;

/** Whether the server ever answered, and is answering; tells when that changes. */
function lineState({ onConnection, patientUntil }: TransportParts) {
  let reached = false;
  let lost = false;
  let away = false;
  let backAt = Number.NEGATIVE_INFINITY;
  return {
    reached: () => reached,
    /** A refusal by who has just started is none yet, for a caller who waits for the server. */
    early: (failure: Failure): Failure => {
      const now = performance.now();
      const warm = now - backAt > WARM_UP || now >= patientUntil();
      const refused = failure.type === 'refused' && isUnauthorised(failure.refusal);
      return refused && !warm ? { ...failure, early: true } : failure;
    },
    note: (outcome: Outcome<unknown>) => {
      const answered = outcome.type === 'done' || outcome.failure.type === 'refused';
      if (answered && lost) onConnection('restored', '');
      // A connection that the server lets go of in good order is no event.
      const released = !answered && outcome.failure.type === 'lost' && outcome.failure.processed === 'no';
      const broken = !answered && reached && !released;
      if (broken && !lost) onConnection('lost', messageOf(outcome.cause));
      lost = answered ? false : lost || broken;
      if (answered && away) backAt = performance.now();
      // Nobody listens: that is more than one connection that broke.
      away = answered ? false : away || (reached && outcome.failure.type === 'unreachable');
      reached ||= answered;
    },
  };
}

const passing: Failure = { type: 'unreachable', passing: true };

/** True where the server may have carried out what it gave no answer to. */
function mayHaveActed(failure: Failure): boolean {
  if (failure.type === 'lost') return failure.processed === 'unknown';
  return failure.type === 'refused' && failure.refusal.status >= 500;
}

function isConflict(failure: Failure): boolean {
  return failure.type === 'refused' && failure.refusal.status === 409;
}

/** One try, and a second one where the server does not know the credential any more. */
async function attemptText(
  parts: TransportParts,
  {
    request,
    body,
    reached,
  }: { readonly request: ApiRequest; readonly body: string | undefined; readonly reached: boolean },
): Promise<Outcome<string>> {
  return withRenewal<string>(parts, request.signal, async (credential) => {
    await request.guard?.ensure();
    const limit = deadline(reached ? ANSWER_TIMEOUT : FIRST_ANSWER_TIMEOUT, request.signal);
    try {
      const guard = request.guard === undefined ? {} : { maySend: request.guard.fresh };
      const wire = { ...wireRequest(parts, request, credential, body), ...guard, signal: limit.signal };
      return await parts.main.exchange(wire, async (response) => {
        const answer = await readBody(response, limit.signal);
        return response.status < 300 ? { type: 'done', value: answer } : refusedOutcome(response, answer);
      });
    } catch (error) {
      // Who never answered is not asked again and again
      if (limit.expired() && !reached)
        return { type: 'failed', failure: { type: 'unreachable', passing: false }, cause: error };
      return failedOutcome(error, limit.expired());
    } finally {
      limit.done();
    }
  });
}

async function withRenewal<T>(
  { credentials, main, streams }: TransportParts,
  signal: AbortSignal | undefined,
  attempt: (credential: Credential) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const credential = await unlessAborted(credentials.current(), signal);
  const outcome = await attempt(credential);
  const refused = outcome.type === 'failed' && outcome.failure.type === 'refused';
  if (!refused || outcome.failure.refusal.status !== 401) return outcome;
  if (!(await credentials.renew(credential))) return outcome;
  main.renew();
  streams.renew();
  return attempt(await credentials.current());
}

function wireRequest(parts: TransportParts, request: ApiRequest, credential: Credential, body?: string) {
  return {
    method: request.method,
    path: parts.basePath + request.path,
    headers: {
      ...parts.headers,
      ...credential.headers,
      accept: request.accept ?? 'application/json',
      ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    },
    ...(body === undefined ? {} : { body }),
  };
}

function refusedOutcome(response: WireResponse, body: string): Outcome<never> {
  const retryAfter = response.headers['retry-after'];
  const refusal = parseRefusal(
    response.status,
    body,
    typeof retryAfter === 'string' ? retryAfter : undefined,
  );
  return { type: 'failed', failure: { type: 'refused', refusal }, cause: undefined };
}

/** Whatever is no matter of the connection (the caller's abort, a plugin that failed) is thrown on. */
function failedOutcome(error: unknown, expired: boolean): Outcome<never> {
  if (error instanceof LostConnection && isRefusedByTls(error)) {
    return { type: 'failed', failure: { type: 'unreachable', passing: false }, cause: error };
  }
  if (error instanceof LostConnection || expired) {
    const processed = error instanceof LostConnection ? error.processed : 'unknown';
    return { type: 'failed', failure: { type: 'lost', processed }, cause: error };
  }
  if (error instanceof DialFailure) {
    return { type: 'failed', failure: { type: 'unreachable', passing: isPassing(error) }, cause: error };
  }
  throw error;
}

function finalError(parts: TransportParts, request: ApiRequest, outcome: Outcome<never>): Error {
  if (outcome.type === 'failed' && outcome.failure.type === 'refused') {
    return refusalError(parts, request, outcome.failure.refusal);
  }
  return networkError(parts.server, outcome.type === 'failed' ? outcome.cause : undefined, parts.proxy);
}

function refusalError(parts: TransportParts, request: ApiRequest, refusal: Refusal): Error {
  // A 401 is about the user, not about the object.
  return apiError(refusal, refusal.status === 401 ? parts.server : request.subject);
}

function parseAnswer(text: string, request: ApiRequest): JsonObject {
  try {
    const answer = parseExact(text);
    if (isObject(answer)) return answer;
  } catch {
    // Told below.
  }
  const what = `${request.subject}: the answer to ${request.method} ${request.path.split('?', 1)[0]} is not a JSON object`;
  throw new AppstoreError('API_ERROR', what, {
    hint: 'Check that the `server` of the kubeconfig is a Kubernetes API server and not the page of a gateway.',
  });
}

async function* streamed(
  parts: TransportParts,
  request: ApiRequest,
  persist: Persist,
): AsyncGenerator<Buffer> {
  const limit = deadline(ANSWER_TIMEOUT, request.signal);
  const release = Promise.withResolvers<void>();
  try {
    const response = await persist(request, () => openStream(parts, request, limit, release.promise));
    limit.lift();
    yield* decoded(response, limit.signal);
  } finally {
    release.resolve();
    limit.done();
  }
}

/** Answers with the head; the room on the connection is kept until `released`. */
function openStream(
  parts: TransportParts,
  request: ApiRequest,
  limit: Deadline,
  released: Promise<void>,
): Promise<Outcome<WireResponse>> {
  const { signal } = limit;
  return withRenewal<WireResponse>(parts, signal, (credential) => {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome<WireResponse>>();
    const wire = { ...wireRequest(parts, request, credential), signal };
    const use = async (response: WireResponse): Promise<void> => {
      if (response.status >= 300) return resolve(refusedOutcome(response, await readBody(response, signal)));
      resolve({ type: 'done', value: response });
      await released;
      response.body.cancel();
    };
    parts.streams.exchange(wire, use).catch((error: unknown) => {
      try {
        resolve(failedOutcome(error, limit.expired()));
      } catch (thrown) {
        reject(thrown);
      }
    });
    return promise;
  });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
