import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { sampleApp, writeFiles } from '../support/catalog-folder.ts';
import { chartArchive } from '../support/chart.ts';
import { built, cli, cliError, cliJson, startBuilt } from '../support/cli.ts';
import { staticSite } from '../support/static-site.ts';
import { testAuthority, webProxy, webServer } from '../support/web-server.ts';

/** A bound against hanging: many processes on a busy machine. */
vi.setConfig({ testTimeout: 300_000 });

let root = '';

beforeEach(async () => {
  root = await mkdtemp(join(inject('sandbox').home, 'servers-'));
});

const options = (more: Readonly<Record<string, string>> = {}) => ({
  cwd: root,
  env: {
    HOME: root,
    XDG_CONFIG_HOME: join(root, 'config'),
    XDG_CACHE_HOME: join(root, 'cache'),
    ...more,
  },
});

const secret = 'hunter2hunter2';
const basic = `Basic ${btoa(`ann:${secret}`)}`;

/** A repository of charts over TLS of an own authority, whose archive is kept by another server. */
async function guarded(wanted: string | undefined, clientCertificates = false) {
  const { ca, issue } = testAuthority();
  const [{ certificate, key }, client] = [issue('server', ['127.0.0.1', '127.0.0.3']), issue('client')];
  await writeFiles(root, { 'ca.pem': ca, 'client.pem': client.certificate, 'client.key': client.key });
  const storage = await webServer(
    (_request, response) => void response.end(chartArchive({ name: 'web', version: '1.0.0' })),
    { address: '127.0.0.3', tls: { certificate, key } },
  );
  const server = await webServer(
    (request, response) => {
      if (request.headers.authorization !== wanted) response.writeHead(401).end();
      else if (request.url === '/charts/index.yaml')
        response.end('entries:\n  web:\n  - {name: web, version: 1.0.0, urls: [web.tgz]}\n');
      else if (request.url === '/charts/web.tgz')
        response.writeHead(302, { location: `${storage.url}/kept` }).end();
      else response.writeHead(404).end();
    },
    { tls: { certificate, key, ...(clientCertificates ? { clientCa: ca } : {}) } },
  );
  return { server, storage, location: `${server.url}/charts` };
}

describe('a server that asks who asks, over TLS of an own authority', () => {
  test.each([
    ['user and password', basic, ['--username', 'ann', '--password-stdin'], secret],
    ['a token', `Bearer ${secret}`, ['--token-stdin'], secret],
    ['~/.netrc', basic, [], undefined],
    ['a certificate', undefined, ['--cert-file', 'client.pem', '--key-file', 'client.key'], undefined],
  ] as const)('is shown %s, and no other server is', async (what, wanted, flags, stdin) => {
    const { server, storage, location } = await guarded(wanted, what === 'a certificate');
    const add = ['catalog', 'add', 'team', location];
    expect((await cliError(add, options())).error).toMatchObject({
      code: 'CATALOG_UNREACHABLE',
      message: expect.stringMatching(/signed by nobody who is trusted here/),
      hint: expect.stringContaining('--ca-file'),
    });
    const { error } = await cliError([...add, '--ca-file', 'ca.pem'], options());
    expect(error.code).toBe(wanted === undefined ? 'CATALOG_UNREACHABLE' : 'CATALOG_FORBIDDEN');
    if (what === '~/.netrc')
      await writeFile(join(root, '.netrc'), `machine 127.0.0.1 login ann password ${secret}\n`);
    const result = await cli([...add, '--ca-file', 'ca.pem', ...flags], {
      ...options(),
      ...(stdin === undefined ? {} : { stdin: `${stdin}\n` }),
    });
    expect([result.code, result.stderr]).toEqual([0, expect.not.stringContaining(secret)]);
    expect(await cliJson(['show', 'team/web'], options())).toMatchObject({ name: 'web', version: '1.0.0' });
    expect(server.asked.at(-1)).toMatchObject({ path: '/charts/web.tgz' });
    expect(storage.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    const listed = await cli(['catalog', 'list', '-o', 'json'], options());
    expect(listed.stdout).not.toContain(secret);
    expect(await readFile(join(root, 'config/appstore/catalogs.json'), 'utf8')).not.toContain(secret);
  });

  test('is reached through the proxy of the environment, and is shown the same', async () => {
    const { server, location } = await guarded(basic);
    const proxy = await webProxy();
    const named = location.replace('127.0.0.1', 'catalog.example');
    const through = options({ HTTPS_PROXY: proxy.url });
    const add = ['catalog', 'add', 'team', named, '--ca-file', 'ca.pem', '--username', 'ann'];
    const result = await cli([...add, '--password-stdin'], { ...through, stdin: secret });
    expect(result.code).toBe(0);
    expect(proxy.tunnels).toEqual([`catalog.example:${server.port}`, `catalog.example:${server.port}`]);
    const { stdout } = await cli(['search', 'web', '-o', 'name'], options());
    expect(stdout).toMatch(/^team\/web$/m);
    expect(proxy.tunnels).toHaveLength(2);
  });
});

describe('several processes at once', () => {
  const run = (...argv: readonly string[]) => built([...argv, '-o', 'json', '-q'], options());

  test('that are killed while they add leave files that are whole, and nobody in the way', async () => {
    const { promise: first, resolve: asked } = Promise.withResolvers<void>();
    let heard = asked;
    const server = await webServer((request, response) => {
      if (request.url === '/index.yaml') heard();
      if (request.url !== '/index.yaml') response.writeHead(404).end();
      else response.end('entries:\n  web:\n  - {name: web, version: 1.0.0, urls: [x]}\n');
    });
    let waiting = first;
    for (let round = 0; round < 12; round += 1) {
      const run = await startBuilt(['catalog', 'add', `c${round}`, server.url], options());
      await waiting;
      ({ promise: waiting, resolve: heard } = Promise.withResolvers<void>());
      await sleep(round * 6);
      run.kill('SIGKILL');
      await run.done;
      const { items } = (await cliJson(['catalog', 'list'], options())) as { items: { name: string }[] };
      expect(items.every(({ name }) => /^c\d+$/.test(name))).toBe(true);
      const found = await cli(['search', 'web', '-o', 'name'], options());
      expect([found.code, found.stderr]).toEqual([0, '']);
      expect(found.stdout.match(/^c\d+\/web$/gm) ?? []).toHaveLength(items.length);
    }
    await cliJson(['catalog', 'add', 'last', server.url], options());
  });

  test('that add, update, search and remove leave what each of them did', async () => {
    await writeFiles(root, { 'apps/web/app.yaml': sampleApp('web') });
    await cliJson(['catalog', 'build', './apps', '--out', './site'], options());
    const site = await staticSite(join(root, 'site'));
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const added = await Promise.all([...names, 'a'].map((name) => run('catalog', 'add', name, site.url)));
    expect(added.map(({ code }) => code).filter((code) => code === 0)).toHaveLength(6);
    const refused = added.filter(({ code }) => code !== 0);
    expect(refused.map(({ stderr }) => JSON.parse(stderr).error.code)).toEqual(['CATALOG_EXISTS']);
    // While others read, one is removed and all are built anew.
    const files = names.map((name) => join(root, `cache/appstore/catalogs/${name}.sqlite`));
    for (const file of files.slice(1)) await writeFile(file, 'damaged');
    const all = await Promise.all([
      run('catalog', 'remove', 'a'),
      run('catalog', 'update', ...names.slice(1)),
      run('catalog', 'update', ...names.slice(1)),
      ...names.slice(1).map(() => run('search', 'web')),
    ]);
    site.close();
    expect(all.map(({ code, stderr }) => [code, stderr])).toEqual(all.map(() => [0, '']));
    const { items } = (await cliJson(['catalog', 'list'], options())) as { items: { name: string }[] };
    expect(items.map(({ name }) => name).sort()).toEqual(names.slice(1));
    const found = (await cliJson(['search', 'web'], options())) as { items: { catalog: string }[] };
    expect(found.items.filter(({ catalog }) => catalog !== 'builtin')).toHaveLength(5);
  });
});
