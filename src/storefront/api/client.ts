import { ApiProblem, problemOf } from './problem.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** What came of a write. `location`: where what it began is found, or where to go on. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly location?: string;
}

/** The REST API of the server that the page came from. Throws ApiProblem for whatever is no success. */
export interface Api {
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T>;
  /** Text, for what is no JSON. */
  text(path: string, query?: Query, signal?: AbortSignal): Promise<string>;
  /** `key` names a write, so that the same one sent twice is done once. */
  post(path: string, body: unknown, options?: PostOptions): Promise<Answer>;
  /** An open stream of events, after the one with this id. */
  stream(path: string, lastId: string | undefined, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

interface PostOptions {
  readonly key?: string;
  readonly signal?: AbortSignal;
}

const root = '/api/v1';

/** `send` is the browser's `fetch`; `csrf` answers the token of the session, once there is one. */
export function createApi(send: typeof fetch, csrf: () => string): Api {
  const ask = async (path: string, query: Query, init: RequestInit): Promise<Response> => {
    const answer = await send(addressIn(path, query), { credentials: 'same-origin', ...init }).catch(
      (error: unknown) => {
        if (init.signal?.aborted === true) throw error;
        throw new ApiProblem({ status: 0, code: 'OFFLINE', message: 'The server does not answer.' });
      },
    );
    if (!answer.ok) throw problemOf(answer.status, await jsonOf(answer));
    return answer;
  };
  const accept = (type: string, signal?: AbortSignal): RequestInit => ({
    headers: { accept: type },
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    async get<T>(path: string, query: Query = {}, signal?: AbortSignal) {
      return (await jsonOf(await ask(path, query, accept('application/json', signal)))) as T;
    },
    async text(path, query = {}, signal) {
      return (await ask(path, query, accept('text/plain, text/markdown, */*', signal))).text();
    },
    async post(path, body, { key, signal } = {}) {
      const answer = await ask(
        path,
        {},
        {
          method: 'POST',
          headers: {
            accept: 'application/json',
            'content-type': 'application/json',
            'x-appstore-csrf': csrf(),
            ...(key === undefined ? {} : { 'idempotency-key': key }),
          },
          body: JSON.stringify(body),
          ...(signal === undefined ? {} : { signal }),
        },
      );
      const location = answer.headers.get('location');
      return {
        status: answer.status,
        body: await jsonOf(answer),
        ...(location === null ? {} : { location }),
      };
    },
    async stream(path, lastId, signal) {
      const answer = await ask(
        path,
        {},
        {
          headers: {
            accept: 'text/event-stream',
            ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
          },
          signal,
        },
      );
      if (answer.body === null)
        throw new ApiProblem({ status: 0, code: 'OFFLINE', message: 'The server sent no events.' });
      return answer.body;
    },
  };
}

/** The address of a part of the API; what is undefined or empty is left out of the query. */
export function addressIn(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return `${root}${path}${search === '' ? '' : `?${search}`}`;
}

async function jsonOf(answer: Response): Promise<unknown> {
  return answer.json().catch(() => undefined);
}
