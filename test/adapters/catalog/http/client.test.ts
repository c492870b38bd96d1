import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type HttpQuestion, readHttp } from '../../../../src/adapters/catalog/http/client.ts';
import { credentialsFrom } from '../../../../src/adapters/catalog/http/credentials.ts';
import { type Reach, reachOf } from '../../../../src/adapters/catalog/http/reach.ts';
import type { HttpSettings } from '../../../../src/adapters/catalog/http/settings.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { testAuthority, webProxy, webServer } from '../../../support/web-server.ts';

const settings = (more: Partial<HttpSettings> = {}): HttpSettings => ({
  environment: {},
  userAgent: 'appstore/test',
  credentials: async () => undefined,
  ...more,
});

const ask = (url: string, more: Partial<HttpQuestion> = {}, given: Partial<HttpSettings> = {}) =>
  readHttp(settings(given), { what: 'the index of `team`', url: new URL(url), limit: 1_000, ...more });

const failed = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

/** 127.0.0.2 stands for the internet, 127.0.0.3 for a network at home: a test has no others. */
const network = {
  resolve: async (host: string) => [{ address: /^[\d.]+$/.test(host) ? host : '127.0.0.2', family: 4 }],
  reachOf: (address: string): Reach =>
    address === '127.0.0.2' ? 'public' : address === '127.0.0.3' ? 'private' : reachOf(address),
};

describe('a request', () => {
  test('names this program and gives the body, its address and its headers', async () => {
    const server = await webServer((_request, response) => {
      response.setHeader('etag', '"1"').end('hello');
    });
    const answer = await ask(`${server.url}/index.yaml`);
    expect(answer.bytes.toString()).toBe('hello');
    expect(answer.header('etag')).toBe('"1"');
    expect(answer.reach).toBe('here');
    expect(server.asked[0]).toMatchObject({
      path: '/index.yaml',
      headers: { 'user-agent': 'appstore/test', 'accept-encoding': 'identity' },
    });
  });

  test('is conditional where it is told what was there', async () => {
    const server = await webServer((request, response) => {
      response.writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 200).end();
    });
    const headers = { 'if-none-match': '"1"' };
    expect((await ask(server.url, { headers, also: [304] })).status).toBe(304);
    await expect(ask(server.url, { headers })).rejects.toEqual(failed('CATALOG_UNREACHABLE', /answers 304/));
  });

  test('is unpacked where it may be compressed, and nowhere else', async () => {
    const server = await webServer((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync('packed'));
    });
    expect((await ask(server.url, { compressed: true })).bytes.toString()).toBe('packed');
    expect((await ask(server.url)).bytes).toEqual(gzipSync('packed'));
  });

  test.each([
    [401, 'CATALOG_FORBIDDEN', /`team` cannot be had from http:.*: the server answers 401/],
    [403, 'CATALOG_FORBIDDEN', /answers 403/],
    [404, 'CATALOG_UNREACHABLE', /answers 404: it is not there/],
    [500, 'CATALOG_UNREACHABLE', /answers 500/],
  ] as const)('answered with %i is an error that says what and where', async (status, code, message) => {
    const server = await webServer((_request, response) => void response.writeHead(status).end('x'));
    await expect(ask(`${server.url}/a?token=secret`)).rejects.toEqual(failed(code, message));
    await expect(ask(`${server.url}/a?token=secret`)).rejects.not.toThrow(/secret/);
  });
});

describe('a server that misbehaves', () => {
  const patience = { answer: 200, pause: 200, total: 600 };
  const slow = (url: string, more: Partial<HttpQuestion> = {}) => ask(url, more, { patience });

  test('sends more than is allowed', async () => {
    const server = await webServer((_request, response) => void response.end('x'.repeat(2_000)));
    await expect(ask(server.url)).rejects.toEqual(failed('CATALOG_INVALID', /larger than 1000 bytes/));
  });

  test('sends a compressed bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const server = await webServer((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(bomb);
    });
    await expect(ask(server.url, { compressed: true })).rejects.toEqual(
      failed('CATALOG_INVALID', /larger than 1000 bytes/),
    );
  });

  test('accepts and says nothing', async () => {
    const server = await webServer(() => {});
    await expect(slow(server.url)).rejects.toEqual(failed('CATALOG_UNREACHABLE', /no answer in time/));
  });

  test('begins and says nothing more', async () => {
    const server = await webServer((_request, response) => void response.write('x'));
    await expect(slow(server.url)).rejects.toEqual(failed('CATALOG_UNREACHABLE', /no answer in time/));
  });

  test('never ends', async () => {
    const server = await webServer((_request, response) => {
      const timer = setInterval(() => response.write('x'), 50);
      response.once('close', () => clearInterval(timer));
    });
    await expect(slow(server.url)).rejects.toEqual(failed('CATALOG_UNREACHABLE', /no answer in time/));
  });

  test('breaks off', async () => {
    const server = await webServer((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy());
    });
    await expect(ask(server.url)).rejects.toEqual(failed('CATALOG_UNREACHABLE', /closed|abort/));
  });

  test('is not there', async () => {
    await expect(ask('http://127.0.0.1:1/')).rejects.toEqual(
      failed('CATALOG_UNREACHABLE', /connection refused \(ECONNREFUSED\)/),
    );
  });

  test('is left at once when the command is stopped', async () => {
    const stop = new AbortController();
    const server = await webServer((_request, response) => {
      response.write('x');
      stop.abort(new Error('stopped'));
    });
    await expect(ask(server.url, { signal: stop.signal })).rejects.toThrow('stopped');
  });
});

describe('redirects', () => {
  const redirect = (to: string, address?: string, status = 302) =>
    webServer((_request, response) => void response.writeHead(status, { location: to }).end(), {
      ...(address === undefined ? {} : { address }),
    });

  test.each([301, 302, 303, 307, 308])('of %i are followed, relative ones as well', async (status) => {
    const server = await webServer((request, response) => {
      if (request.url === '/a') response.writeHead(status, { location: 'b' }).end();
      else response.end('there');
    });
    const answer = await ask(`${server.url}/a`);
    expect([answer.bytes.toString(), answer.url.pathname]).toEqual(['there', '/b']);
  });

  test('that lead round in a circle end', async () => {
    const server = await redirect('/again');
    await expect(ask(server.url)).rejects.toEqual(failed('CATALOG_UNREACHABLE', /more than 10 redirects/));
  });

  test.each(['file:///etc/passwd', 'ftp://example.com/x', 'data:text/plain,x', 'javascript:1'])(
    'to %s are not followed',
    async (target) => {
      const server = await redirect(target);
      await expect(ask(server.url)).rejects.toEqual(failed('CATALOG_UNREACHABLE', /is not followed/));
    },
  );

  test('without a place are an error', async () => {
    const server = await webServer((_request, response) => void response.writeHead(302).end());
    await expect(ask(server.url)).rejects.toEqual(failed('CATALOG_UNREACHABLE', /answers 302/));
  });

  test.each([
    ['http://127.0.0.1:PORT/', 'loopback'],
    ['http://127.0.0.3:PORT/', 'the network at home'],
    ['http://169.254.169.254/latest/meta-data', 'a metadata service'],
    ['http://[::1]:PORT/', 'loopback of IPv6'],
    ['http://[::ffff:10.0.0.1]/', 'a private address inside IPv6'],
    ['http://0x7f000001:PORT/', 'loopback in other digits'],
    ['http://10.1.2.3/', 'a private address'],
    ['http://[fd00::1]/', 'a private address of IPv6'],
    ['http://[fe80::1]/', 'the link of this machine'],
    ['http://0.0.0.0:PORT/', 'every address of this machine'],
  ])('from outside to %s are refused (%s)', async (target) => {
    const inside = await webServer((_request, response) => void response.end('secret'));
    const server = await redirect(target.replace('PORT', String(inside.port)), '127.0.0.2');
    await expect(ask(server.url, {}, { network })).rejects.toEqual(
      failed('CATALOG_UNREACHABLE', /further inside than where it came from/),
    );
    expect(inside.asked).toEqual([]);
  });

  test('to a name that resolves to an address inside are refused', async () => {
    const inside = await webServer((_request, response) => void response.end('secret'));
    const server = await redirect(`http://rebound.example:${inside.port}/`, '127.0.0.2');
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    await expect(ask(server.url, {}, { network: { ...network, resolve } })).rejects.toEqual(
      failed('CATALOG_UNREACHABLE', /leads to 127\.0\.0\.1/),
    );
    expect(inside.asked).toEqual([]);
  });

  test('at home to home and to outside are followed, from there not back in, and to this machine never', async () => {
    const home = await webServer((_request, response) => void response.end('home'), { address: '127.0.0.3' });
    const toHome = await redirect(home.url, '127.0.0.3');
    expect((await ask(toHome.url, {}, { network })).bytes.toString()).toBe('home');
    const outside = await redirect(home.url, '127.0.0.2');
    const round = await redirect(outside.url, '127.0.0.3');
    await expect(ask(round.url, {}, { network })).rejects.toThrow(/further inside/);
    const machine = await webServer((_request, response) => void response.end('secret'));
    const toMachine = await redirect(machine.url, '127.0.0.3');
    await expect(ask(toMachine.url, {}, { network })).rejects.toThrow(/further inside/);
  });

  test('an address that came from outside is judged before it is asked', async () => {
    const inside = await webServer((_request, response) => void response.end('secret'));
    await expect(ask(inside.url, { from: 'public' }, { network })).rejects.toThrow(/further inside/);
    expect(inside.asked).toEqual([]);
  });

  test('from https to http are refused', async () => {
    const { ca, issue } = testAuthority();
    const plain = await webServer((_request, response) => void response.end('x'));
    const { certificate, key } = issue('server');
    const server = await webServer(
      (_request, response) => void response.writeHead(302, { location: plain.url }).end(),
      { tls: { certificate, key } },
    );
    await expect(ask(server.url, {}, { ca })).rejects.toEqual(
      failed('CATALOG_UNREACHABLE', /leads from https to http:/),
    );
    expect(plain.asked).toEqual([]);
  });
});

describe('credentials', () => {
  const own = (location: string) =>
    credentialsFrom({
      own: { location: new URL(location), credential: { kind: 'basic', username: 'ann', password: 'pa:ss' } },
      environment: {},
      home: '/nowhere',
    });

  test('are sent to the origin of their catalog, and on a redirect to no other host', async () => {
    const other = await webServer((_request, response) => void response.end('x'), { address: '127.0.0.3' });
    const sibling = await webServer((_request, response) => void response.end('x'));
    for (const target of [other, sibling]) {
      const server = await webServer((_request, response) => {
        response.writeHead(302, { location: target.url }).end();
      });
      await ask(server.url, {}, { credentials: own(server.url) });
      expect(server.asked[0]?.headers.authorization).toBe(`Basic ${btoa('ann:pa:ss')}`);
      expect(target.asked[0]?.headers.authorization).toBeUndefined();
    }
  });

  test('given to one request are not sent to the next host either', async () => {
    const other = await webServer((_request, response) => void response.end('x'));
    const server = await webServer((_request, response) => {
      response.writeHead(307, { location: other.url }).end();
    });
    await ask(server.url, { authorization: 'Bearer t' });
    expect(server.asked[0]?.headers.authorization).toBe('Bearer t');
    expect(other.asked[0]?.headers.authorization).toBeUndefined();
  });

  test('of netrc go by host, each host its own', async () => {
    const home = await temporaryFolder();
    const netrc = join(home, 'netrc');
    await writeFile(
      netrc,
      'machine 127.0.0.1 login ann password one\nmachine 127.0.0.3\nlogin bob password two\n',
    );
    const credentials = credentialsFrom({ environment: { NETRC: netrc }, home });
    const server = await webServer((_request, response) => void response.end('x'));
    await ask(server.url, {}, { credentials });
    expect(server.asked[0]?.headers.authorization).toBe(`Basic ${btoa('ann:one')}`);
    expect(await credentials(new URL('https://127.0.0.3/'))).toBe(`Basic ${btoa('bob:two')}`);
    expect(await credentials(new URL('https://example.com/'))).toBeUndefined();
    // not in the open, but on this machine
    await writeFile(netrc, 'default login ann password one\n');
    expect(await credentials(new URL('http://example.com/'))).toBeUndefined();
    expect(await credentials(new URL('https://example.com/'))).toBe(`Basic ${btoa('ann:one')}`);
  });

  test('as a token', async () => {
    const server = await webServer((_request, response) => void response.end('x'));
    const credentials = credentialsFrom({
      own: { location: new URL(server.url), credential: { kind: 'bearer', token: 't' } },
      environment: {},
      home: '/nowhere',
    });
    await ask(server.url, {}, { credentials });
    expect(server.asked[0]?.headers.authorization).toBe('Bearer t');
  });
});

describe('TLS and proxies', () => {
  test('an own authority is trusted where it is given, and a client shows its certificate', async () => {
    const { ca, issue } = testAuthority();
    const [{ certificate, key }, client] = [issue('server'), issue('client')];
    const tls = { certificate, key, clientCa: ca };
    const server = await webServer((_request, response) => void response.end('inside'), { tls });
    const shown = { cert: client.certificate, key: client.key, host: `127.0.0.1:${server.port}` };
    expect((await ask(server.url, {}, { ca, certificate: shown })).bytes.toString()).toBe('inside');
    await expect(ask(server.url, {}, { certificate: shown })).rejects.toEqual(
      expect.objectContaining({
        code: 'CATALOG_UNREACHABLE',
        message: expect.stringMatching(/signed by nobody who is trusted here/),
        hint: expect.stringMatching(/--ca-file/),
      }),
    );
    await expect(ask(server.url, {}, { ca })).rejects.toEqual(
      expect.objectContaining({ code: 'CATALOG_UNREACHABLE' }),
    );
  });

  test('the certificate of a client is shown to the server of its catalog, and on a redirect to no other', async () => {
    const { ca, issue } = testAuthority();
    const [{ certificate, key }, client] = [issue('server'), issue('client')];
    const tls = { certificate, key, clientCa: ca };
    const other = await webServer((_request, response) => void response.end('x'), { tls });
    const server = await webServer(
      (_request, response) => void response.writeHead(302, { location: other.url }).end(),
      { tls },
    );
    const shown = { cert: client.certificate, key: client.key, host: `127.0.0.1:${server.port}` };
    await expect(ask(server.url, {}, { ca, certificate: shown })).rejects.toEqual(
      expect.objectContaining({ code: 'CATALOG_UNREACHABLE' }),
    );
    expect([server.asked.length, other.asked.length]).toEqual([1, 0]);
  });

  test('a certificate of another name is refused', async () => {
    const { ca, issue } = testAuthority();
    const { certificate, key } = issue('server', ['10.0.0.1']);
    const server = await webServer((_request, response) => void response.end('x'), {
      tls: { certificate, key },
    });
    await expect(ask(server.url, {}, { ca })).rejects.toThrow(/certificate is for another name/);
  });

  test('http and https go through the proxy of the environment, unless NO_PROXY names the host', async () => {
    const proxy = await webProxy();
    const { ca, issue } = testAuthority();
    const { certificate, key } = issue('server');
    const plain = await webServer((_request, response) => void response.end('plain'));
    const secure = await webServer((_request, response) => void response.end('secure'), {
      tls: { certificate, key },
    });
    const environment = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url };
    const named = ({ url }: { url: string }) => url.replace('127.0.0.1', 'catalog.example');
    expect((await ask(named(plain), {}, { environment })).bytes.toString()).toBe('plain');
    expect((await ask(named(secure), {}, { environment, ca })).bytes.toString()).toBe('secure');
    expect(proxy.tunnels).toEqual([`${named(plain)}/`, `catalog.example:${secure.port}`]);
    const direct = { ...environment, NO_PROXY: 'catalog.example' };
    const toServer = { ...network, resolve: async () => [{ address: '127.0.0.1', family: 4 }] };
    await ask(named(plain), {}, { environment: direct, network: toServer });
    expect(proxy.tunnels).toHaveLength(2);
    expect(plain.asked).toHaveLength(2);
  });
});
