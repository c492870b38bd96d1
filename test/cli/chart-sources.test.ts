import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { cli, cliError, cliJson } from '../support/cli.ts';
import { bareRepository, git } from '../support/git-server.ts';
import { helmProgram, startRegistry } from '../support/real-registry.ts';
import { type StaticSite, staticSite } from '../support/static-site.ts';

/** Everything is made by Helm itself: `helm package`, `helm repo index`, `helm push`. */
let root = '';
let site: StaticSite;
let registry: Awaited<ReturnType<typeof startRegistry>>;
/** `git+file://...` */
let repository = '';

const chartYaml = (version: string) =>
  `apiVersion: v2\nname: web\nversion: ${version}\nappVersion: "9"\ndescription: Serves pages\n`;
const template = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-page
data:
  version: {{ .Chart.Version | quote }}
  greeting: {{ .Values.greeting | quote }}
`;

beforeAll(async () => {
  root = await mkdtemp(join(inject('sandbox').home, 'sources-'));
  const helm = await helmProgram();
  registry = await startRegistry();
  await mkdir(join(root, 'web/templates'), { recursive: true });
  await mkdir(join(root, 'site'));
  await writeFile(join(root, 'web/values.yaml'), 'greeting: hello\n');
  await writeFile(join(root, 'web/templates/page.yaml'), template);
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1', '1.1.0+build.7']) {
    await writeFile(join(root, 'web/Chart.yaml'), chartYaml(version));
    await helm(['package', 'web', '-d', 'site'], root);
    await helm(['push', `site/web-${version}.tgz`, `oci://${registry.host}/charts`, '--plain-http'], root);
  }
  await writeFile(join(root, 'web/Chart.yaml'), chartYaml('1.0.0'));
  await helm(['repo', 'index', 'site'], root);
  site = await staticSite(join(root, 'site'));
  await mkdir(join(root, 'git'));
  const { path, work, commit } = await bareRepository(join(root, 'git'));
  for (const version of ['1.0.0', '1.1.0']) {
    await commit({
      'charts/web/Chart.yaml': chartYaml(version),
      'charts/web/values.yaml': 'greeting: hello\n',
      'charts/web/templates/page.yaml': template,
    });
    if (version === '1.0.0') await git(work, 'tag', 'v1');
  }
  await git(work, 'push', '--quiet', '--tags', 'origin');
  repository = `git+file://${path}`;
  // The registry and Helm are built where they never were.
}, 600_000);

afterAll(() => {
  registry?.stop();
  site?.close();
});

const options = () => ({
  cwd: root,
  env: { XDG_CONFIG_HOME: join(root, 'config'), XDG_CACHE_HOME: join(root, 'cache') },
});
const json = async (...argv: readonly string[]) => (await cliJson(argv, options())) as Record<string, never>;
const sources = () =>
  [
    ['a folder', './web', './web', '1.0.0', 'local'],
    ['an archive', './site/web-1.0.0.tgz', './site/web-1.1.0.tgz', '1.1.0', 'local'],
    ['a web server', `${site.url}/web-1.0.0.tgz`, `${site.url}/web-1.1.0.tgz`, '1.1.0', 'local'],
    [
      'a registry',
      `oci://${registry.host}/charts/web:1.0.0`,
      `oci://${registry.host}/charts/web@~1.1`,
      '1.1.0',
      'local',
    ],
    ['a Helm repository', 'repo/web@1.0.0', 'repo/web', '1.1.0', 'repo'],
    ['a registry as a catalog', 'reg/web@1.0.0', 'reg/web', '1.1.0', 'reg'],
    ['a git repository', `${repository}#v1:charts/web`, `${repository}#main:charts/web`, '1.1.0', 'local'],
  ] as const;

describe('a chart that Helm made', () => {
  test('is found in a repository and a registry that were added', async () => {
    expect(await json('catalog', 'add', 'repo', site.url)).toMatchObject({
      items: [{ name: 'repo', outcome: 'read', apps: 1, versions: 4 }],
    });
    expect(await json('catalog', 'add', 'reg', `oci://${registry.host}/charts`)).toMatchObject({
      items: [{ outcome: 'nothing' }],
    });
    expect(await json('catalog', 'list')).toMatchObject({
      items: [
        { name: 'repo', kind: 'helm', location: site.url, indexed: { apps: 1 }, credentials: false },
        { name: 'reg', kind: 'oci' },
      ],
    });
    site.asked.length = 0;
    expect(await json('search', 'serves')).toMatchObject({
      items: [{ catalog: 'repo', name: 'web', version: '1.1.0+build.7', appVersion: '9' }],
    });
    expect(site.asked).toEqual([]);
    expect(await json('show', 'repo/web@1.0.0')).toMatchObject({
      name: 'web',
      version: '1.0.0',
      archiveDigest: expect.stringMatching(/^sha256:/),
    });
    expect((await json('show', 'reg/web')).versions).toHaveLength(4);
  });

  test.each([0, 1, 2, 3, 4, 5, 6])('installs and upgrades from each source (%i)', async (index) => {
    const [what, first, second, version, catalog] = sources()[index] ?? (['', '', '', '', ''] as const);
    const name = `from-${index}`;
    const namespace = `sources-${index}`;
    await json('install', first, name, '-n', namespace, '--create-namespace', '--set', 'greeting=hi');
    const { installation: installed } = await json('status', name, '-n', namespace);
    expect([what, installed]).toEqual([
      what,
      expect.objectContaining({ catalog, app: 'web', version: '1.0.0' }),
    ]);
    await json('upgrade', name, second, '-n', namespace);
    const { data } = JSON.parse(
      (await cli(['get', name, 'manifest', '-n', namespace, '-o', 'json'], options())).stdout,
    ).items[0];
    expect(data).toEqual({
      greeting: 'hi',
      version: expect.stringMatching(`^${version.replaceAll('.', '\\.')}`),
    });
  });

  test('is upgraded without naming it where a catalog has it, and asks for the location where none has', async () => {
    expect(await json('upgrade', 'from-4', '-n', 'sources-4')).toMatchObject({ outcome: 'unchanged' });
    expect(await json('upgrade', 'from-5', '--version', '1.0.0', '-n', 'sources-5')).toMatchObject({
      outcome: 'changed',
    });
    const outdated = await json('outdated', '-n', 'sources-5');
    expect(outdated.items).toMatchObject([
      { name: 'from-5', latest: { version: expect.stringMatching(/^1\.1\.0/) } },
    ]);
    const { error } = await cliError(['upgrade', 'from-3', '-n', 'sources-3'], options());
    expect(error).toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/location \(oci:\/\/localhost/),
    });
  });

  test('renders and tells its values and images like any app', async () => {
    for (const [, reference] of sources()) {
      const { stdout } = await cli(['template', reference, 'x'], options());
      expect(stdout).toContain('greeting: hello');
      expect((await cli(['values', reference], options())).stdout).toContain('greeting: hello');
    }
  });

  test('a name that two catalogs have is asked for; a catalog that is removed is not', async () => {
    await json('catalog', 'add', 'again', site.url);
    const { error } = await cliError(['show', 'web'], options());
    expect(error).toMatchObject({
      code: 'APP_AMBIGUOUS',
      hint: expect.stringMatching(/repo\/web.*again\/web|again\/web.*repo\/web/),
    });
    expect(await json('catalog', 'remove', 'again')).toMatchObject({ kind: 'CatalogRemoval', name: 'again' });
    expect(await json('show', 'web')).toMatchObject({ catalog: 'repo' });
    expect((await cliError(['catalog', 'remove', 'again'], options())).error.code).toBe('CATALOG_NOT_FOUND');
  });

  test('an old index is said, once, on stderr', async () => {
    const later = {
      clock: { now: () => new Date(Date.now() + 50 * 3_600_000), monotonic: () => 0, sleep: async () => {} },
    };
    for (const command of [['search', 'web'], ['show', 'repo/web'], ['outdated']]) {
      const { stderr } = await cli(command, { ...options(), overrides: later });
      expect(stderr.match(/catalog repo is 2 days old: `appstore catalog update`/g)).toHaveLength(1);
    }
    const dry = ['install', 'repo/web', 'old', '--dry-run'];
    expect((await cli(dry, { ...options(), overrides: later })).stderr).toMatch(/catalog repo is 2 days old/);
    expect((await cli(dry, options())).stderr).not.toMatch(/old/);
    expect((await cli(['show', './web'], { ...options(), overrides: later })).stderr).not.toMatch(/old/);
  });
});

describe('adding a catalog', () => {
  test.each([
    [['builtin', './site'], /catalog of the program itself/],
    [['Upper', './site'], /no name of a catalog/],
    [['x', 'https://ann:secret@example.com'], /password is written in the address/],
    [['x', 'ftp://example.com'], /no location of a catalog/],
    [['x', 'oci://example.com/charts:1.0.0'], /version is written/],
    [['x', 'http://example.com', '--username', 'ann', '--password-stdin'], /everybody on the way/],
    [['x', 'https://example.com', '--username', 'ann'], /user with a password/],
    [['x', 'https://example.com', '--cert-file', 'x.pem'], /certificate with its key/],
  ])('%j is refused', async (args, message) => {
    const { exit, error } = await cliError(['catalog', 'add', ...args], { ...options(), stdin: 'secret\n' });
    expect([exit, error.message]).toEqual([2, expect.stringMatching(message)]);
  });

  test('that is not there says so, and adds nothing', async () => {
    const { error } = await cliError(['catalog', 'add', 'x', 'http://127.0.0.1:1'], options());
    expect(error).toMatchObject({
      code: 'CATALOG_UNREACHABLE',
      message: expect.stringMatching(/index of catalog `x`.*connection refused/),
    });
    expect((await cliError(['catalog', 'add', 'x', './nowhere'], options())).error.message).toMatch(
      /is no folder/,
    );
    expect(JSON.stringify(await json('catalog', 'list'))).not.toContain('"x"');
  });

  test('one that cannot be updated stops no other', async () => {
    await mkdir(join(root, 'apps'));
    await json('catalog', 'add', 'ours', './apps');
    const config = join(root, 'config/appstore/catalogs.json');
    const before = await readFile(config, 'utf8');
    await writeFile(config, before.replace(site.url, 'http://127.0.0.1:1'));
    const result = await cli(['catalog', 'update', '-o', 'json'], options());
    await writeFile(config, before);
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout).items).toMatchObject([
      { name: 'repo', outcome: 'failed', error: { code: 'CATALOG_UNREACHABLE' } },
      { name: 'reg', outcome: 'nothing' },
      { name: 'ours', outcome: 'nothing' },
    ]);
  });
});

test('without a network everything that was read works, and says how old it is', async () => {
  const own = {
    cwd: root,
    env: { XDG_CONFIG_HOME: join(root, 'off/config'), XDG_CACHE_HOME: join(root, 'off/cache') },
  };
  const server = await staticSite(join(root, 'site'));
  await cliJson(['catalog', 'add', 'repo', server.url], own);
  await cliJson(['show', 'repo/web@1.0.0'], own);
  server.close();
  const later = {
    clock: { now: () => new Date(Date.now() + 75 * 3_600_000), monotonic: () => 0, sleep: async () => {} },
  };
  const update = await cli(['catalog', 'update'], { ...own, overrides: later });
  expect([update.code, update.stdout]).toEqual([
    1,
    expect.stringMatching(
      /^repo: failed: .*connection refused.*\n {2}.*\n {2}What is kept here is used on; it was read 3 d ago\.$/m,
    ),
  ]);
  expect((await cli(['catalog', 'list'], { ...own, overrides: later })).stdout).toMatch(/^repo .* 3 d ago /m);
  const found = await cli(['search', 'serves'], { ...own, overrides: later });
  expect([found.stdout, found.stderr]).toEqual([
    expect.stringMatching(/^web +1\.1\.0/m),
    expect.stringMatching(/What is known of catalog repo is 3 days old/),
  ]);
  // downloaded before; another version was not, which is told
  expect((await cli(['template', 'repo/web@1.0.0', 'x'], own)).stdout).toContain('greeting: hello');
  expect((await cliError(['template', 'repo/web@1.1.0', 'x'], own)).error.code).toBe('CATALOG_UNREACHABLE');
});

describe('what cannot be read', () => {
  const home = () => ({
    ...options(),
    env: { XDG_CONFIG_HOME: join(root, 'unread/config'), XDG_CACHE_HOME: join(root, 'unread/cache') },
  });

  test('of catalogs hides nothing else in a search: it is told on stderr, and to programs', async () => {
    await mkdir(join(root, 'mixed/good'), { recursive: true });
    await mkdir(join(root, 'mixed/bad'));
    await writeFile(join(root, 'mixed/good/Chart.yaml'), 'apiVersion: v2\nname: good\nversion: 1.0.0\n');
    await writeFile(join(root, 'mixed/bad/app.yaml'), 'metadata: [');
    await cliJson(['catalog', 'add', 'repo', site.url], home());
    expect(await cliJson(['catalog', 'add', 'mixed', './mixed'], home())).toMatchObject({
      items: [{ apps: 1, skipped: 1, problems: [{ at: expect.stringMatching(/bad/) }] }],
    });
    await rm(join(root, 'unread/cache/appstore/catalogs'), { recursive: true });
    const found = await cli(['search', 'good'], home());
    expect([found.code, found.stdout]).toEqual([0, expect.stringMatching(/^good +1\.0\.0/m)]);
    expect(found.stderr).toMatch(/Left out of catalog mixed: .*bad\/app\.yaml/);
    expect(found.stderr).toMatch(/Left out of catalog repo: .*never read.*appstore catalog update repo/);
    expect(await cliJson(['search', 'good'], home())).toMatchObject({
      items: [{ name: 'good' }],
      unread: [
        { catalog: 'mixed', code: 'YAML_INVALID' },
        { catalog: 'repo', code: 'CATALOG_INVALID', hint: expect.stringMatching(/catalog update repo/) },
      ],
    });
    const quiet = await cli(['search', 'good', '-q'], home());
    expect([quiet.code, quiet.stderr]).toEqual([0, '']);
    expect(await cliJson(['catalog', 'update', 'repo'], home())).toMatchObject({
      items: [{ outcome: 'read' }],
    });
  });

  test('a cache or configuration that is a file is told with its path', async () => {
    const file = join(root, 'a-file');
    await writeFile(file, '');
    for (const [variable, location] of [
      ['XDG_CACHE_HOME', site.url],
      ['XDG_CACHE_HOME', 'git+http://127.0.0.1:1/x'],
      ['XDG_CONFIG_HOME', './site'],
    ] as const) {
      const env = { ...home().env, [variable]: file };
      const { exit, error } = await cliError(['catalog', 'add', 'x', location], { cwd: root, env });
      expect([exit, error]).toMatchObject([
        1,
        {
          code: 'FILE_UNWRITABLE',
          message: expect.stringMatching(/a-file\S* cannot be written: a part of the path is a file/),
          hint: expect.stringContaining(variable),
        },
      ]);
    }
  });
});
