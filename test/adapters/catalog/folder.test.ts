import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFolderCatalog } from '../../../src/adapters/catalog/folder.ts';
import { locationCatalog } from '../../../src/adapters/catalog/location.ts';
import { pathLocation } from '../../../src/adapters/catalog/path-location.ts';
import { contentDigest } from '../../../src/domain/content-digest.ts';
import { parseReference } from '../../../src/domain/reference.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'appstore-catalog-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const head = (name: string, version = '1.0.0') => `apiVersion: appstore.dev/v1
kind: App
metadata:
  name: ${name}
  version: ${version}
  appVersion: "17.2"
  title: ${name} title
  summary: What ${name} is
  category: databases
  license: MIT
  home: https://example.com
`;

async function put(path: string, content: string | Uint8Array): Promise<string> {
  const full = join(root, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, content);
  return full;
}

const catalog = () => openFolderCatalog('builtin', root);
const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('a catalog folder', () => {
  test('lists its apps and passes over what is no app', async () => {
    await put('one/app.yaml', head('one'));
    await put('two/app.yaml', `${head('two')}values:\n  type: object\n`);
    await put('README.md', 'no app');
    await put('notes/text.md', 'no app');
    await put('.git/app.yaml', 'no app');
    const hits = await catalog().search({ text: '' });
    expect(hits.map((hit) => [hit.catalog, hit.app.name, hit.app.summary])).toEqual([
      ['builtin', 'one', 'What one is'],
      ['builtin', 'two', 'What two is'],
    ]);
    expect((await catalog().search({ text: 'tow' })).map((hit) => hit.app.name)).toEqual([]);
    expect((await catalog().search({ text: 'two' })).map((hit) => hit.app.name)).toEqual(['two']);
  });

  test('searching does not parse what comes after the head; installing does not need the other apps', async () => {
    await put('one/app.yaml', `${head('one')}resources: [ this is : not YAML\n`);
    await put('two/app.yaml', head('two'));
    expect(await catalog().search({ text: '' })).toHaveLength(2);
    await put('three/app.yaml', 'metadata: [');
    await expect(catalog().resolve(parseReference('two'))).resolves.toMatchObject({ name: 'two' });
  });

  test('metadata is found wherever it stands, and however long it is', async () => {
    const [first = '', ...rest] = head('late').split('metadata:');
    await put(
      'late/app.yaml',
      `${first}requires: {kubernetes: ">=1.29"}\nmetadata:${rest.join('metadata:')}`,
    );
    const long = 'ü'.repeat(20_000);
    await put('long/app.yaml', `${head('long')}  description: ${long}\nvalues: {}\n`);
    const hits = await catalog().search({ text: '' });
    expect(hits.map((hit) => hit.app.name)).toEqual(['late', 'long']);
    expect(hits[1]?.app.description).toBe(long);
  });

  test('a mistake in the head hides nothing from a search, and is told at its own line to whoever asks for the app', async () => {
    const path = await put('one/app.yaml', `${head('one').replace('title:', 'titel:')}values: {}\n`);
    expect(await catalog().search({ text: '' })).toHaveLength(1);
    await expect(catalog().resolve(parseReference('one'))).rejects.toMatchObject({
      code: 'PACKAGE_INVALID',
      problems: expect.arrayContaining([
        expect.objectContaining({ at: expect.stringContaining(`${path}:7:`) }),
      ]),
    });
  });

  test('a folder must have the name of its app', async () => {
    await put('pg/app.yaml', head('postgres'));
    await expect(catalog().search({ text: '' })).rejects.toEqual(
      refused('CATALOG_INVALID', /pg: the folder holds the app `postgres`/),
    );
  });

  test('apps that cannot be listed hide no other where somebody wants to be told of them', async () => {
    await put('one/app.yaml', head('one'));
    await put('pg/app.yaml', head('postgres'));
    await put('bad/app.yaml', 'metadata: [');
    const told: string[] = [];
    const hits = await catalog().search({ text: '' }, { unread: ({ message }) => told.push(message) });
    expect(hits.map(({ app }) => app.name)).toEqual(['one']);
    expect(told.sort()).toEqual([
      expect.stringMatching(/bad\/app\.yaml/),
      expect.stringMatching(/pg: the folder holds/),
    ]);
  });

  test('a catalog folder that is not there cannot be read', async () => {
    const missing = openFolderCatalog('team', join(root, 'nowhere'));
    await expect(missing.search({ text: '' })).rejects.toEqual(
      refused('CATALOG_INVALID', /`team` cannot be read: .*nowhere: there is no such/),
    );
  });

  test('resolves and opens an app, all of it', async () => {
    await put('one/app.yaml', head('one'));
    await chmod(await put('one/scripts/Größe.sh', '#!/bin/sh\n'), 0o775);
    await put('one/icon.svg', '<svg/>');
    const resolved = await catalog().resolve(parseReference('builtin/one@^1.0'));
    if (resolved === undefined) throw new Error('not resolved');
    const opened = await catalog().open(resolved);
    expect(opened.files.map((file) => [file.path, file.mode])).toEqual([
      ['app.yaml', 0o644],
      ['icon.svg', 0o644],
      ['scripts/Größe.sh', 0o755],
    ]);
    expect(resolved).toEqual({
      catalog: 'builtin',
      name: 'one',
      version: '1.0.0',
      appVersion: '17.2',
      contentDigest: contentDigest(opened.files),
      source: join(root, 'one'),
    });
    expect(await catalog().versions('one')).toHaveLength(1);
  });

  test('another name, another catalog, a path: not from here', async () => {
    await put('one/app.yaml', head('one'));
    expect(await catalog().resolve(parseReference('two'))).toBeUndefined();
    expect(await catalog().resolve(parseReference('team/one'))).toBeUndefined();
    expect(await catalog().resolve(parseReference('./one'))).toBeUndefined();
    expect(await catalog().versions('two')).toEqual([]);
  });

  test('a version that is not there is refused with the one that is', async () => {
    await put('one/app.yaml', head('one'));
    await expect(catalog().resolve(parseReference('one@2'))).rejects.toEqual(
      refused('VERSION_NOT_FOUND', /builtin\/one .*`2`.* 1\.0\.0 \(runs 17\.2\)/),
    );
  });

  test('a package that changed between resolving and opening is refused', async () => {
    await put('one/app.yaml', head('one'));
    const resolved = await catalog().resolve(parseReference('one'));
    if (resolved === undefined) throw new Error('not resolved');
    await put('one/extra.txt', '');
    await expect(catalog().open(resolved)).rejects.toEqual(refused('CATALOG_INVALID', /changed while/));
  });
});

describe('the files of a package', () => {
  beforeEach(() => put('one/app.yaml', head('one')));
  const read = async () => {
    const resolved = await catalog().resolve(parseReference('one'));
    if (resolved === undefined) throw new Error('not resolved');
    return (await catalog().open(resolved)).files.map((file) => file.path);
  };

  test('hidden files and what editors leave are no part of it', async () => {
    for (const name of ['.DS_Store', '.git/config', 'app.yaml~', '#app.yaml#', 'app.yaml.swp', 'Thumbs.db']) {
      await put(`one/${name}`, 'x');
    }
    expect(await read()).toEqual(['app.yaml']);
  });

  test('a link to a file inside counts as the file', async () => {
    await put('one/docs/text.md', 'text');
    await symlink('docs/text.md', join(root, 'one/README.md'));
    expect(await read()).toEqual(['README.md', 'app.yaml', 'docs/text.md']);
  });

  test.each([
    ['a relative link out', '../two.txt', /leads out of the package/],
    ['an absolute link out', '/etc/hostname', /leads out of the package/],
    ['a link to a folder', 'docs', /not a file/],
    ['a link that leads nowhere', 'nowhere', /there is no such file/],
  ])('%s is refused', async (_what, target, message) => {
    await put('two.txt', 'secret');
    await put('one/docs/text.md', 'text');
    await symlink(target, join(root, 'one/link'));
    await expect(read()).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });

  test('app.yaml itself may not lead out', async () => {
    await put('outside.yaml', head('two'));
    await mkdir(join(root, 'two'));
    await symlink('../outside.yaml', join(root, 'two/app.yaml'));
    await expect(catalog().search({ text: '' })).rejects.toEqual(
      refused('PACKAGE_INVALID', /not a file of this folder/),
    );
  });

  test('names that differ only by case are refused', async () => {
    await put('one/Readme.md', 'a');
    await put('one/README.md', 'b');
    await expect(read()).rejects.toEqual(refused('PACKAGE_INVALID', /differ only by case/));
  });

  test('so are accents in two encodings', async () => {
    await put('one/\u00fc.md', 'a');
    await put('one/u\u0308.md', 'b');
    await expect(read()).rejects.toEqual(refused('PACKAGE_INVALID', /differ only by case/));
  });

  test('a socket is refused', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(join(root, 'one/socket'), done));
    await expect(read()).rejects.toEqual(refused('PACKAGE_INVALID', /`socket` is a device, pipe or socket/));
    await new Promise((done) => server.close(done));
  });

  test('control characters and other encodings in names are refused', async () => {
    await put('one/a\u001b[31m.md', 'x');
    await expect(read()).rejects.toEqual(
      refused('PACKAGE_INVALID', /"a\\u001b\[31m\.md" holds a backslash or a control/),
    );
    await rm(join(root, 'one/a\u001b[31m.md'));
    await writeFile(Buffer.concat([Buffer.from(join(root, 'one/')), Buffer.from([0xff, 0x61])]), 'x');
    await expect(read()).rejects.toEqual(refused('PACKAGE_INVALID', /`\?a` is not UTF-8/));
  });

  test('a file that is too large is refused, as are too many and too deep ones', async () => {
    const big = await put('one/big.bin', new Uint8Array(5 * 1024 * 1024 + 1));
    await expect(read()).rejects.toEqual(refused('PACKAGE_INVALID', /`big\.bin` has 5242881 bytes/));
    await rm(big);
    await put(`one/${'d/'.repeat(12)}x`, 'x');
    await expect(read()).rejects.toEqual(refused('PACKAGE_INVALID', /deeper than 12 folders/));
    await rm(join(root, 'one/d'), { recursive: true });
    await Promise.all(Array.from({ length: 2_000 }, (_, index) => put(`one/many/${index}`, '')));
    await expect(read()).rejects.toEqual(refused('PACKAGE_INVALID', /more than 2000 files/));
  });

  test('app.yaml that is not UTF-8 is refused', async () => {
    await put('two/app.yaml', Buffer.from(head('two').replace('What', 'W\u00e4s'), 'latin1'));
    await expect(catalog().resolve(parseReference('two'))).rejects.toEqual(
      refused('PACKAGE_INVALID', /UTF-8/),
    );
  });
});

describe('a package named by its folder', () => {
  test.each(['./my app', '.', '../catalog/my app'])('%s', async (location) => {
    await put('catalog/my app/app.yaml', head('one', '0.1.0'));
    const cwd = location === '.' ? join(root, 'catalog/my app') : join(root, 'catalog');
    const resolved = await locationCatalog([pathLocation(cwd)]).resolve(parseReference(location));
    expect(resolved).toMatchObject({
      catalog: 'local',
      name: 'one',
      version: '0.1.0',
      source: join(root, 'catalog/my app'),
    });
  });

  test('a link to the folder is followed: the person named it', async () => {
    await put('real/app.yaml', head('one'));
    await symlink('real', join(root, 'link'));
    const catalog = locationCatalog([pathLocation(root)]);
    const resolved = await catalog.resolve(parseReference('./link'));
    if (resolved === undefined) throw new Error('not resolved');
    expect((await catalog.open(resolved)).files).toHaveLength(1);
  });

  test('names are not its business, and it lists nothing', async () => {
    const catalog = locationCatalog([pathLocation(root)]);
    expect(await catalog.resolve(parseReference('one'))).toBeUndefined();
    expect(await catalog.search({ text: '' })).toEqual([]);
    expect(await catalog.versions('one')).toEqual([]);
  });

  test('a folder without app.yaml says what is missing', async () => {
    await mkdir(join(root, 'empty'));
    await expect(locationCatalog([pathLocation(root)]).resolve(parseReference('./empty'))).rejects.toEqual(
      refused('APP_NOT_FOUND', /holds no app: there is no .*app\.yaml/),
    );
  });

  test('a folder that is not there is told so', async () => {
    await expect(locationCatalog([pathLocation(root)]).resolve(parseReference('./nowhere'))).rejects.toEqual(
      refused('APP_NOT_FOUND', /`\.\/nowhere` is not there: .*nowhere does not exist/),
    );
  });
});
