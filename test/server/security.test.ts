import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import { bearerCallers } from '../../src/server/callers/bearer.ts';
import { loopbackCallers } from '../../src/server/callers/loopback.ts';
import { boundedWhoIs } from '../../src/server/callers/who-is.ts';
import { realClock } from '../support/change-harness.ts';
import { createTestClock } from '../support/clock.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';
import { type ServerHarness, type ServerHarnessOptions, serverHarness } from '../support/server.ts';

let server: ServerHarness | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(options: ServerHarnessOptions = {}): Promise<ServerHarness> {
  server = await serverHarness(options);
  return server;
}

const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
const origin = 'http://127.0.0.1:7080';
const host = '127.0.0.1:7080';
const writes = [
  '/api/v1/deploy',
  '/api/v1/deployments/team/web/upgrade',
  '/api/v1/deployments/team/web/rollback',
  '/api/v1/deployments/team/web/remove',
  '/api/v1/deployments/team/web/repair',
  '/api/v1/operations/abc/resume',
  '/api/v1/operations/abc/cancel',
  '/api/v1/plans/keep',
  '/api/v1/plans/team/web.0123456789/reject',
  '/api/v1/plans/team/web.0123456789/drop',
  '/api/v1/plans/approve',
  '/api/v1/plans/apply',
];
const key = { 'idempotency-key': '0123456789abcdef' };
const wanted = { app: 'test/fixture', name: 'web', namespace: 'team' };

/** A server on this machine, with somebody logged in by the link. */
async function loggedIn() {
  const told: string[] = [];
  const tell = (path: string) => void told.push(path);
  const callers = loopbackCallers({ random }, { name: 'ann', cookie: 'appstore-test', tell });
  const one = await start({ callers, settings: { origins: () => [origin] } });
  const link = callers.newLink();
  const login = await one.app.inject({ url: link, headers: { host } });
  const cookie = String(login.headers['set-cookie']).split(';')[0] ?? '';
  const session = await one.app.inject({ url: '/api/v1/session', headers: { host, cookie } });
  return { one, link, login, cookie, csrf: session.json().csrf as string, told };
}

describe('who asks', () => {
  it('nobody writes without saying who they are', async () => {
    const one = await start();
    for (const url of writes) {
      const answer = await one.app.inject({ method: 'POST', url, headers: key, payload: {} });
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 401, 'UNAUTHENTICATED']);
    }
    const refused = { result: 'refused', code: 'UNAUTHENTICATED', who: { name: '' } };
    expect(one.log.filter(({ audit }) => audit)).toMatchObject(writes.map(() => refused));
  });

  it('knows every write of the document by the list above', async () => {
    const one = await start();
    const { paths } = (await one.app.inject('/api/v1/openapi.json')).json();
    const reading = ['/api/v1/session/logout', '/api/v1/plans', '/api/v1/plans/show'];
    const posts = Object.keys(paths).filter(
      (path) => paths[path].post !== undefined && !reading.includes(path),
    );
    const filled = (path: string) =>
      path
        .replace('{namespace}/{name}', 'team/web')
        .replace('{namespace}/{id}', 'team/web.0123456789')
        .replace('{id}', 'abc');
    expect(posts.map(filled).sort()).toEqual([...writes].sort());
  });

  it('a link logs in once, and the cookie is for this server alone', async () => {
    const { one, link, login, cookie } = await loggedIn();
    expect([login.statusCode, login.headers.location]).toEqual([303, '/']);
    expect(String(login.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await one.app.inject({ url: link, headers: { host } })).statusCode).toBe(401);
    expect((await one.app.inject({ url: '/api/v1/apps', headers: { host, cookie } })).statusCode).toBe(200);
    expect((await one.app.inject({ url: '/api/v1/apps', headers: { host } })).statusCode).toBe(401);
    expect((await one.app.inject({ url: '/login?once=guess', headers: { host } })).statusCode).toBe(401);
  });

  it('a browser with a used link sees the page that says what to do; a new link is told to the terminal, one at a time', async () => {
    const { one, link, cookie, told } = await loggedIn();
    const accept = 'text/html,application/xhtml+xml';
    const visit = await one.app.inject({ url: link, headers: { host, accept } });
    expect([visit.statusCode, visit.headers.location, visit.headers['set-cookie']]).toEqual([
      303,
      '/',
      undefined,
    ]);
    expect((await one.app.inject({ url: link, headers: { host } })).json().code).toBe('UNAUTHENTICATED');
    const session = (more: object = {}) =>
      one.app.inject({ url: '/api/v1/session', headers: { host, ...more } });
    expect((await session({ cookie })).statusCode).toBe(200);
    expect(told).toEqual([]);
    for (let visits = 0; visits < 3; visits++) {
      const refused = await session();
      expect(refused.statusCode).toBe(401);
      expect(refused.body).not.toContain('once=');
    }
    expect(told).toHaveLength(1);
    expect(JSON.stringify(one.log)).not.toContain('once=');
    const again = await one.app.inject({ url: told[0] ?? '', headers: { host, accept } });
    expect([again.statusCode, again.headers['set-cookie'] === undefined]).toEqual([303, false]);
    expect((await one.app.inject({ url: told[0] ?? '', headers: { host } })).statusCode).toBe(401);
    // A page of a stranger tells nobody anything.
    expect((await session({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).statusCode).toBe(
      403,
    );
    expect(told).toHaveLength(1);
    await session();
    expect(told).toHaveLength(2);
  });

  it('a token is believed for a minute, and asked of the cluster once for many requests at the same time', async () => {
    let asked = 0;
    const callers = bearerCallers(realClock, async (credential) => {
      asked++;
      const token = credential.kind === 'token' ? await credential.token() : '';
      if (token !== 'good')
        throw new AppstoreError('UNAUTHENTICATED', 'the cluster does not know who this is');
      return { name: 'ann', groups: [] };
    });
    const one = await start({ callers });
    const ask = (token: string) =>
      one.app.inject({ url: '/api/v1/session', headers: { authorization: `Bearer ${token}` } });
    const answers = await Promise.all([ask('good'), ask('good'), ask('good')]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(asked).toBe(1);
    const refused = await ask('stolen-secret-token');
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect(refused.body).not.toContain('stolen');
    const odd = await one.app.inject({ url: '/api/v1/session', headers: { authorization: 'Basic YTpi' } });
    expect(odd.statusCode).toBe(401);
    expect(JSON.stringify(one.log)).not.toContain('stolen');
  });
});

describe('tokens that somebody makes up', () => {
  /** A server that asks a cluster which knows one token, and how often that was asked. */
  async function guessed() {
    const clock = createTestClock();
    const cluster = { asked: 0, atOnce: 0, most: 0 };
    const whoIs = boundedWhoIs(clock, async (credential) => {
      cluster.asked++;
      cluster.most = Math.max(cluster.most, ++cluster.atOnce);
      const token = credential.kind === 'token' ? await credential.token() : '';
      await realClock.sleep(1);
      cluster.atOnce--;
      if (token.startsWith('good')) return { name: 'ann', groups: [] };
      throw new AppstoreError('UNAUTHENTICATED', 'the cluster does not know who this is');
    });
    const one = await start({ callers: bearerCallers(clock, whoIs) });
    const ask = async (token: string, remoteAddress = '10.0.0.1') =>
      (
        await one.app.inject({
          url: '/api/v1/session',
          headers: { authorization: `Bearer ${token}` },
          remoteAddress,
        })
      ).statusCode;
    const guesses = (count: number, address?: string) =>
      Promise.all(Array.from({ length: count }, (_, at) => ask(`guess-${address}-${at}`, address)));
    return { clock, cluster, ask, guesses };
  }

  it('cost the cluster so many questions and no more, however many come at once', async () => {
    const { clock, cluster, ask, guesses } = await guessed();
    expect(await ask('good')).toBe(200);
    await clock.advance(61_000);
    expect(new Set(await guesses(500))).toEqual(new Set([401, 429]));
    // One, then sixty, and those that were asked at the same time as the last of them.
    expect(cluster.asked).toBeLessThanOrEqual(1 + 60 + 10);
    expect(cluster.most).toBe(10);
    // Whoever was known is served, though the cluster has to be asked about them again, and so is another address.
    expect(await ask('good')).toBe(200);
    expect(await ask('good-too')).toBe(429);
    expect(await ask('good-too', '10.0.0.2')).toBe(200);
    await clock.advance(60_000);
    expect(await ask('good-three')).toBe(200);
  });

  it('come from many addresses to no avail', async () => {
    const { clock, cluster, ask, guesses } = await guessed();
    for (let from = 0; from < 40; from++) await guesses(30, `10.0.1.${from}`);
    expect(cluster.asked).toBeLessThanOrEqual(600 + 10);
    expect(await ask('good', '10.0.2.1')).toBe(429);
    await clock.advance(60_000);
    expect(await ask('good', '10.0.2.1')).toBe(200);
  });
});

describe('from where', () => {
  it('answers to its own name and to no page of another origin', async () => {
    const { one, cookie, csrf } = await loggedIn();
    const get = (headers: Record<string, string>) =>
      one.app.inject({ url: '/api/v1/apps', headers: { cookie, host, ...headers } });
    expect((await get({ host: 'evil.example' })).json().code).toBe('REQUEST_REFUSED');
    expect((await get({ host: '127.0.0.1:1' })).statusCode).toBe(403);
    expect((await get({ origin: 'http://evil.example' })).statusCode).toBe(403);
    expect((await get({ origin: 'null' })).statusCode).toBe(403);
    expect((await get({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    const same = await get({ origin, 'sec-fetch-site': 'same-origin' });
    expect(same.statusCode).toBe(200);
    expect(Object.keys(same.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    const probe = await one.app.inject({ url: '/healthz', headers: { host: '10.0.0.9:7080' } });
    expect(probe.statusCode).toBe(200);
    expect(csrf.length).toBeGreaterThan(30);
  });

  it('a write that a cookie speaks for needs what only its own pages know', async () => {
    const { one, cookie, csrf } = await loggedIn();
    const post = (headers: Record<string, string>) =>
      one.app.inject({
        method: 'POST',
        url: '/api/v1/deploy',
        headers: { host, cookie, ...key, ...headers },
        payload: wanted,
      });
    expect((await post({})).json().code).toBe('REQUEST_REFUSED');
    expect((await post({ 'x-appstore-csrf': 'guess' })).statusCode).toBe(403);
    expect((await post({ 'x-appstore-csrf': csrf, origin: 'http://evil.example' })).statusCode).toBe(403);
    expect((await post({ 'x-appstore-csrf': csrf, origin })).statusCode).toBe(202);
    const form = await one.app.inject({
      method: 'POST',
      url: '/api/v1/deploy',
      headers: { host, cookie, 'x-appstore-csrf': csrf, 'content-type': 'text/plain' },
      payload: JSON.stringify(wanted),
    });
    expect(form.json().code).toBe('REQUEST_INVALID');
  });

  it('every answer says what a page of it may do', async () => {
    const one = await start();
    for (const url of ['/healthz', '/api/v1/apps', '/nothing']) {
      const { headers } = await one.app.inject(url);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    }
  });
});

describe('what is asked for', () => {
  const ann = { 'x-test-caller': 'ann', ...key };
  it('an app is one of a catalog, and no address or path', async () => {
    const one = await start();
    const code = async (body: object) =>
      (await one.app.inject({ method: 'POST', url: '/api/v1/deploy', headers: ann, payload: body })).json()
        .code;
    for (const app of [
      'https://evil.example/app.tgz',
      'oci://evil.example/app',
      'git+https://evil.example/x.git',
      './folder',
      '../../etc',
      '/etc/passwd',
      'fixture',
      'local/x/../y',
      'test/fixture@1.0.0',
    ])
      expect([app, await code({ ...wanted, app })]).toEqual([app, 'REQUEST_INVALID']);
    for (const version of ['https://evil.example', '../1', 'a/b', '1@2'])
      expect([version, await code({ ...wanted, version })]).toEqual([version, 'REQUEST_INVALID']);
  });

  it('paths lead out of nothing', async () => {
    const one = await start();
    for (const url of [
      '/api/v1/apps/..%2f..%2fetc/passwd',
      '/api/v1/apps/test/..%2ffixture',
      '/api/v1/apps/builtin/%2e%2e/icon',
      '/..%2f..%2fpackage.json',
      '/api/v1/apps/test/fixture/icon?version=../../x',
    ])
      expect([url, (await one.app.inject({ url, headers: ann })).statusCode >= 400]).toEqual([url, true]);
  });

  it('what is too much is refused', async () => {
    const one = await start();
    const payload = { ...wanted, values: { text: 'x'.repeat(1_100_000) } };
    const large = await one.app.inject({ method: 'POST', url: '/api/v1/deploy', headers: ann, payload });
    expect(large.json()).toMatchObject({ status: 400, detail: 'the body is larger than the server takes' });
    const proto = await one.app.inject({
      method: 'POST',
      url: '/api/v1/deploy',
      headers: { ...ann, 'content-type': 'application/json' },
      payload: '{"app":"test/fixture","namespace":"team","values":{"__proto__":{"admin":true}}}',
    });
    expect(proto.statusCode).toBe(400);
  });

  it('one caller gets so much and no more, and another one is not held up', async () => {
    const one = await start({ settings: { requestsPerMinute: 5 } });
    const ask = (name: string) =>
      one.app.inject({ url: '/api/v1/clusters', headers: { 'x-test-caller': name } });
    const answers = [];
    for (let at = 0; at < 7; at++) answers.push(await ask('ann'));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(Number(answers[6]?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('bob')).statusCode).toBe(200);
  });

  it('tokens that one caller gets themselves are no further callers', async () => {
    const callers = bearerCallers(realClock, async (credential) => ({
      name: credential.kind === 'token' ? String((await credential.token()).split('-')[0]) : '',
      groups: [],
    }));
    const one = await start({ callers, settings: { requestsPerMinute: 5 } });
    const ask = async (token: string) =>
      (await one.app.inject({ url: '/api/v1/clusters', headers: { authorization: `Bearer ${token}` } }))
        .statusCode;
    const answers = [];
    for (let at = 0; at < 7; at++) answers.push(await ask(`ann-${at}`));
    expect(answers).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(await ask('bob-0')).toBe(200);
  });

  it('headers end somewhere, and so does the time for them', async () => {
    const one = await start();
    await one.app.listen({ port: 0, host: '127.0.0.1' });
    const { headersTimeout, requestTimeout, maxHeadersCount } = one.app.server;
    expect([headersTimeout, requestTimeout, maxHeadersCount]).toEqual([15_000, 60_000, null]);
    const { port } = one.app.server.address() as { port: number };
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
      socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(40_000)}\r\n\r\n`);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('what is told', () => {
  it('nothing of what nobody foresaw, and nothing of what was sent', async () => {
    const cluster = createMemoryCluster();
    cluster.fail(() => true, new Error('connect ECONNREFUSED /root/.kube/config token=s3cr3t'));
    const one = await start({ cluster });
    const answer = await one.app.inject({ url: '/api/v1/deployments', headers: { 'x-test-caller': 'ann' } });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/s3cr3t|kube/);
    expect(answer.json()).toMatchObject({
      code: 'INTERNAL',
      instance: `urn:appstore:request:${answer.headers['x-request-id']}`,
    });
    expect(JSON.stringify(one.log)).toContain('ECONNREFUSED');
  });

  it('an audit line a write, and never a value', async () => {
    const one = await start();
    const headers = {
      'x-test-caller': 'ann',
      ...key,
      cookie: 'c=cookie-secret',
      authorization: 'Bearer token-secret',
    };
    const payload = { ...wanted, values: { greeting: 'value-secret' } };
    const begun = await one.app.inject({ method: 'POST', url: '/api/v1/deploy', headers, payload });
    await one.app.inject({ url: `${begun.headers.location}/events`, headers });
    await one.app.inject({ url: '/api/v1/deployments/team/web/credentials', headers });
    await one.app.inject({
      method: 'POST',
      url: '/api/v1/deployments/team/web/remove',
      headers: { ...headers, 'idempotency-key': 'another-0123456789' },
      payload: {},
    });
    const place = { cluster: 'main', namespace: 'team', name: 'web' };
    const who = { name: 'ann', groups: ['testers'], mode: 'token' };
    expect(one.log.filter(({ audit }) => audit)).toMatchObject([
      { who, ...place, operation: 'install', result: 'begun' },
      { who, ...place, operation: 'install', result: 'done' },
      { who, ...place, operation: 'credentials', result: 'read' },
      { who, ...place, operation: 'remove', result: 'refused', code: 'CONFIRMATION_NEEDED' },
    ]);
    expect(JSON.stringify(one.log)).not.toMatch(/-secret/);
  });
});

describe('what is kept by whoever asks', () => {
  it('an answer that did not change is not sent again, and a large one is packed', async () => {
    const one = await start();
    const headers = { 'x-test-caller': 'ann' };
    const first = await one.app.inject({ url: '/api/v1/apps', headers });
    const { etag } = first.headers;
    const again = await one.app.inject({
      url: '/api/v1/apps',
      headers: { ...headers, 'if-none-match': String(etag) },
    });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    const packed = await one.app.inject({
      url: '/api/v1/openapi.json',
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.rawPayload.length).toBeLessThan(40_000);
    const secret = await one.app.inject({ url: '/api/v1/session', headers });
    expect(secret.headers['cache-control']).toBe('no-store');
  });
});
