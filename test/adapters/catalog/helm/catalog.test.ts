import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { archiveCache } from '../../../../src/adapters/catalog/archive-cache.ts';
import { type CatalogFolders, indexFile, openAdded } from '../../../../src/adapters/catalog/config/added.ts';
import { localCatalogs } from '../../../../src/adapters/catalog/config/store.ts';
import { fetchVersion } from '../../../../src/adapters/catalog/helm/fetch-version.ts';
import { updateHelmIndex } from '../../../../src/adapters/catalog/helm/update.ts';
import { type Reach, reachOf } from '../../../../src/adapters/catalog/http/reach.ts';
import { parseReference } from '../../../../src/domain/reference.ts';
import type { CatalogEntry, GivenCredential } from '../../../../src/services/catalog-store.ts';
import { chartArchive } from '../../../support/chart.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { type WebServer, webServer } from '../../../support/web-server.ts';

const signal = new AbortController().signal;
const surroundings = { cwd: '/', home: '/nowhere', environment: {}, userAgent: 'appstore/test' };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const web = chartArchive({ name: 'web', version: '1.0.0' });
const line = (version: string, url: string, digest = sha256(web), name = 'web') =>
  `  - {name: ${name}, version: "${version}", appVersion: "1", urls: ["${url}"]${digest === '' ? '' : `, digest: ${digest}`}}\n`;

interface Site {
  index: string;
  readonly files: Record<string, Buffer | string>;
  readonly etag?: string;
}

/** A repository on this machine; what it serves may be changed while it runs. */
async function repository(site: Site): Promise<WebServer> {
  return webServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path !== '/charts/index.yaml') {
      const body = site.files[path];
      response.writeHead(body === undefined ? 404 : 200).end(body);
    } else if (site.etag !== undefined && request.headers['if-none-match'] === site.etag)
      response.writeHead(304).end();
    else
      response
        .writeHead(200, {
          ...(site.etag === undefined ? {} : { etag: site.etag }),
          'content-type': 'text/html',
        })
        .end(site.index);
  });
}

async function added(location: string, credential?: GivenCredential) {
  const root = await temporaryFolder();
  const folders: CatalogFolders = { config: join(root, 'config'), cache: join(root, 'cache') };
  const store = localCatalogs(folders, surroundings);
  const entry: CatalogEntry = { name: 'team', kind: 'helm', location };
  const reading = await store.add(entry, credential, signal);
  const open = async () => {
    const [catalog] = (await openAdded(folders, surroundings)).catalogs;
    if (catalog === undefined) throw new Error('no catalog');
    return catalog;
  };
  const pull = async (reference = 'team/web') => {
    const catalog = await open();
    const resolved = await catalog.resolve(parseReference(reference));
    return resolved === undefined ? undefined : catalog.open(resolved);
  };
  return { folders, store, reading, open, pull };
}

describe('a Helm repository as a catalog', () => {
  test('is read once; searching, listing and choosing versions ask nobody', async () => {
    const server = await repository({
      index: `entries:\n  web:\n${line('2.0.0-rc.1', 'rc.tgz')}${line('1.0.0', 'web-1.0.0.tgz')}${line('0.9.0', 'old.tgz')}`,
      files: { '/charts/web-1.0.0.tgz': web },
    });
    const { reading, open, pull } = await added(`${server.url}/charts/`);
    expect(reading).toMatchObject({ outcome: 'read', apps: 1, versions: 3, skipped: 0 });
    const catalog = await open();
    expect((await catalog.search({ text: 'web' })).map(({ app }) => `${app.name} ${app.version}`)).toEqual([
      'web 1.0.0',
    ]);
    expect((await catalog.versions('web')).map(({ version }) => version)).toEqual([
      '2.0.0-rc.1',
      '1.0.0',
      '0.9.0',
    ]);
    await expect(catalog.resolve(parseReference('web@3'))).rejects.toEqual(
      expect.objectContaining({ code: 'VERSION_NOT_FOUND' }),
    );
    expect(await catalog.resolve(parseReference('other'))).toBeUndefined();
    expect(await catalog.resolve(parseReference('builtin/web'))).toBeUndefined();
    // the first asks whether it is a site of our own
    expect(server.asked.map(({ path }) => path)).toEqual(['/charts/index.json', '/charts/index.yaml']);
    const opened = await pull();
    expect(opened?.resolved).toMatchObject({
      catalog: 'team',
      name: 'web',
      version: '1.0.0',
      source: `${server.url}/charts/web-1.0.0.tgz`,
      archiveDigest: `sha256:${sha256(web)}`,
    });
    expect(opened?.files.map(({ path }) => path)).toEqual(['Chart.yaml']);
  });

  test('addresses: absolute, relative with a path, with the query of the repository', async () => {
    const other = await webServer((_request, response) => void response.end(web));
    const site: Site = { index: '', files: { '/charts/deep/web.tgz': web, '/top.tgz': web } };
    const server = await repository(site);
    site.index = `entries:\n  web:\n${line('1.0.0', 'deep/web.tgz')}`;
    const { pull, store } = await added(`${server.url}/charts?sig=1`);
    expect((await pull())?.resolved.source).toBe(`${server.url}/charts/deep/web.tgz`);
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/charts/index.json?sig=1',
      '/charts/index.yaml?sig=1',
      '/charts/deep/web.tgz?sig=1',
    ]);
    for (const [url, source] of [
      [`${other.url}/web.tgz`, `${other.url}/web.tgz`],
      ['/top.tgz', `${server.url}/top.tgz`],
    ] as const) {
      site.index = `entries:\n  web:\n${line('1.0.0', url, '')}`;
      await store.update('team', signal);
      expect((await pull())?.resolved.source).toBe(source);
    }
  });

  test('the next address is asked where one cannot be reached', async () => {
    const server = await repository({
      index: `entries:\n  web:\n  - {name: web, version: 1.0.0, urls: ["http://127.0.0.1:1/web.tgz", web.tgz]}\n`,
      files: { '/charts/web.tgz': web },
    });
    const { pull } = await added(`${server.url}/charts`);
    expect((await pull())?.resolved.source).toBe(`${server.url}/charts/web.tgz`);
  });

  test('an update is one conditional request, and without news keeps the index', async () => {
    const site = { index: `entries:\n  web:\n${line('1.0.0', 'web.tgz')}`, files: {}, etag: '"1"' };
    const server = await repository(site);
    const { store, folders, open } = await added(`${server.url}/charts`);
    const file = indexFile(folders, 'team');
    const before = await stat(file);
    const old = new Date('2026-01-01');
    await utimes(file, old, old);
    expect(await (await open()).lastChecked?.()).toEqual(old);
    expect(await store.update('team', signal)).toMatchObject({ outcome: 'unchanged', apps: 1, versions: 1 });
    expect(server.asked.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      '"1"',
    ]);
    expect((await stat(file)).ino).toBe(before.ino);
    expect((await (await open()).lastChecked?.())?.getTime()).toBeGreaterThan(old.getTime());
  });

  test('an update takes away what one that was killed left unfinished a day ago', async () => {
    const server = await repository({ index: `entries:\n  web:\n${line('1.0.0', 'web.tgz')}`, files: {} });
    const { store, folders } = await added(`${server.url}/charts`);
    const old = new Date(Date.now() - 25 * 3_600_000);
    for (const name of ['dead', 'alive']) await writeFile(`${indexFile(folders, name)}.1.2.new`, 'x');
    await utimes(`${indexFile(folders, 'dead')}.1.2.new`, old, old);
    await store.update('team', signal);
    expect((await readdir(join(folders.cache, 'catalogs'))).sort()).toEqual([
      'alive.sqlite.1.2.new',
      'team.sqlite',
    ]);
  });

  test('without a network what was read is still there, and archives that were downloaded', async () => {
    const site: Site = {
      index: `entries:\n  web:\n${line('1.0.0', 'web.tgz')}`,
      files: { '/charts/web.tgz': web },
    };
    const server = await repository(site);
    const { store, open, pull } = await added(`${server.url}/charts`);
    await pull();
    delete site.files['/charts/web.tgz'];
    site.index = 'gone: wrong';
    await expect(store.update('team', signal)).rejects.toEqual(
      expect.objectContaining({ code: 'CATALOG_INVALID' }),
    );
    expect(await (await open()).search({ text: '' })).toHaveLength(1);
    expect((await pull())?.resolved.archiveDigest).toBe(`sha256:${sha256(web)}`);
  });

  test('an archive in the cache that somebody changed is fetched anew', async () => {
    const server = await repository({
      index: `entries:\n  web:\n${line('1.0.0', 'web.tgz')}`,
      files: { '/charts/web.tgz': web },
    });
    const { folders, pull } = await added(`${server.url}/charts`);
    await pull();
    const file = join(folders.cache, 'archives', `sha256-${sha256(web)}.tgz`);
    await writeFile(file, 'other');
    expect((await pull())?.files).toHaveLength(1);
    expect(await readFile(file)).toEqual(web);
  });
});

describe('an index that does not tell the truth', () => {
  test.each([
    [
      'another digest',
      web,
      sha256(Buffer.from('x')),
      'DIGEST_MISMATCH',
      /has the digest sha256:.* the index says/,
    ],
    [
      'another version',
      chartArchive({ name: 'web', version: '6.6.6' }),
      '',
      'CATALOG_INVALID',
      /lists web 1\.0\.0, and serves web 6\.6\.6/,
    ],
    [
      'another chart',
      chartArchive({ name: 'evil', version: '1.0.0' }),
      '',
      'CATALOG_INVALID',
      /and serves evil 1\.0\.0/,
    ],
    ['a page', Buffer.from('<html>'), '', 'PACKAGE_INVALID', /page of HTML/],
  ])('serves %s', async (_what, archive, digest, code, message) => {
    const server = await repository({
      index: `entries:\n  web:\n${line('1.0.0', 'web.tgz', digest)}`,
      files: { '/charts/web.tgz': archive },
    });
    const { pull, folders } = await added(`${server.url}/charts`);
    await expect(pull()).rejects.toEqual(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(await readdir(join(folders.cache, 'archives')).catch(() => [])).toEqual([]);
  });

  test.each(['file:///etc/passwd', 'ftp://example.com/x.tgz', 'javascript:1'])('leads to %s', async (url) => {
    const server = await repository({ index: `entries:\n  web:\n${line('1.0.0', url)}`, files: {} });
    const { pull } = await added(`${server.url}/charts`);
    await expect(pull()).rejects.toEqual(expect.objectContaining({ code: 'CATALOG_INVALID' }));
  });

  test('and lies outside may not lead inside, nor may its archives', async () => {
    const inside = await webServer((_request, response) => void response.end(web));
    const network = {
      resolve: async () => [{ address: '127.0.0.2', family: 4 }],
      reachOf: (address: string): Reach => (address === '127.0.0.2' ? 'public' : reachOf(address)),
    };
    const http = { environment: {}, userAgent: 'x', credentials: async () => undefined, network };
    const settings = {
      catalog: 'team',
      location: 'https://charts.example.com/',
      http,
      archives: archiveCache(await temporaryFolder()),
      reach: 'public' as const,
      pullOci: async () => web,
    };
    const listed = (url: string) => ({
      metadata: { name: 'web', version: '1.0.0' } as never,
      digest: '',
      contentDigest: '',
      urls: [url],
    });
    await expect(fetchVersion(settings, listed(`${inside.url}/web.tgz`))).rejects.toThrow(/further inside/);
    expect(inside.asked).toEqual([]);
    // an address in a registry is pulled from there
    expect((await fetchVersion(settings, listed('oci://example.com/web:1.0.0'))).resolved.source).toBe(
      'oci://example.com/web:1.0.0',
    );
  });

  test('and cannot be kept leaves no connection open', async () => {
    const { promise: closed, resolve: gone } = Promise.withResolvers<void>();
    const server = await webServer(
      (_request, response) => void response.once('close', gone).write('entries:\n'),
    );
    const entry: CatalogEntry = { name: 'team', kind: 'helm', location: server.url };
    const http = { environment: {}, userAgent: 'x', credentials: async () => undefined };
    const file = join(await temporaryFolder(), 'nowhere/x.sqlite');
    await expect(updateHelmIndex({ entry, file, http, now: new Date(), signal })).rejects.toThrow(/open/);
    await closed;
  });

  test('and comes as a bomb is stopped', async () => {
    const server = await webServer((_request, response) => {
      response.writeHead(200);
      const piece = Buffer.alloc(1024 * 1024, 'x');
      const send = () => {
        while (response.write(piece));
        response.once('drain', send);
      };
      send();
    });
    const file = join(await temporaryFolder(), 'x.sqlite');
    const entry: CatalogEntry = { name: 'team', kind: 'helm', location: server.url };
    const http = { environment: {}, userAgent: 'x', credentials: async () => undefined };
    await expect(updateHelmIndex({ entry, file, http, now: new Date(), signal })).rejects.toEqual(
      expect.objectContaining({
        code: 'CATALOG_INVALID',
        message: expect.stringMatching(/line of more than 16777216 characters/),
      }),
    );
  });
});

describe('what was added', () => {
  test('is kept for the user alone, secrets in a file of their own', async () => {
    const server = await webServer((request, response) => {
      response
        .writeHead(request.headers.authorization === `Basic ${btoa('ann:secret')}` ? 200 : 401)
        .end('entries: {}');
    });
    const { folders, store } = await added(server.url, {
      kind: 'basic',
      username: 'ann',
      password: 'secret',
    });
    const text = await readFile(join(folders.config, 'catalogs.json'), 'utf8');
    expect(JSON.parse(text)).toEqual({
      formatVersion: 1,
      catalogs: [{ name: 'team', kind: 'helm', location: server.url }],
    });
    for (const name of ['catalogs.json', 'credentials.json'])
      expect((await stat(join(folders.config, name))).mode & 0o777).toBe(0o600);
    expect(await store.update('team', signal)).toMatchObject({ outcome: 'read' });
    await store.remove('team', signal);
    expect(await readFile(join(folders.config, 'credentials.json'), 'utf8')).not.toContain('secret');
    expect(await readdir(join(folders.cache, 'catalogs'))).toEqual([]);
    await expect(store.remove('team', signal)).rejects.toEqual(
      expect.objectContaining({ code: 'CATALOG_NOT_FOUND' }),
    );
  });

  test('what cannot be read is not added', async () => {
    const server = await webServer((_request, response) => void response.writeHead(404).end());
    await expect(added(server.url)).rejects.toEqual(expect.objectContaining({ code: 'CATALOG_UNREACHABLE' }));
  });

  test('twenty at once are all there, each name once', async () => {
    const server = await webServer((_request, response) => void response.end('entries: {}'));
    const root = await temporaryFolder();
    const folders = { config: join(root, 'config'), cache: join(root, 'cache') };
    const names = Array.from({ length: 20 }, (_, index) => `c${index % 10}`);
    const results = await Promise.allSettled(
      names.map((name) =>
        localCatalogs(folders, surroundings).add(
          { name, kind: 'helm', location: server.url },
          undefined,
          signal,
        ),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))).toEqual(
      Array(10).fill('CATALOG_EXISTS'),
    );
    const listed = (await localCatalogs(folders, surroundings).list()).map(({ name }) => name);
    expect(listed.toSorted()).toEqual([...new Set(names)].toSorted());
  });

  test('an index of another address is not that of the catalog; one that was never read says so', async () => {
    const server = await repository({ index: `entries:\n  web:\n${line('1.0.0', 'x')}`, files: {} });
    const { folders, open, store } = await added(`${server.url}/charts`);
    const config = join(folders.config, 'catalogs.json');
    await writeFile(config, (await readFile(config, 'utf8')).replace('/charts', '/other'));
    await expect((await open()).search({ text: '' })).rejects.toEqual(
      expect.objectContaining({
        code: 'CATALOG_INVALID',
        hint: expect.stringMatching(/catalog update team/),
      }),
    );
    expect((await store.list())[0]).not.toHaveProperty('indexed');
  });

  test.each([
    ['no JSON', '{', /catalogs\.json cannot be read/],
    ['no format', '{}', /no `formatVersion`/],
    ['a newer format', '{"formatVersion": 2}', /newer version/],
  ])('a configuration with %s is told', async (_what, text, message) => {
    const root = await temporaryFolder();
    await mkdir(join(root, 'config'));
    await writeFile(join(root, 'config', 'catalogs.json'), text);
    await expect(openAdded({ config: join(root, 'config'), cache: root }, surroundings)).rejects.toEqual(
      expect.objectContaining({ code: 'CATALOG_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
