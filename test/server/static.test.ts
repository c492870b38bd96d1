import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltStorefront, buildStorefront, firstLoadLimit } from '../../scripts/storefront.ts';
import { type ServerHarness, serverHarness } from '../support/server.ts';

let folder = '';
let built: BuiltStorefront;
let server: ServerHarness;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appstore-storefront-'));
  built = await buildStorefront(folder);
  server = await serverHarness({ settings: { storefront: folder } });
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const get = (url: string, encoding = 'identity') =>
  server.app.inject({ method: 'GET', url, headers: { 'accept-encoding': encoding } });

describe('the storefront as files', () => {
  test('is small: the first page loads less than its limit, which is far below 150 kB', () => {
    const first = built.files.filter(({ name }) => built.first.includes(name));
    const bytes = first.reduce((sum, { gzip }) => sum + gzip, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(firstLoadLimit);
    expect(firstLoadLimit).toBeLessThanOrEqual(150_000);
    // What most visitors never need comes later.
    expect(first.map(({ name }) => name).join(' ')).not.toMatch(/yaml|nl-|install|operation/);
  });

  test.each(['/', '/apps/builtin/postgres', '/mine', '/mine/team/web/history', '/operations/abc'])(
    'has a page at %s for whoever comes, which nothing foreign can run in',
    async (url) => {
      const page = await get(url);
      expect(page.statusCode).toBe(200);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.headers['cache-control']).toBe('no-cache');
      const policy = String(page.headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toContain('unsafe');
      expect(page.body).not.toMatch(/<script>|<style|https?:\/\//);
      for (const [, name = ''] of page.body.matchAll(/\/assets\/([\w.-]+)/g))
        expect((await get(`/assets/${name}`)).statusCode, name).toBe(200);
    },
  );

  test('at an address that there is not a person sees a page, and a program is told', async () => {
    const visit = (url: string, accept = 'text/html,*/*;q=0.8') =>
      server.app.inject({ method: 'GET', url, headers: { accept } });
    for (const url of ['/nowhere', '/operations', '/nowhere/else?a=b', '/apidocs']) {
      const page = await visit(url);
      expect([url, page.statusCode, page.headers['content-type']]).toEqual([
        url,
        404,
        'text/html; charset=utf-8',
      ]);
      expect(page.body, url).toContain('id="storefront"');
      expect(page.headers['content-security-policy'], url).toContain("require-trusted-types-for 'script'");
      expect((await visit(url, 'application/json')).json().code, url).toBe('UNAUTHENTICATED');
    }
    for (const url of ['/api', '/api/v1/nowhere', '/api?x']) {
      const refused = await visit(url);
      expect([url, refused.statusCode, refused.json().code]).toEqual([url, 401, 'UNAUTHENTICATED']);
    }
    expect((await visit('/assets/nothing.js')).json().code).toBe('ROUTE_NOT_FOUND');
    const icon = await visit('/favicon.ico', 'image/*');
    expect([icon.statusCode, icon.headers['content-type']]).toEqual([200, 'image/svg+xml']);
  });

  test('every file has a name of its own content, is kept for ever and goes over the wire packed', async () => {
    for (const { name } of built.files.filter((file) => file.name !== 'index.html')) {
      expect(name).toMatch(/-[0-9A-Z]{8}\.(js|css|svg)$/);
      const plain = await get(`/assets/${name}`);
      expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(plain.headers['x-content-type-options']).toBe('nosniff');
      const brotli = await get(`/assets/${name}`, 'gzip, br');
      const gzip = await get(`/assets/${name}`, 'gzip, br;q=0');
      if (brotli.headers['content-encoding'] === 'br')
        expect(brotliDecompressSync(brotli.rawPayload).equals(plain.rawPayload), name).toBe(true);
      if (gzip.headers['content-encoding'] === 'gzip')
        expect(gunzipSync(gzip.rawPayload).equals(plain.rawPayload), name).toBe(true);
    }
    const [script] = built.files.filter(({ name }) => name.startsWith('main-'));
    expect((await get(`/assets/${script?.name}`, 'br')).headers['content-encoding']).toBe('br');
    expect((await get(`/assets/${script?.name}`, 'gzip')).headers['content-encoding']).toBe('gzip');
  });

  test('is what was built and nothing else of the disk', async () => {
    for (const url of [
      '/assets/index.html',
      '/assets/manifest.json',
      '/assets/..%2f..%2fpackage.json',
      '/assets/x.js',
    ])
      expect((await get(url)).statusCode, url).toBe(404);
    expect((await get('/api/v1/session')).statusCode).toBe(401);
  });
});
