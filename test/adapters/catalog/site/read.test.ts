import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CatalogFolders, openAdded } from '../../../../src/adapters/catalog/config/added.ts';
import { localCatalogs } from '../../../../src/adapters/catalog/config/store.ts';
import { buildSite } from '../../../../src/adapters/catalog/site/build.ts';
import { parseReference } from '../../../../src/domain/reference.ts';
import type { CatalogEntry } from '../../../../src/services/catalog-store.ts';
import { sampleApp, sampleChart, writeFiles } from '../../../support/catalog-folder.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { webServer } from '../../../support/web-server.ts';

const signal = new AbortController().signal;
const surroundings = { cwd: '/', home: '/nowhere', environment: {}, userAgent: 'appstore/test' };

/** A site of two apps behind a plain web server, below a path; `tamper` changes what it serves. */
async function served(tamper: (path: string, body: Buffer) => Buffer | undefined = (_, body) => body) {
  const root = await temporaryFolder();
  const folder = join(root, 'apps');
  const build = () => buildSite({ folder, out: join(root, 'site') }, signal);
  const write = (files: Readonly<Record<string, string>>) => writeFiles(folder, files);
  await write({ 'web/app.yaml': sampleApp('web'), ...sampleChart('lamp', '1.0.0+one') });
  await build();
  await write({ 'web/app.yaml': sampleApp('web', '1.1.0') });
  await build();
  const server = await webServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? '').replace(/^\/ours\//, '');
    const file = await readFile(join(root, 'site', path)).catch(() => undefined);
    const body = file === undefined ? undefined : tamper(path, file);
    if (body === undefined) return void response.writeHead(404).end('<html>not found</html>');
    const etag = `"${createHash('sha256').update(body).digest('hex')}"`;
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    response.writeHead(200, { etag }).end(body);
  });
  return { url: `${server.url}/ours`, asked: server.asked, write, build };
}

async function added(location: string) {
  const root = await temporaryFolder();
  const folders: CatalogFolders = { config: join(root, 'config'), cache: join(root, 'cache') };
  const store = localCatalogs(folders, surroundings);
  const entry: CatalogEntry = { name: 'team', kind: 'helm', location };
  const reading = await store.add(entry, undefined, signal);
  const [catalog] = (await openAdded(folders, surroundings)).catalogs;
  if (catalog === undefined) throw new Error('no catalog');
  const pull = async (reference: string) => {
    const resolved = await catalog.resolve(parseReference(reference), signal);
    return resolved === undefined ? undefined : catalog.open(resolved, signal);
  };
  return { store, reading, catalog, pull };
}

describe('a site', () => {
  test('is told from a Helm repository by its index, and searched without a request', async () => {
    const { url, asked } = await served();
    const { reading, store, catalog } = await added(`${url}/`);
    expect(reading).toMatchObject({ outcome: 'read', apps: 2, versions: 3, skipped: 0 });
    expect(asked.map(({ path }) => path)).toEqual(['/ours/index.json']);
    expect(await store.list()).toMatchObject([{ kind: 'site', indexed: { apps: 2, versions: 3 } }]);
    const hits = await catalog.search({ text: 'wbe' });
    expect(hits).toMatchObject([]);
    expect(await catalog.search({ text: 'web' })).toMatchObject([{ app: { name: 'web', version: '1.1.0' } }]);
    expect((await catalog.versions('web')).map(({ version }) => version)).toEqual(['1.1.0', '1.0.0']);
    expect(asked).toHaveLength(1);
  });

  test('gives apps and charts at any version, checked', async () => {
    const { url, asked } = await served();
    const { pull } = await added(url);
    expect((await pull('team/web'))?.resolved).toMatchObject({ version: '1.1.0', catalog: 'team' });
    expect((await pull('team/web@~1.0'))?.resolved).toMatchObject({
      version: '1.0.0',
      contentDigest: expect.stringMatching(/^sha256:/),
      archiveDigest: expect.stringMatching(/^sha256:/),
    });
    expect((await pull('team/lamp'))?.files.map(({ path }) => path)).toContain('templates/page.yaml');
    expect(asked.at(-1)?.path).toBe('/ours/packages/lamp/lamp-1.0.0%2Bone.tgz');
    expect(await pull('team/none')).toBeUndefined();
  });

  test('is brought up to date by one conditional request', async () => {
    const { url, asked, write, build } = await served();
    const { store } = await added(url);
    expect(await store.update('team', signal)).toMatchObject({ outcome: 'unchanged', apps: 2, versions: 3 });
    await write({ 'web/app.yaml': sampleApp('web', '2.0.0') });
    await build();
    expect(await store.update('team', signal)).toMatchObject({ outcome: 'read', versions: 4 });
    expect(asked.map(({ path }) => path)).toEqual(Array.from({ length: 3 }, () => '/ours/index.json'));
  });

  test('whose version was taken back gives it only where it is named exactly', async () => {
    const { url, write, build } = await served();
    await write({
      'catalog.yaml':
        'apiVersion: appstore.dev/v1\nkind: Catalog\napps: {web: {yanked: {1.1.0: loses data}}}\n',
    });
    await build();
    const { pull, catalog } = await added(url);
    expect((await pull('team/web'))?.resolved.version).toBe('1.0.0');
    expect((await pull('team/web@1.1.0'))?.resolved.version).toBe('1.1.0');
    await expect(pull('team/web@~1.1')).rejects.toThrow(/1\.1\.0 .*taken back: loses data/);
    expect(await catalog.search({ text: 'web' })).toMatchObject([{ app: { version: '1.0.0' } }]);
    expect(await catalog.versions('web')).toMatchObject([{ version: '1.1.0', yanked: 'loses data' }, {}]);
  });
});

describe('a site that does not serve what it says', () => {
  test('other bytes', async () => {
    const other = await served();
    const { url } = await served((path, body) => (path.endsWith('.tgz') ? body.subarray(0, -1) : body));
    await expect((await added(url)).pull('team/web')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect((await (await added(other.url)).pull('team/web'))?.resolved.name).toBe('web');
  });

  test('other files, packed as the index says', async () => {
    const { url } = await served((path, body) =>
      path === 'index.json'
        ? Buffer.from(body.toString().replace(/"content":"sha256:[0-9a-f]{8}/g, '"content":"sha256:00000000'))
        : body,
    );
    await expect((await added(url)).pull('team/web')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  test('an index that is cut off is told as that, and nothing is added', async () => {
    const { url } = await served((path, body) => (path === 'index.json' ? body.subarray(0, -20) : body));
    await expect(added(url)).rejects.toMatchObject({
      code: 'CATALOG_INVALID',
      message: expect.stringContaining('cut off'),
    });
  });

  test('apps and versions that are none are left out and told; the others stay', async () => {
    const { url } = await served((path, body) => {
      if (path !== 'index.json') return body;
      const text = body.toString();
      return Buffer.from(
        text
          .replace('"name":"lamp"', '"name":"../lamp"')
          .replace('"version":"1.1.0"', '"version":"one"')
          .replace(/\]\}\n$/, ',\n{"name":"x","__proto__":{"polluted":1},"versions":[]}\n]}\n')
          .replace(/\n,\n/, ',\n'),
      );
    });
    const { reading } = await added(url);
    expect(reading).toMatchObject({
      apps: 1,
      versions: 1,
      skipped: 3,
      problems: [{ at: 'line 2' }, { at: 'web' }, { at: 'x' }],
    });
    expect({}).not.toHaveProperty('polluted');
  });
});
