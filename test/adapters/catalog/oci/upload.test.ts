import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { openRepository } from '../../../../src/adapters/catalog/oci/registry.ts';
import { openUploads } from '../../../../src/adapters/catalog/oci/upload.ts';
import { type WebServer, webServer } from '../../../support/web-server.ts';

const signal = new AbortController().signal;
const bytes = Buffer.from('an archive');
const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const settings = () => ({
  http: { environment: {}, userAgent: 'test', credentials: async () => undefined },
  login: async () => ({ kind: 'password', username: 'ann', password: 'secret' }) as const,
  plainHttp: true,
});

/** A registry that wants a token, and sends uploads where it is told. */
async function registry(uploadsAt: (own: WebServer) => string, put = 201): Promise<WebServer> {
  const server: WebServer = await webServer((request, response) => {
    const path = request.url ?? '';
    request.resume();
    if (path.startsWith('/token')) return void response.end('{"token":"good"}');
    if (request.headers.authorization !== 'Bearer good')
      return void response
        .writeHead(401, { 'www-authenticate': `Bearer realm="${server.url}/token",service="x"` })
        .end();
    if (request.method === 'HEAD') return void response.writeHead(404).end();
    if (request.method === 'POST') return void response.writeHead(202, { location: uploadsAt(server) }).end();
    response.writeHead(put, put === 307 ? { location: `${server.url}/elsewhere` } : {}).end();
  });
  return server;
}

test('a blob is uploaded with a token for pulling and pushing', async () => {
  const server = await registry(() => '/v2/team/web/blobs/uploads/1?state=x');
  const uploads = openUploads(settings(), `127.0.0.1:${server.port}`, 'team/web');
  expect(await uploads.blob('a/b', bytes, signal)).toEqual({ mediaType: 'a/b', digest, size: bytes.length });
  expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    `HEAD /v2/team/web/blobs/${digest}`,
    `GET /token?scope=repository%3Ateam%2Fweb%3Apull%2Cpush&service=x`,
    `HEAD /v2/team/web/blobs/${digest}`,
    'POST /v2/team/web/blobs/uploads/',
    `PUT /v2/team/web/blobs/uploads/1?state=x&digest=${encodeURIComponent(digest)}`,
  ]);
  expect(await uploads.manifest('1.0.0', { layers: [] }, signal)).toMatchObject({
    digest: expect.stringMatching(/^sha256:/),
    listed: false,
  });
});

test('a manifest is put again where the registry could not take it just then', async () => {
  const answers = [500, 503, 201];
  const server = await webServer((request, response) => {
    request.resume();
    response.writeHead(request.method === 'PUT' ? (answers.shift() ?? 500) : 200).end();
  });
  const uploads = openUploads(settings(), `127.0.0.1:${server.port}`, 'team/web');
  await uploads.manifest('1.0.0', { layers: [] }, signal);
  expect(answers).toEqual([]);
  await expect(uploads.manifest('1.0.0', { layers: [] }, signal)).rejects.toThrow(/answers 500/);
});

const refusal = (...errors: readonly object[]) => JSON.stringify({ errors });

test('a manifest is put again where the registry misses a blob that somebody else uploads just then', async () => {
  const unknown = refusal(
    { code: 'DIGEST_INVALID', message: 'provided digest did not match uploaded content' },
    { code: 'MANIFEST_BLOB_UNKNOWN', message: 'blob unknown to registry', detail: digest },
  );
  const answers = [400, 404, 201];
  const server = await webServer((request, response) => {
    request.resume();
    response.writeHead(answers.shift() ?? 400).end(unknown);
  });
  const uploads = openUploads(settings(), `127.0.0.1:${server.port}`, 'team/web');
  await uploads.manifest('1.0.0', { layers: [] }, signal);
  expect(answers).toEqual([]);
  await expect(uploads.manifest('1.0.0', { layers: [] }, signal)).rejects.toThrow(
    'the server answers 400 and says "provided digest did not match uploaded content (DIGEST_INVALID); blob unknown to registry (MANIFEST_BLOB_UNKNOWN)"',
  );
});

test.each([
  [
    'a refusal',
    412,
    refusal({ code: 'PRECONDITION', message: 'quota exceeded' }),
    / 412 and says "quota exceeded \(PRECONDITION\)"$/,
  ],
  [
    'what it may not',
    403,
    refusal({ code: 'DENIED' }),
    / 403 and says "DENIED": it wants other credentials$/,
  ],
  [
    'the same twice',
    429,
    refusal({ message: 'slow down' }, { message: 'slow down' }),
    / 429 and says "slow down"$/,
  ],
  ['no JSON', 400, '<html>', /: the server answers 400$/],
  ['no list', 400, '{"errors":"no"}', /: the server answers 400$/],
  ['a list of nothing', 400, '{"errors":[{"code":7},"x"]}', /: the server answers 400$/],
  [
    'an answer that it may not give',
    404,
    refusal({ code: 'NAME_UNKNOWN', message: 'no such repository' }),
    /refuses the manifest \(404: no such repository \(NAME_UNKNOWN\)\)$/,
  ],
  ['signs that a terminal obeys', 400, refusal({ message: 'a\u001b[2Jb' }), /says "a[^\u001b]*b"$/],
])('what a registry says of why is told: %s', async (_, status, body, message) => {
  const server = await webServer((request, response) => {
    request.resume();
    response.writeHead(status).end(body);
  });
  const uploads = openUploads(settings(), `127.0.0.1:${server.port}`, 'team/web');
  await expect(uploads.manifest('1.0.0', { layers: [] }, signal)).rejects.toThrow(message);
  expect(server.asked).toHaveLength(1);
});

test('a failure longer than the blob that was asked for is told as the failure', async () => {
  const server = await webServer((_, response) => {
    response.writeHead(403).end(refusal({ code: 'DENIED', message: 'not for you' }));
  });
  const repository = openRepository(settings(), `127.0.0.1:${server.port}`, 'team/web');
  await expect(repository.blob({ digest, size: 2 }, signal)).rejects.toThrow(/403 and says "not for you/);
});

test('what the registry refuses is not sent again, but a tag that is written just then is asked for again', async () => {
  const answers = [400, 500, 200];
  const server = await webServer((request, response) => {
    request.resume();
    const status = request.method === 'PUT' || request.url?.includes('sha256:') ? 400 : answers.shift();
    response.writeHead(status ?? 400).end('{"layers":[]}');
  });
  const host = `127.0.0.1:${server.port}`;
  const uploads = openUploads(settings(), host, 'team/web');
  await expect(uploads.manifest('1.0.0', { layers: [] }, signal)).rejects.toThrow(/answers 400/);
  const repository = openRepository(settings(), host, 'team/web');
  await expect(repository.manifest(digest, signal)).rejects.toThrow(/answers 400/);
  await expect(repository.blob({ digest, size: 9 }, signal)).rejects.toThrow(/answers 400/);
  expect(server.asked).toHaveLength(3);
  expect(await repository.manifest('1.0.0', signal)).toMatchObject({ content: { layers: [] } });
  expect(answers).toEqual([]);
});

test('an upload is begun anew where the registry was busy, and told where it stays so', async () => {
  const busy = [503, 202, 500, 202, 201];
  const answers = [...busy];
  const server: WebServer = await webServer((request, response) => {
    request.resume();
    const status = request.method === 'HEAD' ? 404 : (answers.shift() ?? 503);
    response.writeHead(status, { location: `/upload/${answers.length}` }).end(refusal({ message: 'later' }));
  });
  const uploads = openUploads(settings(), `127.0.0.1:${server.port}`, 'team/web');
  await uploads.blob('a/b', bytes, signal);
  expect(server.asked.map(({ method }) => method)).toEqual(['HEAD', 'POST', 'POST', 'PUT', 'POST', 'PUT']);
  await expect(uploads.blob('a/b', bytes, signal)).rejects.toThrow(/refuses the upload \(503: later\)$/);
});

test('where a registry keeps uploads at another server, that gets the bytes and no token', async () => {
  const storage = await webServer((request, response) => {
    request.resume();
    response.writeHead(201).end();
  });
  const server = await registry(() => `${storage.url}/bucket?signature=1`);
  const uploads = openUploads(settings(), `127.0.0.1:${server.port}`, 'team/web');
  await uploads.blob('a/b', bytes, signal);
  expect(storage.asked).toMatchObject([
    { method: 'PUT', headers: { 'content-length': String(bytes.length) } },
  ]);
  expect(storage.asked[0]?.headers).not.toHaveProperty('authorization');
});

test('a server outside may not have uploads sent inside', async () => {
  const inside = await webServer((_, response) => void response.writeHead(201).end());
  const server = await registry(() => `${inside.url.replace('127.0.0.1', '127.0.0.2')}/x`);
  const outside = {
    ...settings(),
    http: {
      ...settings().http,
      network: {
        resolve: async () => [],
        reachOf: (address: string) => (address === '127.0.0.1' ? ('public' as const) : ('here' as const)),
      },
    },
  };
  const uploads = openUploads(outside, `127.0.0.1:${server.port}`, 'team/web');
  await expect(uploads.blob('a/b', bytes, signal)).rejects.toThrow(/further inside/);
  expect(inside.asked).toEqual([]);
});

test.each([
  ['refuses', 400, /400|refuse/],
  ['redirects', 307, /leads what is written/],
])('an upload that the registry %s is told', async (_, status, message) => {
  const server = await registry(() => '/upload', status);
  const uploads = openUploads(settings(), `127.0.0.1:${server.port}`, 'team/web');
  await expect(uploads.blob('a/b', bytes, signal)).rejects.toThrow(message);
});
