import { describe, expect, test } from 'vitest';
import type { Api } from '../../src/storefront/api/client.ts';
import { createEventReader } from '../../src/storefront/api/event-stream.ts';
import { type Follower, followOperation } from '../../src/storefront/api/follow.ts';
import { ApiProblem } from '../../src/storefront/api/problem.ts';

describe('a stream of events', () => {
  const text =
    'retry: 2000\n\n:\n\nevent: step\nid: 1\ndata: {"a":1}\n\nevent: end\r\ndata: one\r\ndata: two\r\n\r\ndata: x\n\n';
  const events = [
    { id: '1', type: 'step', data: '{"a":1}' },
    { type: 'end', data: 'one\ntwo' },
    { type: 'message', data: 'x' },
  ];

  test('is read whole', () => expect(createEventReader()(text)).toEqual(events));

  test('is the same wherever it is cut', () => {
    for (let at = 0; at <= text.length; at++) {
      const read = createEventReader();
      expect([...read(text.slice(0, at)), ...read(text.slice(at))], `cut at ${at}`).toEqual(events);
    }
  });
});

const operation = (state: string) => ({ kind: 'Operation', id: 'x', state });
const event = (id: number, data: object) => `event: step\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
const end = (state: string) => `event: end\ndata: ${JSON.stringify(operation(state))}\n\n`;

/** A server that answers each listening with the next of these: a stream, or a refusal. */
function scripted(answers: readonly (string | ApiProblem)[], resumed: readonly ApiProblem[] = []) {
  const asked: (string | undefined)[] = [];
  const posts: string[] = [];
  const rest = [...answers];
  const refusals = [...resumed];
  const api: Api = {
    get: () => Promise.reject(new Error('not asked for')),
    text: () => Promise.reject(new Error('not asked for')),
    post: async (path) => {
      posts.push(path);
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      return { status: 202, body: operation('running') };
    },
    stream: async (_path, lastId) => {
      asked.push(lastId);
      const answer = rest.shift();
      if (answer === undefined || answer instanceof ApiProblem) throw answer ?? new Error('asked too often');
      return new Blob([answer]).stream();
    },
  };
  return { api, asked, posts };
}

async function follow(
  answers: readonly (string | ApiProblem)[],
  {
    resumes = true,
    resumed = [],
  }: { readonly resumes?: boolean; readonly resumed?: readonly ApiProblem[] } = {},
) {
  const { api, asked, posts } = scripted(answers, resumed);
  const waited: number[] = [];
  const told: unknown[] = [];
  const follower: Follower = {
    event: (one) => told.push(one),
    state: ({ state }) => told.push(`state ${state}`),
    connection: (state) => told.push(state),
    end: ({ state }) => told.push(`end ${state}`),
  };
  const signal = new AbortController().signal;
  const wait = async (milliseconds: number) => void waited.push(milliseconds);
  await followOperation({ id: 'x', api, signal, wait, resumes: () => resumes }, follower);
  return { told, asked, posts, waited };
}

const away = new ApiProblem({ status: 0, code: 'OFFLINE', message: '' });
const busy = new ApiProblem({ status: 503, code: 'SERVER_STOPPING', message: '' });

describe('following an operation', () => {
  test('goes on behind the last event after a cut, also where the server is away for a while', async () => {
    const { told, asked, posts } = await follow([
      event(1, { n: 1 }) + event(2, { n: 2 }),
      away,
      busy,
      event(3, { n: 3 }) + end('done'),
    ]);
    expect(asked).toEqual([undefined, '2', '2', '2']);
    expect(told).toEqual(['open', { n: 1 }, { n: 2 }, 'lost', 'lost', 'lost', 'open', { n: 3 }, 'end done']);
    expect(posts).toEqual([]);
  });

  test('takes up by itself what was interrupted, and tells so', async () => {
    const { told, asked, posts } = await follow([
      event(1, { n: 1 }) + end('interrupted'),
      `event: state\ndata: ${JSON.stringify(operation('running'))}\n\n${end('done')}`,
    ]);
    expect(posts).toEqual(['/operations/x/resume']);
    expect(asked).toEqual([undefined, undefined]);
    expect(told).toEqual(['open', { n: 1 }, 'resuming', 'open', 'state running', 'end done']);
  });

  test('asks again, later and later, where the server goes away before it has taken it up', async () => {
    const { told, asked, posts, waited } = await follow(
      [event(1, { n: 1 }) + end('interrupted'), away, end('interrupted'), end('interrupted'), end('done')],
      { resumed: [away, busy] },
    );
    expect(posts).toEqual(Array(3).fill('/operations/x/resume'));
    expect(asked).toEqual([undefined, '1', '1', '1', undefined]);
    expect(waited).toEqual([250, 500, 1000]);
    const again = ['open', 'resuming', 'lost'];
    expect(told).toEqual([
      ...['open', { n: 1 }, 'resuming', 'lost', 'lost'],
      ...again,
      ...['open', 'resuming', 'open', 'end done'],
    ]);
  });

  test('waits before it looks again at what another page has taken up', async () => {
    const taken = new ApiProblem({ status: 409, code: 'OPERATION_RUNNING', message: '' });
    const { told, waited } = await follow([end('interrupted'), end('interrupted'), end('done')], {
      resumed: [taken, taken],
    });
    expect(waited).toEqual([500, 1000]);
    expect(told).toEqual(['open', 'resuming', 'open', 'resuming', 'open', 'end done']);
  });

  test('tells that it may not be taken up', async () => {
    const forbidden = new ApiProblem({ status: 403, code: 'FORBIDDEN', message: '' });
    await expect(follow([end('interrupted')], { resumed: [forbidden] })).rejects.toBe(forbidden);
  });

  test('leaves what was stopped on purpose', async () => {
    const { told, posts } = await follow([end('interrupted')], { resumes: false });
    expect(told).toEqual(['open', 'end interrupted']);
    expect(posts).toEqual([]);
  });

  test('tells what the server refuses', async () => {
    const gone = new ApiProblem({ status: 404, code: 'OPERATION_NOT_FOUND', message: 'gone' });
    await expect(follow([gone])).rejects.toBe(gone);
  });
});
