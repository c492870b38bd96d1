import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serversOf } from '../../../src/adapters/catalog/config/servers.ts';
import { httpLocation } from '../../../src/adapters/catalog/http-location.ts';
import { openLocations } from '../../../src/adapters/catalog/locations.ts';
import { digestOf } from '../../../src/adapters/catalog/opened.ts';
import { parseReference } from '../../../src/domain/reference.ts';
import { tgz } from '../../support/tar.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { webServer } from '../../support/web-server.ts';

const archive = tgz([
  { name: 'x/Chart.yaml', content: 'apiVersion: v2\nname: web\nversion: 1.2.3\nappVersion: "9"\n' },
  { name: 'x/templates/a.yaml', content: 'a: 1\n' },
]);

const surroundings = { cwd: '/', home: '/nowhere', environment: {}, userAgent: 'appstore/test' };

const locations = async (cwd = '/') => {
  const servers = serversOf({ catalogs: [], credentials: {} }, surroundings);
  return openLocations(cwd, [httpLocation(await servers.http('http://127.0.0.1'))]);
};

const open = async (location: string, cwd = '/') => {
  const catalog = await locations(cwd);
  const resolved = await catalog.resolve(parseReference(location));
  if (resolved === undefined) throw new Error('not resolved');
  return catalog.open(resolved);
};

test('an archive on this machine is a package under the name that it gives itself', async () => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'any.tgz'), archive);
  const { resolved, files } = await open('./any.tgz', cwd);
  expect(resolved).toMatchObject({
    catalog: 'local',
    name: 'web',
    version: '1.2.3',
    appVersion: '9',
    source: join(cwd, 'any.tgz'),
    archiveDigest: digestOf(archive),
  });
  expect(files.map(({ path }) => path)).toEqual(['Chart.yaml', 'templates/a.yaml']);
});

test('an archive on a web server is read once a command, and its address is kept without what may be secret', async () => {
  const server = await webServer((_request, response) => void response.end(archive));
  const catalog = await locations();
  const reference = parseReference(`${server.url}/web-1.2.3.tgz?signature=secret`);
  const [first, second] = [await catalog.resolve(reference), await catalog.resolve(reference)];
  if (first === undefined) throw new Error('not resolved');
  expect(second).toBe(first);
  expect(first.source).toBe(`${server.url}/web-1.2.3.tgz`);
  expect((await catalog.open(first)).files).toHaveLength(2);
  expect(server.asked).toHaveLength(1);
});

test.each([
  ['a page in the place of an archive', '<html>moved</html>', /is a page of HTML/],
  ['nothing', '', /is empty/],
])('%s on a web server is told as what it is', async (_what, body, message) => {
  const server = await webServer((_request, response) => void response.end(body));
  await expect(open(`${server.url}/x.tgz`)).rejects.toEqual(
    expect.objectContaining({ code: 'PACKAGE_INVALID', message: expect.stringMatching(message) }),
  );
});

test('an archive that is no package, a file that is not there', async () => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'bad.tgz'), tgz([{ name: 'x/Chart.yaml', content: 'name: web\n' }]));
  await expect(open('./bad.tgz', cwd)).rejects.toThrow(/Chart\.yaml: `version` is missing/);
  await expect(open('./none.tgz', cwd)).rejects.toEqual(expect.objectContaining({ code: 'APP_NOT_FOUND' }));
});
