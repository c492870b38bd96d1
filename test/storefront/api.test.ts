import { describe, expect, test } from 'vitest';
import { addressIn, createApi } from '../../src/storefront/api/client.ts';
import { ApiProblem, problemOf } from '../../src/storefront/api/problem.ts';

describe('asking the server', () => {
  const asking = (answer: () => Response | Promise<Response>) => {
    const sent: { url: string; init: RequestInit }[] = [];
    const send = (async (url: string, init: RequestInit) => {
      sent.push({ url, init });
      return answer();
    }) as unknown as typeof fetch;
    return { api: createApi(send, () => 'token'), sent };
  };

  test('writes carry the token of the session and the key of the write', async () => {
    const { api, sent } = asking(() => Response.json({ kind: 'Operation' }, { status: 202 }));
    expect(await api.post('/deploy', { a: 1 }, { key: 'k' })).toEqual({
      status: 202,
      body: { kind: 'Operation' },
    });
    expect(sent).toMatchObject([
      {
        url: '/api/v1/deploy',
        init: {
          method: 'POST',
          body: '{"a":1}',
          headers: { 'x-appstore-csrf': 'token', 'idempotency-key': 'k' },
        },
      },
    ]);
  });

  test('reads leave out what is not asked for', async () => {
    const { api, sent } = asking(() => Response.json({}));
    await api.get('/apps', { q: '', category: 'a b', limit: 3, cursor: undefined });
    expect(sent[0]?.url).toBe('/api/v1/apps?category=a+b&limit=3');
    expect(addressIn('/apps')).toBe('/api/v1/apps');
  });

  test('a problem keeps its code, places and hints', async () => {
    const problem = {
      detail: '2 values are wrong',
      code: 'VALUES_INVALID',
      hint: 'Correct them.',
      problems: [{ at: 'port', message: 'must be at least 1', hint: 'try 80' }, { no: 'message' }, 'text'],
    };
    const { api } = asking(() => Response.json(problem, { status: 422 }));
    const thrown = await api.get('/apps').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApiProblem);
    expect(thrown).toMatchObject({
      status: 422,
      code: 'VALUES_INVALID',
      message: '2 values are wrong',
      hint: 'Correct them.',
      problems: [{ at: 'port', message: 'must be at least 1', hint: 'try 80' }],
    });
  });

  test('what to type into a terminal is not told on a page', () => {
    const problems = [{ message: 'm', hint: 'Pass `--create-namespace`.' }];
    const given = { code: 'APP_NOT_FOUND', hint: 'See what there is with `appstore search`.', problems };
    expect(problemOf(404, given)).toMatchObject({ hint: '', problems: [{ message: 'm' }] });
    expect(problemOf(404, given).problems[0]).not.toHaveProperty('hint');
    const flag = { message: 'm', hint: '--adopt ConfigMap/team/c makes it part of the app' };
    expect(problemOf(409, { problems: [flag] }).problems).toEqual([{ message: 'm' }]);
    expect(problemOf(404, { hint: 'Did you mean `whoami`?' }).hint).toBe('Did you mean `whoami`?');
  });

  test('an answer that is no problem document, and no answer at all, are told, too', async () => {
    expect(problemOf(502, undefined)).toMatchObject({ code: 'HTTP_502', status: 502 });
    const { api } = asking(() => Promise.reject(new TypeError('failed')));
    await expect(api.get('/apps')).rejects.toMatchObject({ code: 'OFFLINE', status: 0 });
  });
});
