import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { sampleApp, sampleChart, writeFiles } from '../support/catalog-folder.ts';
import { cli, cliError, cliJson } from '../support/cli.ts';
import { helmProgram, startRegistry } from '../support/real-registry.ts';
import { type StaticSite, staticSite } from '../support/static-site.ts';

/** Catalogs as people make them, on a plain web server and in a real registry (NEEDS row 26). */
let root = '';
let site: StaticSite;
let registry: Awaited<ReturnType<typeof startRegistry>>;

beforeAll(async () => {
  root = await mkdtemp(join(inject('sandbox').home, 'making-'));
  registry = await startRegistry();
  await writeFiles(join(root, 'apps'), {
    'web/app.yaml': sampleApp('web'),
    ...sampleChart('lamp', '2.0.0+one'),
  });
  site = await staticSite(join(root, 'site'));
});

afterAll(() => {
  registry?.stop();
  site?.close();
});

const options = () => ({
  cwd: root,
  env: { XDG_CONFIG_HOME: join(root, 'config'), XDG_CACHE_HOME: join(root, 'cache') },
});
const json = async (...argv: readonly string[]) => (await cliJson(argv, options())) as Record<string, never>;
const location = () => `oci://${registry.host}/team/apps`;

describe('a catalog of one’s own', () => {
  test('is built, and pushed with an index beside its apps', async () => {
    expect(await json('catalog', 'build', './apps', '--out', './site')).toMatchObject({
      kind: 'MadeCatalog',
      location: join(root, 'site'),
      apps: 2,
      versions: 2,
      added: [{ name: 'lamp' }, { name: 'web' }],
    });
    expect(await json('catalog', 'push', './site', location())).toMatchObject({ apps: 2, added: [{}, {}] });
    expect(await json('catalog', 'push', './site', `${location()}/`)).toMatchObject({
      versions: 2,
      added: [],
    });
  });

  test('keeps what was published, on both ways, also where only the newest is at hand', async () => {
    await writeFile(join(root, 'apps/web/app.yaml'), sampleApp('web', '1.1.0'));
    expect(await json('catalog', 'build', './apps', '--out', './site')).toMatchObject({ versions: 3 });
    // the folder itself: what was pushed before is not there
    expect(await json('catalog', 'push', './apps', location())).toMatchObject({
      versions: 3,
      added: [{ name: 'web', version: '1.1.0' }],
    });
  });

  test('is added and searched: a site by one request, a registry by its index', async () => {
    site.asked.length = 0;
    expect(await json('catalog', 'add', 'site', site.url)).toMatchObject({
      items: [{ outcome: 'read', apps: 2, versions: 3 }],
    });
    expect(await json('catalog', 'add', 'reg', location())).toMatchObject({
      items: [{ outcome: 'read', apps: 2, versions: 3 }],
    });
    expect(await json('catalog', 'list')).toMatchObject({
      items: [
        { name: 'site', kind: 'site', indexed: { apps: 2 } },
        { name: 'reg', kind: 'oci', indexed: { apps: 2, versions: 3 } },
      ],
    });
    const { items } = await json('search', 'lamp');
    expect(
      (items as unknown as { catalog: string; name: string }[])
        .map(({ catalog, name }) => `${catalog}/${name}`)
        .sort(),
    ).toEqual(['reg/lamp', 'site/lamp']);
    expect(site.asked).toEqual(['/index.json']);
    expect(await json('catalog', 'update', 'reg')).toMatchObject({
      items: [{ outcome: 'unchanged', versions: 3 }],
    });
  });

  test.each(['site', 'reg'])(
    '%s: apps and charts are installed from it, with one content digest',
    async (name) => {
      await cliJson(['install', `${name}/web@1.0.0`, `${name}-web`, '--no-wait'], options());
      await cliJson(['install', `${name}/lamp`, `${name}-lamp`, '--no-wait'], options());
      const { items } = await json('list');
      expect(items).toMatchObject(
        expect.arrayContaining([
          expect.objectContaining({ name: `${name}-web`, version: '1.0.0', catalog: name, app: 'web' }),
          expect.objectContaining({ name: `${name}-lamp`, version: '2.0.0+one', catalog: name, app: 'lamp' }),
        ]),
      );
      const upgraded = await json('upgrade', `${name}-web`, '--no-wait');
      expect(upgraded).toMatchObject({ outcome: 'changed' });
      const [there, here] = [await json('show', `${name}/web`), await json('show', './apps/web')];
      expect(there.contentDigest).toBe(here.contentDigest);
      for (const one of ['web', 'lamp'])
        expect((await cli(['remove', `${name}-${one}`, '--yes'], options())).code).toBe(0);
    },
  );

  test('has its charts pulled by Helm, and its apps by their address', async () => {
    const helm = await helmProgram();
    await mkdir(join(root, 'pulled'));
    await helm(
      ['pull', '--plain-http', `${location()}/lamp`, '--version', '2.0.0+one', '-d', 'pulled'],
      root,
    );
    expect(await readFile(join(root, 'pulled/lamp-2.0.0+one.tgz'))).toEqual(
      await readFile(join(root, 'site/packages/lamp/lamp-2.0.0+one.tgz')),
    );
    expect(await json('show', `${location()}/web:1.0.0`)).toMatchObject({ name: 'web', version: '1.0.0' });
    // the site is a Helm repository, too
    await mkdir(join(root, 'from-site'));
    await helm(['repo', 'add', 'site', site.url], root);
    const found = JSON.parse(await helm(['search', 'repo', 'site/', '-o', 'json'], root));
    expect(found).toMatchObject([{ name: 'site/lamp', version: '2.0.0+one', app_version: '7' }]);
    await helm(['pull', 'site/lamp', '-d', 'from-site'], root);
    expect(await readFile(join(root, 'from-site/lamp-2.0.0+one.tgz'))).toEqual(
      await readFile(join(root, 'site/packages/lamp/lamp-2.0.0+one.tgz')),
    );
    // and Helm makes an index of what was packed here
    await helm(['repo', 'index', 'site/packages'], root);
    const indexed = await json('catalog', 'add', 'indexed', `${site.url}/packages`);
    expect(indexed).toMatchObject({ items: [{ outcome: 'read', apps: 1, versions: 1 }] });
    expect((await json('show', 'indexed/lamp')).contentDigest).toBe(
      (await json('show', 'site/lamp')).contentDigest,
    );
    await json('catalog', 'remove', 'indexed');
    await rm(join(root, 'site/packages/index.yaml'));
  });

  test('takes versions back', async () => {
    await writeFile(
      join(root, 'apps/catalog.yaml'),
      'apiVersion: appstore.dev/v1\nkind: Catalog\napps: {web: {deprecated: use lamp, yanked: {1.1.0: loses data}}}\n',
    );
    await json('catalog', 'push', './apps', location());
    await json('catalog', 'update', 'reg');
    expect(await json('show', 'reg/web')).toMatchObject({
      version: '1.0.0',
      deprecated: true,
      deprecation: 'use lamp',
      versions: [{ version: '1.1.0', yanked: 'loses data' }, { version: '1.0.0' }],
    });
    expect(await json('show', 'reg/web@1.1.0')).toMatchObject({ yanked: 'loses data' });
    await rm(join(root, 'apps/catalog.yaml'));
  });

  test('never changes a version, and says what is no place to push to', async () => {
    await writeFile(join(root, 'apps/web/README.md'), 'new');
    for (const argv of [
      ['catalog', 'push', './apps', location()],
      ['catalog', 'build', './apps', '--out', './site'],
    ]) {
      const { exit, error } = await cliError(argv, options());
      expect([exit, error.code, error.problems[0]?.at]).toEqual([5, 'VERSION_PUBLISHED', 'web 1.1.0']);
    }
    await rm(join(root, 'apps/web/README.md'));
    for (const place of ['https://a.example', './x', `${location()}:1`])
      expect((await cliError(['catalog', 'push', './apps', place], options())).error.code).toBe('USAGE');
  });

  test('an app that another tool pushed there is found by its name all the same', async () => {
    const helm = await helmProgram();
    await writeFiles(root, sampleChart('other', '3.0.0'));
    await helm(['package', 'other'], root);
    await helm(['push', '--plain-http', 'other-3.0.0.tgz', location()], root);
    expect(await json('show', 'reg/other')).toMatchObject({ name: 'other', version: '3.0.0' });
  });
});

describe('catalog lint', () => {
  test('fails by severity, and writes SARIF', async () => {
    const found = await cli(['catalog', 'lint', './apps', '-o', 'json'], options());
    expect([found.code, JSON.parse(found.stdout).counts]).toMatchObject([0, { apps: 2, error: 0 }]);
    expect((await cli(['catalog', 'lint', './apps', '--fail-on', 'warning'], options())).code).toBe(1);
    expect((await cli(['catalog', 'lint', './apps', '--fail-on', 'never'], options())).code).toBe(0);
    const sarif = await cli(['catalog', 'lint', './apps', '-o', 'sarif'], options());
    expect(JSON.parse(sarif.stdout)).toMatchObject({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'appstore' } } }],
    });
    expect(sarif.stdout).toContain('"uri": "apps/web/app.yaml"');
  });

  test('renders charts of others in WebAssembly, unless the process is asked for', async () => {
    await writeFiles(root, sampleChart('theirs', '1.0.0'));
    const workers: unknown[] = [];
    const count = (worker: unknown) => workers.push(worker);
    process.on('worker', count);
    try {
      const native = { ...options().env, APPSTORE_HELM_ENGINE: 'native' };
      expect((await cli(['catalog', 'lint', './theirs'], { ...options(), env: native })).stdout).toContain(
        '1 app',
      );
      expect(workers).toEqual([]);
      expect((await cli(['catalog', 'lint', './theirs'], options())).stdout).toContain('1 app');
      expect(workers).not.toEqual([]);
    } finally {
      process.off('worker', count);
    }
  });

  test('what `create app` makes passes, and installs', async () => {
    await json('create', 'app', 'fresh', '--out', './new');
    expect((await cli(['catalog', 'lint', './new/fresh', '--fail-on', 'warning'], options())).code).toBe(0);
    expect(await json('install', './new/fresh')).toMatchObject({ outcome: 'changed', waited: true });
    expect((await cli(['remove', 'fresh', '--yes'], options())).code).toBe(0);
    expect((await cliError(['create', 'app', 'Fresh'], options())).error.code).toBe('NAME_INVALID');
    expect((await cliError(['create', 'app', 'x', '--image', 'nginx:latest'], options())).error.code).toBe(
      'USAGE',
    );
  });
});
