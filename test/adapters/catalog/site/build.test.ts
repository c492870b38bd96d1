import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { openArchive } from '../../../../src/adapters/catalog/archive/open-archive.ts';
import { openFolderCatalog } from '../../../../src/adapters/catalog/folder.ts';
import { buildSite } from '../../../../src/adapters/catalog/site/build.ts';
import { parseReference } from '../../../../src/domain/reference.ts';
import { sampleApp, sampleChart, writeFiles } from '../../../support/catalog-folder.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const signal = new AbortController().signal;
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h1"/></svg>';

async function workshop(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const root = await temporaryFolder();
  const [folder, out] = [join(root, 'apps'), join(root, 'site')];
  const write = (more: Readonly<Record<string, string | Uint8Array>>) => writeFiles(folder, more);
  await write({
    'web/app.yaml': sampleApp('web', '1.0.0', { icon: 'icon.svg' }),
    'web/icon.svg': svg,
    ...files,
  });
  return { root, folder, out, write, build: (to = out) => buildSite({ folder, out: to }, signal) };
}

interface Index {
  readonly apps: readonly {
    readonly name: string;
    readonly icon?: string;
    readonly deprecated?: string;
    readonly versions: readonly {
      readonly version: string;
      readonly yanked?: string;
      readonly archive: string;
      readonly content: string;
      readonly format?: string;
    }[];
  }[];
}

const indexOf = async (out: string): Promise<Index> =>
  JSON.parse(await readFile(join(out, 'index.json'), 'utf8'));

/** Every file of a folder with its bytes. */
async function bytesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files
        .sort()
        .map(async (file) => [file.slice(folder.length), (await readFile(file)).toString('base64')] as const),
    ),
  );
}

describe('a site', () => {
  test('has an archive a version, an index, search data, icons and pages; apps and charts alike', async () => {
    const { out, build } = await workshop(sampleChart('lamp', '2.0.0'));
    expect(await build()).toMatchObject({
      apps: 2,
      versions: 2,
      added: [
        { name: 'lamp', version: '2.0.0' },
        { name: 'web', version: '1.0.0' },
      ],
      problems: [],
    });
    const paths = [...(await bytesOf(out)).keys()];
    expect(paths).toEqual([
      '/apps/lamp.html',
      '/apps/web.html',
      '/assets/site.css',
      '/assets/site.js',
      expect.stringMatching(/^\/icons\/web\.[0-9a-f]{12}\.svg$/),
      '/index.html',
      '/index.json',
      '/index.yaml',
      '/packages/lamp/lamp-2.0.0.tgz',
      '/packages/web/web-1.0.0.tgz',
      '/search.json',
    ]);
    expect(JSON.parse(await readFile(join(out, 'search.json'), 'utf8'))).toEqual([
      ['lamp', 'lamp', 'A chart', '', [], '', '2.0.0', ''],
      ['web', 'The web', 'What web is', 'web', [], '', '1.0.0', expect.stringMatching(/^icons\/web/)],
    ]);
  });

  test('has an index as its schema says', async () => {
    const { out, build } = await workshop({
      ...sampleChart('lamp'),
      'catalog.yaml':
        'apiVersion: appstore.dev/v1\nkind: Catalog\ntitle: Ours\nhome: https://a.example\napps: {web: {deprecated: old, yanked: {1.0.0: broken}}}\n',
    });
    await build();
    const schema = JSON.parse(
      await readFile(new URL('../../../../docs/schema/index.v1.json', import.meta.url), 'utf8'),
    );
    const check = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
    expect(check(await indexOf(out)) ? [] : check.errors).toEqual([]);
    expect(check({ apiVersion: 'appstore.dev/v1', kind: 'CatalogIndex', apps: [{ name: 'x' }] })).toBe(false);
  });

  test('is a Helm repository of its charts, without those that were taken back', async () => {
    const { out, write, build } = await workshop();
    await build();
    expect([...(await bytesOf(out)).keys()]).not.toContain('/index.yaml');
    await write({ ...sampleChart('lamp', '2.0.0'), ...sampleChart('bulb') });
    await build();
    await write({
      ...sampleChart('lamp', '2.1.0'),
      'catalog.yaml': 'apiVersion: appstore.dev/v1\nkind: Catalog\napps: {lamp: {yanked: {2.0.0: burns}}}\n',
    });
    await build();
    const entries = JSON.parse(await readFile(join(out, 'index.yaml'), 'utf8')).entries;
    const [lamp] = (await indexOf(out)).apps.filter(({ name }) => name === 'lamp');
    expect(entries).toMatchObject({
      bulb: [{ name: 'bulb', version: '1.0.0' }],
      lamp: [
        {
          name: 'lamp',
          version: '2.1.0',
          description: 'A chart',
          digest: lamp?.versions[0]?.archive.replace('sha256:', ''),
          urls: ['packages/lamp/lamp-2.1.0.tgz'],
        },
      ],
    });
    expect([Object.keys(entries), entries.lamp.length]).toEqual([['bulb', 'lamp'], 1]);
  });

  test('has archives with the digests of the index, the same content digest as the folder', async () => {
    const { folder, out, build } = await workshop(sampleChart('lamp'));
    await build();
    const catalog = openFolderCatalog('ours', folder);
    for (const { name, versions } of (await indexOf(out)).apps) {
      const archive = await readFile(join(out, `packages/${name}/${name}-1.0.0.tgz`));
      const { resolved } = await openArchive(archive, { catalog: 'x', source: 'x' });
      const inFolder = await catalog.resolve(parseReference(`ours/${name}`));
      expect(versions).toMatchObject([{ archive: resolved.archiveDigest, content: inFolder?.contentDigest }]);
      expect(resolved.contentDigest).toBe(inFolder?.contentDigest);
    }
  });

  test('is the same, byte for byte, wherever and whenever it is built', async () => {
    const { root, folder, out, build } = await workshop(sampleChart('lamp'));
    await build();
    const copy = join(root, 'elsewhere/apps');
    await cp(folder, copy, { recursive: true });
    await buildSite({ folder: copy, out: join(root, 'other') }, signal);
    expect(await bytesOf(join(root, 'other'))).toEqual(await bytesOf(out));
    const before = await bytesOf(out);
    expect(await build()).toMatchObject({ added: [] });
    expect(await bytesOf(out)).toEqual(before);
  });
});

describe('what was published', () => {
  test('stays: earlier versions, and apps whose folder is gone', async () => {
    const { folder, out, write, build } = await workshop(sampleChart('lamp'));
    await build();
    const first = await readFile(join(out, 'packages/web/web-1.0.0.tgz'));
    await write({ 'web/app.yaml': sampleApp('web', '1.1.0', { icon: 'icon.svg' }) });
    await rm(join(folder, 'lamp'), { recursive: true });
    expect(await build()).toMatchObject({ apps: 2, versions: 3, added: [{ name: 'web', version: '1.1.0' }] });
    expect(await readFile(join(out, 'packages/web/web-1.0.0.tgz'))).toEqual(first);
    const { apps } = await indexOf(out);
    expect(apps.map(({ name, versions }) => [name, ...versions.map(({ version }) => version)])).toEqual([
      ['lamp', '1.0.0'],
      ['web', '1.1.0', '1.0.0'],
    ]);
    expect(await readFile(join(out, 'apps/lamp.html'), 'utf8')).toContain('A chart');
    expect(await readFile(join(out, 'apps/web.html'), 'utf8')).toContain('web-1.0.0.tgz');
  });

  test('never changes: other files under the same version are refused, and nothing is written', async () => {
    const { out, write, build } = await workshop();
    await build();
    const before = await bytesOf(out);
    await write({ 'web/README.md': 'new' });
    await expect(build()).rejects.toMatchObject({
      code: 'VERSION_PUBLISHED',
      problems: [{ at: 'web 1.0.0' }],
    });
    expect(await bytesOf(out)).toEqual(before);
  });

  test('is told where an archive is not what it was', async () => {
    const { out, write, build } = await workshop();
    await build();
    await writeFile(join(out, 'packages/web/web-1.0.0.tgz'), 'x');
    await write({ 'other/app.yaml': sampleApp('other') });
    await expect(build()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  test('is marked by catalog.yaml, and unmarked', async () => {
    const { out, write, build } = await workshop();
    await build();
    const head = 'apiVersion: appstore.dev/v1\nkind: Catalog\ntitle: Ours\n';
    await write({
      'web/app.yaml': sampleApp('web', '1.1.0'),
      'catalog.yaml': `${head}apps:\n  web: {deprecated: use lamp, yanked: {1.1.0: loses data}}\n`,
    });
    await build();
    expect((await indexOf(out)).apps).toMatchObject([
      {
        deprecated: 'use lamp',
        versions: [{ version: '1.1.0', yanked: 'loses data' }, { version: '1.0.0' }],
      },
    ]);
    const page = await readFile(join(out, 'apps/web.html'), 'utf8');
    expect(page).toContain('<strong>Deprecated:</strong> use lamp');
    // what is shown is the newest that is not taken back
    expect(await readFile(join(out, 'index.html'), 'utf8')).toContain('<p class="small">1.0.0');
    await write({ 'catalog.yaml': head });
    await build();
    const [web] = (await indexOf(out)).apps;
    expect(web).not.toHaveProperty('deprecated');
    expect(web?.versions[0]).not.toHaveProperty('yanked');
  });

  test('is not guessed: a mark of what is not there is told with its place', async () => {
    const { write, build } = await workshop();
    await write({
      'catalog.yaml': 'apiVersion: appstore.dev/v1\nkind: Catalog\napps:\n  wbe: {deprecated: x}\n',
    });
    await expect(build()).rejects.toMatchObject({
      code: 'CATALOG_INVALID',
      place: { line: 4, column: 3 },
      message: expect.stringContaining('is no app of this catalog'),
    });
  });
});

describe('a folder', () => {
  test('that holds something else is not built into', async () => {
    const { out, build } = await workshop();
    await mkdir(out);
    await writeFile(join(out, 'thesis.txt'), 'mine');
    await expect(build()).rejects.toMatchObject({ code: 'CATALOG_INVALID' });
    expect(await readdir(out)).toEqual(['thesis.txt']);
  });

  test('with an index that is damaged is left as it is', async () => {
    const { out, build } = await workshop();
    await build();
    const text = await readFile(join(out, 'index.json'), 'utf8');
    for (const damaged of [
      text.slice(0, -10),
      `${text}x`,
      '{}',
      '',
      text.replace('"content":"sha256:', '"content":"md5:'),
    ]) {
      await writeFile(join(out, 'index.json'), damaged);
      await expect(build()).rejects.toMatchObject({ code: 'CATALOG_INVALID' });
      expect(await readFile(join(out, 'index.json'), 'utf8')).toBe(damaged);
    }
  });

  test('without apps, or with apps that are wrong, makes no site; all of them are told', async () => {
    const { out, write, build } = await workshop({
      'a/app.yaml': 'kind: X\n',
      'b/app.yaml': sampleApp('c'),
      'lamp/Chart.yaml': 'name: lamp\n',
    });
    await expect(build()).rejects.toMatchObject({
      code: 'CATALOG_INVALID',
      message: expect.stringContaining('3 apps'),
    });
    await expect(readFile(join(out, 'index.json'))).rejects.toMatchObject({ code: 'ENOENT' });
    const empty = await temporaryFolder();
    await expect(buildSite({ folder: empty, out }, signal)).rejects.toMatchObject({
      message: expect.stringContaining('holds no apps'),
    });
    await write({});
  });
});

describe('a build that was stopped', () => {
  test('leaves the site as it was, and nothing behind', async () => {
    const { out, write, build, folder } = await workshop();
    await build();
    const before = await bytesOf(out);
    await write({ 'web/app.yaml': sampleApp('web', '1.1.0') });
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(buildSite({ folder, out }, stop.signal)).rejects.toThrow('stopped');
    expect(await bytesOf(out)).toEqual(before);
  });

  test('and killed leaves a folder that the next one takes away', async () => {
    const { out, build } = await workshop();
    // a process id that no process can have
    await mkdir(join(out, '.appstore-build-999999999'), { recursive: true });
    await writeFile(join(out, '.appstore-build-999999999', 'x'), 'x');
    await build();
    expect((await readdir(out)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('hostile apps', () => {
  const evil = '<script>alert(1)</script>';
  test('put no HTML into any page, and no address that runs', async () => {
    const { out, build } = await workshop({
      'evil/app.yaml': sampleApp('evil', '1.0.0', {
        title: evil,
        summary: `"><img src=x onerror=alert(1)>`,
        description: `${evil} [x](javascript:alert(1))`,
        category: 'web',
        license: evil,
        keywords: [evil],
        maintainers: [{ name: evil }],
      }),
      'evil/README.md': `${evil}\n\n<iframe src=javascript:alert(1)>`,
      'lamp/Chart.yaml': `apiVersion: v2\nname: lamp\nversion: 1.0.0\ndescription: "${evil}"\nhome: "javascript:alert(1)"\nsources: ["javascript:alert(2)", "data:text/html,x"]\nmaintainers: [{name: x, url: "javascript:alert(3)"}]\n`,
    });
    await build();
    for (const page of ['index.html', 'apps/evil.html', 'apps/lamp.html']) {
      const text = await readFile(join(out, page), 'utf8');
      expect(text.match(/<script[^>]*>/g)).toEqual([
        `<script src="${page === 'index.html' ? '' : '../'}assets/site.js" defer>`,
      ]);
      expect(text).not.toMatch(/<(iframe|img(?! class="icon" src="(\.\.\/)?icons\/))/);
      expect(text).not.toMatch(/(href|src)="(javascript|data):/i);
      expect(text).toContain('content="default-src &#39;none&#39;;');
    }
  });

  test.each([
    ['a script in it', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['HTML under its name', '<html><script>alert(1)</script></html>'],
    ['another encoding', Buffer.from('\ufeff<svg/>', 'utf16le')],
  ])('have no icon that has %s', async (_, icon) => {
    const { out, build } = await workshop({ 'web/icon.svg': icon });
    const { problems } = await build();
    expect(problems).toMatchObject([
      { at: 'web 1.0.0 icon.svg', message: expect.stringContaining('left out') },
    ]);
    expect((await indexOf(out)).apps[0]).not.toHaveProperty('icon');
    expect([...(await bytesOf(out)).keys()].filter((path) => path.startsWith('/icons'))).toEqual([]);
  });
});
