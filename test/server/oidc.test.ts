import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownPath } from '../../src/server/callers/oidc.ts';
import { type IdentityProvider, startIdentityProvider } from '../support/identity-provider.ts';
import { key, publicUrl, redirectUrl, oidcServer as serverOf } from '../support/oidc-server.ts';
import type { Person } from '../support/person.ts';

const session = `${publicUrl}/api/v1/session`;
const host = 'apps.example.test';
const cookieOf = ({ jar }: Person, name = '__Host-appstore') => jar.get(host)?.get(name) ?? '';

let provider: IdentityProvider;
beforeAll(async () => {
  const groups = Array.from({ length: 200 }, (_, at) => `a-team-with-a-long-name-${at}`);
  const people = { anna: { groups: ['admins'] }, ben: { groups: ['viewers'] }, many: { groups } };
  provider = await startIdentityProvider({ people, redirectUrls: [redirectUrl] });
});
afterAll(() => provider.stop());

const oidcServer = (options?: Parameters<typeof serverOf>[1]) => serverOf(provider, options);

/** Who the server takes a browser for; its status where it takes it for nobody. */
async function whoIs(browser: Person): Promise<unknown> {
  const answer = await browser.send(session);
  return answer.status === 200 ? answer.json().caller : answer.status;
}

describe('logging in', () => {
  it('leads to the provider and back to where it began, with a session in cookies that no script can read', async () => {
    const browser = (await oidcServer()).browser();
    expect((await browser.send(session)).json()).toMatchObject({ status: 401, login: '/login' });
    const begun = await browser.send(
      `${publicUrl}/login?return=${encodeURIComponent('/api/v1/session?a=b')}`,
    );
    const asked = new URL(String(begun.headers.location)).searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(asked.get('redirect_uri')).toBe(redirectUrl);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);

    const page = await browser.logIn(
      `${publicUrl}/login?return=${encodeURIComponent('/api/v1/session?a=b')}`,
      'anna',
    );
    expect(page.url).toBe(`${session}?a=b`);
    expect(page.json().caller).toEqual({ name: 'anna', groups: ['admins'], mode: 'oidc' });
    expect([...(browser.jar.get(host)?.keys() ?? [])]).toEqual(['__Host-appstore']);
    expect(cookieOf(browser)).not.toContain(Buffer.from('anna').toString('base64url'));
  });

  it('sets cookies for this host alone, over TLS alone, out of the reach of scripts and other sites', async () => {
    const server = await oidcServer();
    const browser = server.browser();
    const begun = await browser.send(`${publicUrl}/login`);
    for (const line of [begun.headers['set-cookie']].flat()) {
      expect(line).toMatch(/^__Host-appstore/);
      for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax'])
        expect(line).toContain(attribute);
      expect(line).not.toMatch(/domain/i);
    }
  });

  it('lets a page of the provider lead here, as a browser tells it', async () => {
    const browser = (await oidcServer()).browser();
    const navigation = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect((await browser.send(`${publicUrl}/login`, { headers: navigation })).status).toBe(303);
    const framed = { ...navigation, 'sec-fetch-dest': 'iframe' };
    expect((await browser.send(`${publicUrl}/login`, { headers: framed })).status).toBe(403);
    const script = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'script',
    };
    expect((await browser.send(`${publicUrl}/api/v1/apps`, { headers: script })).status).toBe(403);
  });

  it.each([
    ['/', '/'],
    ['/apps/postgres?tab=values#top', '/apps/postgres?tab=values#top'],
    ['https://evil.example/', '/'],
    ['//evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/\t/evil.example/', '/'],
    ['/..//evil.example/', '/'],
    ['javascript:alert(1)', '/'],
    [['/a', '/b'], '/'],
    [undefined, '/'],
  ])('after it goes from %j to %s', (wanted, path) => {
    expect(ownPath(wanted, publicUrl)).toBe(path);
  });

  it('does not log a browser in with what another browser began (login CSRF)', async () => {
    const server = await oidcServer();
    const [attacker, victim] = [server.browser(), server.browser()];
    const callback = await callbackOf(attacker, 'ben');
    const refused = await victim.send(callback);
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('LOGIN_FAILED');
    expect(refused.headers['content-type']).toContain('text/html');
    expect(await whoIs(victim)).toBe(401);
    // With a login of the victim's own under way neither: the state is another one.
    await victim.send(`${publicUrl}/login`);
    expect((await victim.send(callback)).status).toBe(401);
    expect(await whoIs(victim)).toBe(401);
  });

  it('takes an answer of the provider once', async () => {
    const browser = (await oidcServer()).browser();
    const callback = await callbackOf(browser, 'anna');
    const begun = cookieOf(browser, '__Host-appstore-login');
    expect((await browser.send(callback)).status).toBe(303);
    browser.jar.clear();
    expect((await browser.send(callback)).status).toBe(401);
    browser.jar.set(host, new Map([['__Host-appstore-login', begun]]));
    const replayed = await browser.send(callback);
    expect(replayed.status).toBe(401);
    expect(replayed.text).toContain('invalid_grant');
    expect(await whoIs(browser)).toBe(401);
  });

  it('ends after ten minutes that nobody finished it', async () => {
    const server = await oidcServer();
    const browser = server.browser();
    const callback = await callbackOf(browser, 'anna');
    server.later(601);
    expect((await browser.send(callback)).status).toBe(401);
  });

  it('says so where the provider cannot be asked, and works as soon as it can', async () => {
    const people = { anna: { groups: [] } };
    const other = await startIdentityProvider({ people, redirectUrls: [redirectUrl] });
    const server = await serverOf(other);
    await other.stop();
    const answer = await server.browser().send(`${publicUrl}/login`);
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('LOGIN_UNAVAILABLE');
    expect(answer.text).toContain('<a href="/login">');
  });

  it('trusts nobody but the authority that was given', async () => {
    const people = { anna: { groups: [] } };
    const other = await startIdentityProvider({ people, redirectUrls: [redirectUrl] });
    const server = await serverOf({ ...other, ca: provider.ca });
    expect((await server.browser().send(`${publicUrl}/login`)).status).toBe(503);
    await other.stop();
  });

  it('writes neither tokens nor codes into the log', async () => {
    const server = await oidcServer();
    const browser = server.browser();
    const callback = await callbackOf(browser, 'anna');
    await browser.send(callback);
    await browser.send(callback);
    await whoIs(browser);
    const text = JSON.stringify(server.log);
    for (const secret of [new URL(callback).searchParams.get('code') ?? '', cookieOf(browser), 'eyJ'])
      expect(text).not.toContain(secret);
    expect(text).toContain('login refused');
  });
});

/** Where the provider sends a browser back to, without going there. */
async function callbackOf(browser: Person, name: string): Promise<string> {
  const form = await browser.follow(`${publicUrl}/login`);
  const action = new URL(/action="([^"]+)"/.exec(form.text)?.[1] ?? '', form.url).href;
  const body = `name=${name}&password=${name}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  let answer = await browser.send(action, { method: 'POST', headers, body });
  for (;;) {
    const next = new URL(String(answer.headers.location), answer.url).href;
    if (next.startsWith(publicUrl)) return next;
    answer = await browser.send(next);
  }
}

describe('a session', () => {
  const loggedIn = async (options?: Parameters<typeof serverOf>[1], name = 'anna') => {
    const server = await oidcServer(options);
    const browser = server.browser();
    await browser.logIn(`${publicUrl}/login?return=/healthz`, name);
    return { server, browser };
  };

  it('counts for every replica that has the key, and for none without', async () => {
    const { browser } = await loggedIn();
    const replica = (await oidcServer()).browser();
    const stranger = (await oidcServer({ keys: [key('another')] })).browser();
    for (const other of [replica, stranger]) other.jar.set(host, new Map(browser.jar.get(host)));
    expect(await whoIs(replica)).toMatchObject({ name: 'anna' });
    expect(await whoIs(stranger)).toBe(401);
  });

  it('outlives a change of keys, until the old one is taken away', async () => {
    const { browser } = await loggedIn({ keys: [key('old')] });
    const both = (await oidcServer({ keys: [key('new'), key('old')] })).browser();
    both.jar.set(host, new Map(browser.jar.get(host)));
    expect(await whoIs(both)).toMatchObject({ name: 'anna' });
    const after = (await oidcServer({ keys: [key('new')] })).browser();
    after.jar.set(host, new Map(browser.jar.get(host)));
    expect(await whoIs(after)).toBe(401);
  });

  it('is nothing when anything of it was changed', async () => {
    const { browser } = await loggedIn();
    const whole = cookieOf(browser);
    for (const at of [0, 7, 8, 20, Math.floor(whole.length / 2), whole.length - 2]) {
      const other = whole[at] === 'A' ? 'B' : 'A';
      browser.jar.set(
        host,
        new Map([['__Host-appstore', `${whole.slice(0, at)}${other}${whole.slice(at + 1)}`]]),
      );
      expect(await whoIs(browser), `character ${at}`).toBe(401);
    }
    for (const value of ['', 'x', whole.slice(0, 30), `${whole}AAAA`]) {
      browser.jar.set(host, new Map([['__Host-appstore', value]]));
      expect(await whoIs(browser)).toBe(401);
    }
    browser.jar.set(host, new Map([['__Host-appstore', whole]]));
    expect(await whoIs(browser)).toMatchObject({ name: 'anna' });
  });

  it('is not what was sealed for a login, though the key is the same', async () => {
    const server = await oidcServer();
    const browser = server.browser();
    await browser.send(`${publicUrl}/login`);
    browser.jar.set(host, new Map([['__Host-appstore', cookieOf(browser, '__Host-appstore-login')]]));
    expect(await whoIs(browser)).toBe(401);
  });

  it('is split where it is too large for one cookie', async () => {
    const { browser } = await loggedIn({}, 'many');
    const names = [...(browser.jar.get(host)?.keys() ?? [])];
    expect(names.length).toBeGreaterThan(2);
    for (const value of browser.jar.get(host)?.values() ?? []) expect(value.length).toBeLessThan(4000);
    expect(((await whoIs(browser)) as { groups: string[] }).groups).toHaveLength(200);
    // Of a smaller one after it no part may be left.
    for (const at of browser.jar.keys()) if (at !== host) browser.jar.delete(at);
    await browser.logIn(`${publicUrl}/login?return=/healthz`, 'ben');
    expect([...(browser.jar.get(host)?.keys() ?? [])]).toEqual(['__Host-appstore']);
    expect(await whoIs(browser)).toMatchObject({ name: 'ben' });
  });

  it('renews its token before that ends, once for all who ask at the same time', async () => {
    const { server, browser } = await loggedIn();
    const before = cookieOf(browser);
    server.later(3000);
    await whoIs(browser);
    expect(cookieOf(browser)).toBe(before);
    server.later(400);
    const answers = await Promise.all([1, 2, 3].map(() => browser.send(session)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(cookieOf(browser)).not.toBe(before);
    // A browser that got none of it yet is served all the same, and gets it.
    browser.jar.set(host, new Map([['__Host-appstore', before]]));
    server.later(-200);
    expect(await whoIs(browser)).toMatchObject({ name: 'anna' });
    expect(cookieOf(browser)).not.toBe(before);
  });

  it('goes on with a token that holds where the provider does not renew it, and ends with it', async () => {
    const { server, browser } = await loggedIn();
    const other = (await oidcServer()).browser();
    other.jar.set(host, new Map(browser.jar.get(host)));
    server.later(3400);
    await whoIs(browser);
    // The refresh token counted once; this replica has the old one and a clock of its own.
    expect(await whoIs(other)).toMatchObject({ name: 'anna' });
    const late = await oidcServer();
    const stale = late.browser();
    stale.jar.set(host, new Map(other.jar.get(host)));
    late.later(3400);
    expect(await whoIs(stale)).toMatchObject({ name: 'anna' });
    late.later(300);
    expect(await whoIs(stale)).toBe(401);
  });

  it('ends after its time, however often it was renewed', async () => {
    const { server, browser } = await loggedIn({ longest: 5000 });
    server.later(3400);
    expect(await whoIs(browser)).toMatchObject({ name: 'anna' });
    server.later(1700);
    expect(await whoIs(browser)).toBe(401);
  });

  it('ends at the logout, here and at the provider', async () => {
    const { server, browser } = await loggedIn();
    const kept = new Map(browser.jar.get(host));
    const { csrf } = (await browser.send(session)).json();
    const logout = `${session}/logout`;
    const own = { origin: publicUrl, 'content-type': 'application/json' };
    expect((await browser.send(logout, { method: 'POST', headers: own, body: '{}' })).status).toBe(403);
    const headers = { ...own, 'x-appstore-csrf': csrf };
    const answer = await browser.send(logout, { method: 'POST', headers, body: '{}' });
    expect(answer.status).toBe(204);
    const next = new URL(String(answer.headers.location));
    expect(next.origin).toBe(provider.issuer);
    expect(next.searchParams.get('post_logout_redirect_uri')).toBe(`${publicUrl}/`);
    expect(await whoIs(browser)).toBe(401);
    // Who kept the cookie has nothing of it here, and nowhere when the token ends: the refresh token was taken back.
    browser.jar.set(host, kept);
    expect(await whoIs(browser)).toBe(401);
    const late = await oidcServer();
    const thief = late.browser();
    thief.jar.set(host, kept);
    late.later(3601);
    expect(await whoIs(thief)).toBe(401);
    expect(server.log.length).toBeGreaterThan(0);
  });

  it('ends at the page of the provider that the logout leads to, and the next login asks who it is', async () => {
    const { browser } = await loggedIn();
    const again = await browser.follow(`${publicUrl}/login?return=/healthz`);
    expect(again.url).toBe(`${publicUrl}/healthz`);
    const { csrf } = (await browser.send(session)).json();
    const headers = { origin: publicUrl, 'content-type': 'application/json', 'x-appstore-csrf': csrf };
    const answer = await browser.send(`${session}/logout`, { method: 'POST', headers, body: '{}' });
    const page = await browser.follow(String(answer.headers.location));
    const [, action = ''] = /action="([^"]+)"/.exec(page.text) ?? [];
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page.text) ?? [];
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ xsrf, logout: 'yes' }).toString();
    const left = await browser.send(action, { method: 'POST', headers: form, body });
    expect([left.status, left.headers.location]).toEqual([303, `${publicUrl}/`]);
    expect((await browser.follow(`${publicUrl}/login?return=/healthz`)).text).toContain('name="password"');
  });

  it('ends at the provider also where that cannot take the token back just then', async () => {
    const { browser } = await loggedIn();
    const { csrf } = (await browser.send(session)).json();
    const headers = { origin: publicUrl, 'content-type': 'application/json', 'x-appstore-csrf': csrf };
    provider.revokes = false;
    const answer = await browser.send(`${session}/logout`, { method: 'POST', headers, body: '{}' });
    provider.revokes = true;
    expect(new URL(String(answer.headers.location)).origin).toBe(provider.issuer);
    expect(await whoIs(browser)).toBe(401);
  });

  it('names its client at the provider where its token is too long for an address', async () => {
    const { browser } = await loggedIn({}, 'many');
    const { csrf } = (await browser.send(session)).json();
    const headers = { origin: publicUrl, 'content-type': 'application/json', 'x-appstore-csrf': csrf };
    const answer = await browser.send(`${session}/logout`, { method: 'POST', headers, body: '{}' });
    const next = new URL(String(answer.headers.location));
    expect(next.searchParams.get('client_id')).toBe(provider.clientId);
    expect(next.searchParams.get('id_token_hint')).toBeNull();
    const page = await browser.follow(next.href);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('name="xsrf"')]);
  });

  it('writes nothing for a page that does not know its csrf value, or is of another origin', async () => {
    const { browser } = await loggedIn();
    const { csrf } = (await browser.send(session)).json();
    const deploy = { app: 'test/fixture', name: 'web', namespace: 'team', dryRun: true };
    const write = (headers: Record<string, string>) =>
      browser.send(`${publicUrl}/api/v1/deploy`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(deploy),
      });
    expect((await write({ origin: publicUrl })).status).toBe(403);
    expect((await write({ origin: publicUrl, 'x-appstore-csrf': `${csrf}x` })).status).toBe(403);
    expect((await write({ origin: 'https://evil.example', 'x-appstore-csrf': csrf })).status).toBe(403);
    expect((await write({ origin: publicUrl, 'x-appstore-csrf': csrf })).status).toBe(200);
  });
});
