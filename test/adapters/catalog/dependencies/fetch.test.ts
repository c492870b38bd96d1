import { createHash } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type CatalogFolders, openAdded } from '../../../../src/adapters/catalog/config/added.ts';
import { openLocations } from '../../../../src/adapters/catalog/locations.ts';
import { parseReference } from '../../../../src/domain/reference.ts';
import { chartArchive } from '../../../support/chart.ts';
import { testRegistry } from '../../../support/registry-server.ts';
import { tgz } from '../../../support/tar.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { webServer } from '../../../support/web-server.ts';

let root = '';
let folders: CatalogFolders;
beforeEach(async () => {
  root = await temporaryFolder();
  folders = { config: join(root, 'config'), cache: join(root, 'cache') };
});

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

/** A chart `app` with these dependencies, as YAML. */
const app = (dependencies: string, apiVersion = 'v2') =>
  put(
    'work/app/Chart.yaml',
    `apiVersion: ${apiVersion}\nname: app\nversion: 1.0.0\n${dependencies === '' ? '' : `dependencies:\n${dependencies}`}`,
  );

async function open(location = './work/app') {
  const added = await openAdded(folders, { cwd: root, home: root, environment: {}, userAgent: 'x' });
  const catalog = openLocations(root, added.locations, added.addDependencies);
  const resolved = await catalog.resolve(parseReference(location));
  if (resolved === undefined) throw new Error('not resolved');
  return (await catalog.open(resolved)).files
    .map(({ path }) => path)
    .filter((path) => path.startsWith('charts/'));
}

/** A repository that has `db` in these versions. */
function repository(versions: readonly string[], name = 'db') {
  const archives = new Map(
    versions.map((version) => [`/${name}-${version}.tgz`, chartArchive({ name, version })]),
  );
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const entries = versions.map((version) => {
    const archive = archives.get(`/${name}-${version}.tgz`) ?? Buffer.alloc(0);
    return `  - {name: ${name}, version: ${version}, urls: [${name}-${version}.tgz], digest: ${sha256(archive)}}\n`;
  });
  return webServer((request, response) => {
    const archive = archives.get(request.url ?? '');
    if (request.url === '/index.yaml') response.end(`entries:\n  ${name}:\n${entries.join('')}`);
    else response.writeHead(archive === undefined ? 404 : 200).end(archive);
  });
}

const failed = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('dependencies of a chart in a folder', () => {
  test('come from a repository, the newest in range', async () => {
    const { url } = await repository(['1.0.0', '1.4.0', '2.0.0']);
    await app(`- {name: db, version: ^1, repository: "${url}"}\n`);
    expect(await open()).toEqual(['charts/db-1.4.0.tgz']);
  });

  test('leave no connection open where the rest of an index is not read', async () => {
    const { promise: closed, resolve: gone } = Promise.withResolvers<void>();
    const { url } = await webServer((request, response) => {
      if (request.url === '/db.tgz') response.end(chartArchive({ name: 'db', version: '1.0.0' }));
      else
        response
          .once('close', gone)
          .write(`entries:\n  db:\n  - {name: db, version: 1.0.0, urls: [db.tgz]}\n  more:\n`);
    });
    await app(`- {name: db, version: 1.0.0, repository: "${url}"}\n`);
    await open();
    await closed;
  });

  test('come from a registry', async () => {
    const registry = await testRegistry();
    for (const version of ['1.0.0', '1.4.0', '2.0.0'])
      registry.push('charts/db', version, chartArchive({ name: 'db', version }));
    await app(`- {name: db, version: ~1.4, repository: "oci://${registry.host}/charts/"}\n`);
    expect(await open()).toEqual(['charts/db-1.4.0.tgz']);
  });

  test.each(['@stable', 'alias:stable'])('come from a catalog that was added (%s)', async (name) => {
    const { url } = await repository(['1.0.0']);
    await put(
      'config/catalogs.json',
      JSON.stringify({ formatVersion: 1, catalogs: [{ name: 'stable', kind: 'helm', location: url }] }),
    );
    await app(`- {name: db, version: "*", repository: "${name}"}\n`);
    expect(await open()).toEqual(['charts/db-1.0.0.tgz']);
    await app(`- {name: db, repository: "${name}er"}\n`);
    await expect(open()).rejects.toEqual(failed('DEPENDENCY_MISSING', /no catalog `stableer`/));
  });

  test('are asked with the credentials of a catalog at the same server', async () => {
    const archive = chartArchive({ name: 'db', version: '1.0.0' });
    const server = await webServer((request, response) => {
      const allowed = request.headers.authorization === 'Bearer t';
      const body =
        request.url === '/index.yaml'
          ? 'entries:\n  db:\n  - {name: db, version: 1.0.0, urls: [db.tgz]}\n'
          : archive;
      response.writeHead(allowed ? 200 : 401).end(body);
    });
    await put(
      'config/catalogs.json',
      JSON.stringify({ formatVersion: 1, catalogs: [{ name: 'ours', kind: 'helm', location: server.url }] }),
    );
    await put(
      'config/credentials.json',
      JSON.stringify({ formatVersion: 1, credentials: { ours: { kind: 'bearer', token: 't' } } }),
    );
    await app(`- {name: db, version: 1.0.0, repository: "${server.url}"}\n`);
    expect(await open()).toEqual(['charts/db-1.0.0.tgz']);
  });

  test('that are in charts/ are used as they are: folders and archives', async () => {
    await app(
      '- {name: one, repository: "http://127.0.0.1:1"}\n- {name: two, repository: "http://127.0.0.1:1"}\n',
    );
    await put('work/app/charts/any/Chart.yaml', 'name: one\nversion: 1.0.0\n');
    await put('work/app/charts/two.tgz', chartArchive({ name: 'two', version: '1.0.0' }));
    expect(await open()).toEqual(['charts/any/Chart.yaml', 'charts/two.tgz']);
  });

  test('of one name under two aliases are fetched once', async () => {
    const server = await repository(['1.0.0']);
    const { url } = server;
    await app(
      `- {name: db, version: 1.0.0, repository: "${url}", alias: a}\n- {name: db, version: 1.0.0, repository: "${url}", alias: b}\n`,
    );
    expect(await open()).toEqual(['charts/db-1.0.0.tgz']);
    expect(server.asked).toHaveLength(2);
  });

  test('have the version of the lock, and a lock of other dependencies is refused', async () => {
    const { url } = await repository(['1.0.0', '1.4.0']);
    const dependency = `{"name":"db","version":"^1","repository":"${url}"}`;
    const locked = `{"name":"db","version":"1.0.0","repository":"${url}"}`;
    const digest = createHash('sha256').update(`[[${dependency}],[${locked}]]`).digest('hex');
    await app(`- ${dependency}\n`);
    await put('work/app/Chart.lock', `dependencies: [${locked}]\ndigest: sha256:${digest}\n`);
    expect(await open()).toEqual(['charts/db-1.0.0.tgz']);
    await app(`- ${dependency.replace('^1', '^1.4')}\n`);
    await expect(open()).rejects.toEqual(
      failed('PACKAGE_INVALID', /Chart\.lock is out of sync with the dependencies in Chart\.yaml/),
    );
  });

  test('a Chart.lock that leads out is refused, and what it leads to stays as it is', async () => {
    const { url } = await repository(['1.0.0']);
    await app(`- {name: db, version: ^1, repository: "${url}"}\n`);
    await put('bashrc', 'echo hello\n');
    await symlink(join(root, 'bashrc'), join(root, 'work/app/Chart.lock'));
    await expect(open()).rejects.toEqual(failed('PACKAGE_INVALID', /`Chart\.lock` is a link that leads out/));
    expect(await readFile(join(root, 'bashrc'), 'utf8')).toBe('echo hello\n');
  });

  test('of a chart of apiVersion v1 stand in requirements.yaml', async () => {
    const { url } = await repository(['1.0.0']);
    await app('', 'v1');
    await put(
      'work/app/requirements.yaml',
      `dependencies: [{name: db, version: ">=1", repository: "${url}"}]\n`,
    );
    expect(await open()).toEqual(['charts/db-1.0.0.tgz']);
  });

  test('are not fetched for a chart without any, nor for one in an archive', async () => {
    await app('');
    expect(await open()).toEqual([]);
    await put(
      'app.tgz',
      tgz([
        {
          name: 'app/Chart.yaml',
          content:
            'name: app\nversion: 1.0.0\ndependencies: [{name: db, repository: "http://127.0.0.1:1"}]\n',
        },
      ]),
    );
    expect(await open('./app.tgz')).toEqual([]);
  });
});

describe('dependencies beside the chart', () => {
  test('are taken from their folder, by its .helmignore', async () => {
    await app('- {name: db, version: ^1, repository: "file://../db"}\n');
    await put('work/db/Chart.yaml', 'name: db\nversion: 1.2.0\n');
    await put('work/db/.helmignore', 'ci/\n');
    await put('work/db/ci/x', 'x');
    expect(await open()).toEqual(['charts/db/.helmignore', 'charts/db/Chart.yaml']);
  });

  test('may lie anywhere in the working copy, and nowhere else', async () => {
    await put('secret/db/Chart.yaml', 'name: db\nversion: 1.0.0\n');
    await put('work/libs/db/Chart.yaml', 'name: db\nversion: 1.0.0\n');
    await put(
      'work/charts/app/Chart.yaml',
      'name: app\nversion: 1.0.0\ndependencies: [{name: db, repository: "file://../../libs/db"}]\n',
    );
    await expect(open('./work/charts/app')).rejects.toEqual(
      failed('DEPENDENCY_MISSING', /lies outside of .*charts, where the chart is/),
    );
    await mkdir(join(root, 'work/.git'));
    expect(await open('./work/charts/app')).toEqual(['charts/db/Chart.yaml']);
    for (const repository of ['file://../../../secret/db', `file://${root}/secret/db`]) {
      await put(
        'work/charts/app/Chart.yaml',
        `name: app\nversion: 1.0.0\ndependencies: [{name: db, repository: "${repository}"}]\n`,
      );
      await expect(open('./work/charts/app')).rejects.toEqual(failed('DEPENDENCY_MISSING', /lies outside/));
    }
    await symlink(join(root, 'secret/db'), join(root, 'work/link'));
    await put(
      'work/charts/app/Chart.yaml',
      'name: app\nversion: 1.0.0\ndependencies: [{name: db, repository: "file://../../link"}]\n',
    );
    await expect(open('./work/charts/app')).rejects.toEqual(failed('DEPENDENCY_MISSING', /lies outside/));
  });

  test.each([
    ['- {name: db, repository: "file://../none"}\n', /there is no folder/],
    ['- {name: db, repository: "file://../other"}\n', /holds no chart of that name/],
    [
      '- {name: other, version: ^9, repository: "file://../other"}\n',
      /has version 1\.0\.0, and `\^9` is wanted/,
    ],
  ])('%j is told', async (dependencies, message) => {
    await put('work/other/Chart.yaml', 'name: other\nversion: 1.0.0\n');
    await app(dependencies);
    await expect(open()).rejects.toEqual(failed('DEPENDENCY_MISSING', message));
  });
});

describe('dependencies that cannot be had', () => {
  test.each([
    ['- {name: db}\n', 'DEPENDENCY_MISSING', /names no repository/],
    ['- {name: db, repository: "ftp://x"}\n', 'DEPENDENCY_MISSING', /`ftp:\/\/x` is nothing to fetch from/],
    ['- {name: db, repository: "http://127.0.0.1:1"}\n', 'CATALOG_UNREACHABLE', /connection refused/],
    ['- {name: "../x", repository: "http://127.0.0.1:1"}\n', 'DEPENDENCY_MISSING', /no name of a chart/],
  ])('%j', async (dependencies, code, message) => {
    await app(dependencies);
    await expect(open()).rejects.toEqual(failed(code, message));
  });

  test('the repository has another chart, no such version, or lies', async () => {
    const { url } = await repository(['1.0.0'], 'other');
    await app(`- {name: db, version: 1.0.0, repository: "${url}"}\n`);
    await expect(open()).rejects.toEqual(failed('DEPENDENCY_MISSING', /does not have it/));
    await app(`- {name: other, version: ^9, repository: "${url}"}\n`);
    await expect(open()).rejects.toEqual(failed('VERSION_NOT_FOUND', /`\^9`. There is: 1\.0\.0/));
    const registry = await testRegistry();
    registry.push('db', '1.0.0', chartArchive({ name: 'evil', version: '1.0.0' }));
    await app(`- {name: db, version: 1.0.0, repository: "oci://${registry.host}"}\n`);
    await expect(open()).rejects.toEqual(failed('DEPENDENCY_MISSING', /gave evil in its place/));
  });

  test('an archive in charts/ that is none is told with its path; one that is a bomb is stopped', async () => {
    await app('- {name: db, repository: "http://127.0.0.1:1"}\n');
    await put('work/app/charts/db.tgz', 'no archive');
    await expect(open()).rejects.toEqual(
      failed('PACKAGE_INVALID', /app\/charts\/db\.tgz is not a gzipped archive/),
    );
    await put(
      'work/app/charts/db.tgz',
      tgz([
        { name: 'db/Chart.yaml', content: 'x' },
        ...Array.from({ length: 5 }, (_, n) => ({ name: `db/${n}`, content: 'x'.repeat(5_000_000) })),
      ]),
    );
    await expect(open()).rejects.toEqual(failed('PACKAGE_INVALID', /more than 20971520 bytes/));
  });
});
