import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openFolderCatalog } from '../../../src/adapters/catalog/folder.ts';
import { locationCatalog } from '../../../src/adapters/catalog/location.ts';
import { pathLocation } from '../../../src/adapters/catalog/path-location.ts';
import { parseReference } from '../../../src/domain/reference.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let root = '';
beforeEach(async () => {
  root = await temporaryFolder();
});

const chart = (name: string, more = '') =>
  `apiVersion: v2\nname: ${name}\nversion: 1.2.3\nappVersion: "17.2"\ndescription: What ${name} is\n${more}`;

async function put(path: string, content: string | Uint8Array): Promise<string> {
  const full = join(root, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, content);
  return full;
}

async function pathsOf(location: string): Promise<readonly string[]> {
  const catalog = locationCatalog([pathLocation(root)]);
  const resolved = await catalog.resolve(parseReference(location));
  if (resolved === undefined) throw new Error('not resolved');
  return (await catalog.open(resolved)).files.map((file) => file.path);
}

describe('a chart in a folder', () => {
  test('a catalog folder mixes apps and charts', async () => {
    await put('web/Chart.yaml', chart('web', 'keywords: [http]\n'));
    await put('wiki/app.yaml', 'metadata: {name: wiki, version: 1.0.0, summary: pages}\n');
    const catalog = openFolderCatalog('team', root);
    const hits = await catalog.search({ text: '' });
    expect(hits.map(({ app }) => [app.name, app.version, app.summary])).toEqual([
      ['web', '1.2.3', 'What web is'],
      ['wiki', '1.0.0', 'pages'],
    ]);
    expect(await catalog.resolve(parseReference('team/web@^1'))).toMatchObject({
      catalog: 'team',
      name: 'web',
      version: '1.2.3',
      appVersion: '17.2',
    });
  });

  test('hidden files, templates that begin with _ and subcharts belong to it; version control does not', async () => {
    const files = [
      '.helmignore',
      'templates/_helpers.tpl',
      'charts/db/Chart.yaml',
      'files/.htaccess',
      'a.bak',
    ];
    for (const path of files) await put(`web/${path}`, 'name: x\nversion: 1.0.0\n'.replace(/^/gm, '# '));
    await put('web/Chart.yaml', chart('web'));
    await put('web/.git/config', 'secret');
    await put('web/templates/.hidden.yaml', 'x');
    expect(await pathsOf('./web')).toEqual([
      '.helmignore',
      'Chart.yaml',
      'a.bak',
      'charts/db/Chart.yaml',
      'files/.htaccess',
      'templates/_helpers.tpl',
    ]);
  });

  test('.helmignore takes out files, and folders with all that is in them', async () => {
    await put('web/Chart.yaml', chart('web'));
    await put('web/.helmignore', 'ci/\n*.md\n/only.txt\n');
    for (const path of ['ci/values.yaml', 'README.md', 'only.txt', 'docs/only.txt'])
      await put(`web/${path}`, 'x');
    expect(await pathsOf('./web')).toEqual(['.helmignore', 'Chart.yaml', 'docs/only.txt']);
  });

  test('an executable file has the digest of any other: archives of Helm know one mode', async () => {
    await put('web/Chart.yaml', chart('web'));
    const script = await put('web/files/run.sh', '#!/bin/sh\n');
    const digest = async () =>
      (await locationCatalog([pathLocation(root)]).resolve(parseReference('./web')))?.contentDigest;
    const before = await digest();
    await chmod(script, 0o755);
    expect(await digest()).toBe(before);
  });

  test('with an app.yaml beside it a Chart.yaml decides nothing', async () => {
    await put('web/Chart.yaml', 'not: [a chart');
    await put('web/.helmignore', '**');
    await put(
      'web/app.yaml',
      `apiVersion: appstore.dev/v1\nkind: App\nmetadata: {name: web, version: 2.0.0, appVersion: "1", title: Web, summary: s, category: web, license: MIT, home: https://example.com}\n`,
    );
    expect(await pathsOf('./web')).toEqual(['Chart.yaml', 'app.yaml']);
  });

  test('a Chart.yaml or .helmignore that leads out is refused', async () => {
    const outside = await put('outside.yaml', chart('web'));
    await mkdir(join(root, 'web'));
    await symlink(outside, join(root, 'web/Chart.yaml'));
    await expect(pathsOf('./web')).rejects.toThrow(/`Chart\.yaml` is not a file of this folder/);
    await put('other/Chart.yaml', chart('other'));
    await symlink(outside, join(root, 'other/.helmignore'));
    await expect(pathsOf('./other')).rejects.toThrow(/`\.helmignore` is not a plain file/);
  });

  test('a chart may have more files than an app', async () => {
    await put('web/Chart.yaml', chart('web'));
    await mkdir(join(root, 'web/many'));
    const names = Array.from({ length: 2_100 }, (_, index) => join(root, 'web/many', `${index}`));
    await Promise.all(names.map((name) => writeFile(name, '')));
    expect(await pathsOf('./web')).toHaveLength(2_101);
  });

  test('a folder that is neither says what it lacks', async () => {
    await put('web/values.yaml', 'x');
    await expect(pathsOf('./web')).rejects.toThrow(/no app\.yaml or Chart\.yaml in/);
  });
});
