import { describe, expect, test } from 'vitest';
import type { AppMetadata, AppReference, PackageDescription } from '../../src/domain/app.ts';
import { contentDigest } from '../../src/domain/content-digest.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { parseReference } from '../../src/domain/reference.ts';
import { rankApps } from '../../src/domain/search.ts';
import { chooseVersion, newestFirst } from '../../src/domain/versions.ts';
import { resolveApp, searchApps, showApp } from '../../src/services/browse.ts';
import type { Catalog, Renderer } from '../../src/services/ports.ts';

const metadata = (name: string, version: string): AppMetadata => ({
  name,
  version,
  appVersion: '17.2',
  title: name,
  summary: `What ${name} is`,
  description: '',
  category: 'databases',
  keywords: [],
  license: 'MIT',
  home: 'https://example.com',
  sources: [],
  maintainers: [],
  icon: '',
});

/** A whole catalog in memory: apps by name, with their versions. */
function memoryCatalog(name: string, apps: Readonly<Record<string, readonly string[]>>): Catalog {
  const of = (app: string) => newestFirst((apps[app] ?? []).map((version) => metadata(app, version)));
  const files = [{ path: 'app.yaml', mode: 0o644, content: Buffer.from(name) }];
  return {
    name,
    search: async (query) =>
      rankApps(
        Object.keys(apps).flatMap((app) => of(app).slice(0, 1)),
        query,
      ).map((ranked) => ({ catalog: name, ...ranked })),
    versions: async (app) => of(app),
    async resolve(reference: AppReference) {
      if (reference.location !== undefined || of(reference.name).length === 0) return undefined;
      const { version, appVersion } = chooseVersion(
        `${name}/${reference.name}`,
        of(reference.name),
        reference.range,
      );
      const source = `memory:${name}/${reference.name}`;
      return {
        catalog: name,
        name: reference.name,
        version,
        appVersion,
        contentDigest: contentDigest(files),
        source,
      };
    },
    open: async (resolved) => ({ resolved, files }),
  };
}

const renderer: Renderer = {
  accepts: (files) => files.some((file) => file.path === 'app.yaml'),
  describe: async (_files, source): Promise<PackageDescription> => ({
    metadata: metadata(source, '1.0.0'),
    schema: { type: 'object' },
    requires: {},
    readme: '',
  }),
  render: async () => ({ objects: [], outputs: [], open: [], notes: '', problems: [] }),
};

const deps = (...catalogs: Catalog[]) => ({ catalogs, renderers: [renderer] });
const builtin = memoryCatalog('builtin', { postgres: ['1.0.0', '1.2.0', '2.0.0-rc.1'], gitea: ['1.0.0'] });
const team = memoryCatalog('team', { postgres: ['3.0.0'], intranet: ['0.1.0'] });

describe('resolveApp', () => {
  test.each([
    ['gitea', 'builtin', '1.0.0'],
    ['intranet', 'team', '0.1.0'],
    ['team/postgres', 'team', '3.0.0'],
    ['builtin/postgres', 'builtin', '1.2.0'],
    ['builtin/postgres@~1.0', 'builtin', '1.0.0'],
    ['builtin/postgres@2.0.0-rc.1', 'builtin', '2.0.0-rc.1'],
  ])('%s', async (text, catalog, version) => {
    const app = await resolveApp(deps(builtin, team), parseReference(text));
    expect(app.resolved).toMatchObject({ catalog, version });
    expect(app.package.files).toHaveLength(1);
    expect(app.renderer).toBe(renderer);
    expect(app.description.metadata.name).toBe(app.resolved.source);
  });

  test.each([
    ['postgres', 'APP_AMBIGUOUS', /2 catalogs .* builtin, team/, /`builtin\/postgres` or `team\/postgres`/],
    // Only one has that version: choosing it by itself would let a foreign catalog take over by a higher number.
    ['postgres@3', 'APP_AMBIGUOUS', /builtin, team/, /`team\/postgres@3`/],
    ['postgrs', 'APP_NOT_FOUND', /No catalog has an app `postgrs`/, /Did you mean `postgres`\?/],
    ['team/gitea', 'APP_NOT_FOUND', /`team` does not have an app `gitea`/, /appstore search/],
    ['other/gitea', 'APP_NOT_FOUND', /no catalog `other`.*builtin, team/, /\.\/other\/gitea/],
    ['gitea@7', 'VERSION_NOT_FOUND', /builtin\/gitea .*`7`.* 1\.0\.0/, /Choose one/],
    ['./gitea', 'APP_NOT_FOUND', /\.\/gitea/, /appstore search/],
  ])('refuses %s', async (text, code, message, hint) => {
    await expect(resolveApp(deps(builtin, team), parseReference(text))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test('a catalog that cannot be read is no catalog without the app', async () => {
    const broken: Catalog = {
      ...team,
      resolve: async () => {
        throw new AppstoreError('CATALOG_INVALID', 'Catalog `team` cannot be read.');
      },
    };
    await expect(resolveApp(deps(builtin, broken), parseReference('gitea'))).rejects.toMatchObject({
      code: 'CATALOG_INVALID',
    });
  });

  test('a package that no renderer understands is refused', async () => {
    const none = { catalogs: [builtin], renderers: [{ ...renderer, accepts: () => false }] };
    await expect(resolveApp(none, parseReference('gitea'))).rejects.toMatchObject({
      code: 'PACKAGE_INVALID',
    });
  });
});

test('searchApps joins the catalogs by score, then name', async () => {
  const { hits: all, unread } = await searchApps(deps(builtin, team), { text: '' });
  expect(all.map((hit) => `${hit.catalog}/${hit.app.name}`)).toEqual([
    'builtin/gitea',
    'team/intranet',
    'builtin/postgres',
    'team/postgres',
  ]);
  expect(unread).toEqual([]);
  const { hits: some } = await searchApps(deps(builtin, team), { text: 'intra' });
  expect(some.map((hit) => hit.app.name)).toEqual(['intranet']);
});

test('a catalog or app that cannot be read hides no other in a search, and is told', async () => {
  const gone = new AppstoreError('CATALOG_INVALID', 'catalog `gone` was never read on this machine.');
  const bad = new AppstoreError('YAML_INVALID', 'bad/app.yaml: no YAML');
  const catalogs: readonly Catalog[] = [
    { ...team, name: 'gone', search: () => Promise.reject(gone) },
    builtin,
    {
      ...team,
      search: (query, options) => {
        options?.unread?.(bad);
        return team.search(query, options);
      },
    },
  ];
  const { hits, unread } = await searchApps({ catalogs }, { text: 'intra' });
  expect(hits.map(({ app }) => app.name)).toEqual(['intranet']);
  expect(unread).toEqual([
    { catalog: 'gone', error: gone },
    { catalog: 'team', error: bad },
  ]);
});

test('what is opened by its location is no catalog to choose', async () => {
  const local = memoryCatalog('local', {});
  await expect(resolveApp(deps(builtin, local), parseReference('other/gitea'))).rejects.toThrow(
    'There is no catalog `other`. There is: builtin.',
  );
});

test.each([
  ['a mistake of ours', new TypeError('x is undefined')],
  ['an interrupt', new AppstoreError('INTERRUPTED', 'stopped')],
])('%s is no catalog that cannot be read', async (_what, error) => {
  const broken: Catalog = { ...team, search: () => Promise.reject(error) };
  await expect(searchApps({ catalogs: [builtin, broken] }, { text: '' })).rejects.toBe(error);
});

test('showApp tells every version of the app, newest first', async () => {
  const details = await showApp(deps(builtin, team), parseReference('builtin/postgres'));
  expect(details.resolved.version).toBe('1.2.0');
  expect(details.versions.map((version) => version.version)).toEqual(['2.0.0-rc.1', '1.2.0', '1.0.0']);
});
