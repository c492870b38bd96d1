import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serversOf } from '../../../../src/adapters/catalog/config/servers.ts';
import { type Reach, reachOf } from '../../../../src/adapters/catalog/http/reach.ts';
import { ociLocation, openOciCatalog } from '../../../../src/adapters/catalog/oci/catalog.ts';
import { pullChart } from '../../../../src/adapters/catalog/oci/pull.ts';
import type { RegistrySettings } from '../../../../src/adapters/catalog/oci/session.ts';
import { digestOf } from '../../../../src/adapters/catalog/opened.ts';
import { parseReference } from '../../../../src/domain/reference.ts';
import { chartArchive } from '../../../support/chart.ts';
import { testRegistry } from '../../../support/registry-server.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { testAuthority, webServer } from '../../../support/web-server.ts';

const chart = (version: string, name = 'web') => chartArchive({ name, version });

/** Reads a location as the program would in this home. */
async function pull(location: string, home = '/nowhere', environment: Record<string, string> = {}) {
  const surroundings = { cwd: '/', home, environment, userAgent: 'appstore/test' };
  const servers = serversOf({ catalogs: [], credentials: {} }, surroundings);
  const reference = parseReference(location);
  const kind = ociLocation('local', (address) => servers.registry(address));
  return kind.read({ ...reference, location: reference.location ?? '' });
}

const failed = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('a chart in a registry', () => {
  test('by tag, by digest, by range, and the newest', async () => {
    const registry = await testRegistry();
    const at = `oci://${registry.host}/charts/web`;
    let digest = '';
    for (const version of ['1.0.0', '1.2.0', '1.10.0', '2.0.0-rc.1', '1.3.0_build.5'])
      digest = registry.push('charts/web', version, chart(version.replace('_', '+')));
    registry.push('charts/web', 'latest', chart('1.10.0'));
    registry.push('charts/web', 'sha256-abc.sig', chart('1.0.0'));
    const versions = async (reference: string) => (await pull(reference)).resolved.version;
    expect(await versions(`${at}:1.2.0`)).toBe('1.2.0');
    expect(await versions(`${at}@^1.2`)).toBe('1.10.0');
    expect(await versions(`${at}@~1.2`)).toBe('1.2.0');
    expect(await versions(at)).toBe('1.10.0');
    expect(await versions(`${at}@>=2.0.0-0`)).toBe('2.0.0-rc.1');
    expect(await versions(`${at}:1.3.0+build.5`)).toBe('1.3.0+build.5');
    expect(await versions(`${at}:latest`)).toBe('1.10.0');
    expect(await versions(`${at}@${digest}`)).toBe('1.3.0+build.5');
    expect((await pull(`${at}:1.2.0`)).resolved).toMatchObject({
      catalog: 'local',
      name: 'web',
      source: `${at}:1.2.0`,
      archiveDigest: digestOf(chart('1.2.0')),
    });
  });

  test('an exact version is asked for without a list of tags', async () => {
    const registry = await testRegistry();
    registry.push('web', '1.0.0', chart('1.0.0'));
    await pull(`oci://${registry.host}/web:1.0.0`);
    expect(registry.asked.map(({ path }) => path).filter((path) => path.includes('tags'))).toEqual([]);
  });

  test('tags come in pages, and the pages from one server', async () => {
    const registry = await testRegistry({ pageSize: 3 });
    for (let minor = 0; minor < 10; minor += 1) registry.push('web', `1.${minor}.0`, chart(`1.${minor}.0`));
    expect((await pull(`oci://${registry.host}/web`)).resolved.version).toBe('1.9.0');
    expect(registry.asked.filter(({ path }) => path.includes('tags/list'))).toHaveLength(4);
    const other = await webServer((_request, response) => {
      response
        .setHeader('link', '<http://127.0.0.9:1/v2/web/tags/list>; rel="next"')
        .end('{"tags":["1.0.0"]}');
    });
    await expect(pull(`oci://${other.url.slice(7)}/web`)).rejects.toThrow(/goes on at another server/);
    const endless = await webServer((_request, response) => {
      response.setHeader('link', '</v2/web/tags/list?n=1>; rel="next"').end('{"tags":["1.0.0"]}');
    });
    await expect(pull(`oci://${endless.url.slice(7)}/web`)).rejects.toThrow(/more than 200 pages/);
  });

  test('a version that is not there is told with those that are; so is a repository', async () => {
    const registry = await testRegistry();
    registry.push('web', '1.0.0', chart('1.0.0'));
    const at = `oci://${registry.host}/web`;
    await expect(pull(`${at}:2.0.0`)).rejects.toEqual(
      failed('VERSION_NOT_FOUND', /`2\.0\.0`. There is: 1\.0\.0\./),
    );
    await expect(pull(`${at}@^2`)).rejects.toEqual(failed('VERSION_NOT_FOUND', /There is: 1\.0\.0/));
    await expect(pull(`${at}:edge`)).rejects.toEqual(failed('VERSION_NOT_FOUND', /has no `edge`/));
    await expect(pull(`oci://${registry.host}/none`)).rejects.toEqual(
      failed('APP_NOT_FOUND', /no repository/),
    );
    await expect(pull(`oci://${registry.host}/none:1.0.0`)).rejects.toEqual(
      failed('APP_NOT_FOUND', /no repository/),
    );
  });

  test.each([
    [
      'a container image',
      { config: 'application/vnd.oci.image.config.v1+json' },
      /is no Helm chart: it holds application\/vnd\.oci\.image/,
    ],
    ['something else', { config: 'application/vnd.example+json' }, /is no Helm chart/],
    [
      'a chart without content',
      { layer: 'application/vnd.cncf.helm.chart.provenance.v1.prov' },
      /without the content/,
    ],
  ])('%s is none', async (_what, types, message) => {
    const registry = await testRegistry();
    registry.push('web', '1.0.0', chart('1.0.0'), types);
    await expect(pull(`oci://${registry.host}/web:1.0.0`)).rejects.toEqual(
      failed('CATALOG_INVALID', message),
    );
  });

  test('the layer type of old Helm is read', async () => {
    const registry = await testRegistry();
    registry.push('web', '1.0.0', chart('1.0.0'), { layer: 'application/tar+gzip' });
    expect((await pull(`oci://${registry.host}/web:1.0.0`)).files).toHaveLength(1);
  });

  test('a tag that holds another version is refused', async () => {
    const registry = await testRegistry();
    registry.push('web', '1.0.0', chart('6.6.6'));
    await expect(pull(`oci://${registry.host}/web:1.0.0`)).rejects.toEqual(
      failed('CATALOG_INVALID', /holds version 6\.6\.6/),
    );
  });
});

describe('a registry that does not tell the truth', () => {
  test.each([
    ['a manifest', 'manifests', /the registry gave sha256:/],
    ['a blob', 'blobs', /the registry gave sha256:/],
  ])('%s of other bytes is refused', async (_what, part, message) => {
    const registry = await testRegistry({
      tamper: (path, body) =>
        path.includes(part) ? Buffer.from(body.toString('latin1').replace(/.$/s, ' '), 'latin1') : body,
    });
    registry.push('web', '1.0.0', chart('1.0.0'));
    await expect(pull(`oci://${registry.host}/web:1.0.0`)).rejects.toEqual(
      failed('DIGEST_MISMATCH', message),
    );
  });

  test('a manifest of another digest than was asked for is refused, whatever the header says', async () => {
    const other = await testRegistry();
    other.push('web', '1.0.0', chart('1.0.0'));
    const registry = await testRegistry({
      tamper: (path, body) => (path.includes('manifests') ? Buffer.from('{"config":{}}') : body),
    });
    const digest = registry.push('web', '1.0.0', chart('1.0.0'));
    await expect(pull(`oci://${registry.host}/web@${digest}`)).rejects.toEqual(
      failed('DIGEST_MISMATCH', /gave sha256/),
    );
  });

  test('a blob that is longer than the manifest says is not read to its end', async () => {
    const registry = await testRegistry({
      tamper: (path, body) => (path.includes('blobs') ? Buffer.concat([body, body]) : body),
    });
    registry.push('web', '1.0.0', chart('1.0.0'));
    await expect(pull(`oci://${registry.host}/web:1.0.0`)).rejects.toEqual(
      failed('CATALOG_INVALID', /larger than \d+ bytes/),
    );
  });

  test.each([
    ['a page', '<html>', /does not answer as a registry does/],
    ['a list', '[]', /does not answer as a registry does/],
    ['a manifest without parts', '{}', /is no Helm chart/],
    [
      'a size beyond bounds',
      JSON.stringify({
        config: { mediaType: 'application/vnd.cncf.helm.config.v1+json' },
        layers: [{ mediaType: 'application/tar+gzip', digest: `sha256:${'a'.repeat(64)}`, size: 1e12 }],
      }),
      /1000000000000 bytes/,
    ],
    [
      'a digest that leads elsewhere',
      JSON.stringify({
        config: { mediaType: 'application/vnd.cncf.helm.config.v1+json' },
        layers: [{ mediaType: 'application/tar+gzip', digest: 'sha256:../../x', size: 1 }],
      }),
      /without the content/,
    ],
  ])('%s is told', async (_what, body, message) => {
    const server = await webServer((_request, response) => void response.end(body));
    await expect(pull(`oci://${server.url.slice(7)}/web:1.0.0`)).rejects.toThrow(message);
  });
});

describe('logging in', () => {
  const home = async (config: unknown) => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, '.docker'));
    await writeFile(join(folder, '.docker/config.json'), JSON.stringify(config));
    return folder;
  };
  const auths = (host: string, login = 'ann:secret') => ({ auths: { [host]: { auth: btoa(login) } } });

  test('an anonymous token where the registry wants one', async () => {
    const registry = await testRegistry({ auth: 'token' });
    registry.push('charts/web', '1.0.0', chart('1.0.0'));
    await pull(`oci://${registry.host}/charts/web:1.0.0`);
    expect(registry.tokens).toHaveLength(1);
    expect(new URLSearchParams(registry.tokens[0]?.query).get('scope')).toBe('repository:charts/web:pull');
    expect(new URLSearchParams(registry.tokens[0]?.query).get('service')).toBe('test registry');
    expect(registry.tokens[0]?.authorization).toBeUndefined();
  });

  test.each(['HOST', 'https://HOST', 'https://HOST/v2/', 'http://HOST'])(
    'user and password of Docker, kept under %s',
    async (key) => {
      for (const auth of ['basic', 'token'] as const) {
        const registry = await testRegistry({ auth, privateOnly: true });
        registry.push('web', '1.0.0', chart('1.0.0'));
        const folder = await home(auths(key.replace('HOST', registry.host)));
        if (key.startsWith('http:')) continue;
        expect((await pull(`oci://${registry.host}/web`, folder)).resolved.version).toBe('1.0.0');
      }
    },
  );

  test('a login of another host is not sent; a wrong one is told', async () => {
    const registry = await testRegistry({ auth: 'token', privateOnly: true });
    registry.push('web', '1.0.0', chart('1.0.0'));
    await expect(pull(`oci://${registry.host}/web:1.0.0`, await home(auths('example.com')))).rejects.toEqual(
      failed('CATALOG_FORBIDDEN', /a token for oci:.*401/),
    );
    expect(registry.tokens.every(({ authorization }) => authorization === undefined)).toBe(true);
    const wrong = await testRegistry({ auth: 'basic' });
    wrong.push('web', '1.0.0', chart('1.0.0'));
    await expect(
      pull(`oci://${wrong.host}/web:1.0.0`, await home(auths(wrong.host, 'ann:no'))),
    ).rejects.toEqual(failed('CATALOG_FORBIDDEN', /does not accept the credentials/));
    await expect(pull(`oci://${wrong.host}/web:1.0.0`)).rejects.toEqual(
      expect.objectContaining({ code: 'CATALOG_FORBIDDEN', hint: expect.stringMatching(/docker login 127/) }),
    );
  });

  test('a login is not sent to a server of tokens without TLS, where the registry has it, and that is told', async () => {
    const authority = testAuthority();
    const tokens = await webServer((_request, response) => void response.end('{"token":"anonymous"}'));
    const registry = await testRegistry({
      auth: 'token',
      realm: `${tokens.url}/token`,
      tls: authority.issue('server'),
    });
    registry.push('web', '1.0.0', chart('1.0.0'));
    const http = { environment: {}, userAgent: 'test', credentials: async () => undefined, ca: authority.ca };
    const login = async () => ({ kind: 'password', username: 'ann', password: 'secret' }) as const;
    await expect(
      pullChart({ http, login }, { host: registry.host, repository: 'web', version: '1.0.0' }),
    ).rejects.toEqual(
      expect.objectContaining({
        code: 'CATALOG_FORBIDDEN',
        message: expect.stringMatching(/its tokens come from http:/),
        hint: expect.stringMatching(/was not sent there/),
      }),
    );
    expect(tokens.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('of helm registry login, and from the folder of DOCKER_CONFIG', async () => {
    const registry = await testRegistry({ auth: 'basic' });
    registry.push('web', '1.0.0', chart('1.0.0'));
    const folder = await temporaryFolder();
    await mkdir(join(folder, '.config/helm/registry'), { recursive: true });
    await writeFile(join(folder, '.config/helm/registry/config.json'), JSON.stringify(auths(registry.host)));
    expect((await pull(`oci://${registry.host}/web`, folder)).files).toHaveLength(1);
    const config = join(folder, 'docker');
    await mkdir(config);
    await writeFile(join(config, 'config.json'), JSON.stringify(auths(registry.host)));
    expect(
      (await pull(`oci://${registry.host}/web`, '/nowhere', { DOCKER_CONFIG: config })).files,
    ).toHaveLength(1);
  });

  test.each(['credHelpers', 'credsStore'])('of a helper (%s)', async (place) => {
    const registry = await testRegistry({ auth: 'basic' });
    registry.push('web', '1.0.0', chart('1.0.0'));
    const folder = await home(
      place === 'credsStore' ? { credsStore: 'test' } : { credHelpers: { [registry.host]: 'test' } },
    );
    const helper = join(folder, 'docker-credential-test');
    await writeFile(
      helper,
      `#!/bin/sh\n[ "$1" = get ] || exit 1\nread host\n[ "$host" = "${registry.host}" ] || { echo "credentials not found"; exit 1; }\necho '{"Username":"ann","Secret":"secret"}'\n`,
    );
    await chmod(helper, 0o755);
    const environment = { PATH: `${folder}:${process.env.PATH}` };
    expect((await pull(`oci://${registry.host}/web`, folder, environment)).files).toHaveLength(1);
    // a helper that is not there is no login
    await expect(pull(`oci://${registry.host}/web`, folder, { PATH: '/nowhere' })).rejects.toThrow(
      /wants user and password/,
    );
  });

  test('a refresh token is exchanged', async () => {
    const registry = await testRegistry({ auth: 'token', privateOnly: true, refreshToken: 'long' });
    registry.push('web', '1.0.0', chart('1.0.0'));
    const folder = await home({ auths: { [registry.host]: { identitytoken: 'long' } } });
    expect((await pull(`oci://${registry.host}/web`, folder)).files).toHaveLength(1);
    expect(registry.tokens[0]?.body).toContain('grant_type=refresh_token');
  });

  test('a token that a person has is shown as it is: one of the catalog, or of the file', async () => {
    const registry = await testRegistry({ auth: 'token', privateOnly: true });
    registry.push('web', '1.0.0', chart('1.0.0'));
    const folder = await home({ auths: { [registry.host]: { registrytoken: 'good' } } });
    expect((await pull(`oci://${registry.host}/web`, folder)).files).toHaveLength(1);
    const surroundings = { cwd: '/', home: '/nowhere', environment: {}, userAgent: 'appstore/test' };
    const location = `oci://${registry.host}/`;
    const open = async (token: string) => {
      const servers = serversOf(
        {
          catalogs: [{ name: 'team', kind: 'oci', location }],
          credentials: { team: { kind: 'bearer', token } },
        },
        surroundings,
      );
      return pullChart(await servers.registry(location), { host: registry.host, repository: 'web' });
    };
    expect((await open('good'))?.archive).toEqual(chart('1.0.0'));
    expect(registry.tokens).toEqual([]);
    const failure = await open('wrong-token').catch((error) => error);
    expect(failure).toEqual(failed('CATALOG_FORBIDDEN', /does not accept the credentials/));
    expect(`${failure.message}${failure.hint}`).not.toContain('wrong-token');
  });

  test('a helper whose name is a path, and a file that is damaged, are no login', async () => {
    const registry = await testRegistry({ auth: 'basic' });
    const folder = await home({ credsStore: '../../bin/sh' });
    await expect(pull(`oci://${registry.host}/web`, folder)).rejects.toThrow(/wants user and password/);
    await writeFile(join(folder, '.docker/config.json'), '{');
    await expect(pull(`oci://${registry.host}/web`, folder)).rejects.toThrow(/wants user and password/);
  });

  test('credentials go to no realm of another host', async () => {
    const thief = await webServer((_request, response) => void response.end('{"token":"good"}'), {
      address: '127.0.0.7',
    });
    const registry = await testRegistry({ auth: 'token', realm: `${thief.url}/token` });
    registry.push('web', '1.0.0', chart('1.0.0'));
    await pull(`oci://${registry.host}/web:1.0.0`, await home(auths(registry.host)));
    expect(thief.asked[0]?.headers.authorization).toBeUndefined();
  });

  test('the token goes along on no redirect to another server', async () => {
    const store = await webServer((_request, response) => void response.end(chart('1.0.0')), {
      address: '127.0.0.7',
    });
    const registry = await testRegistry({ auth: 'token', blobsAt: store.url });
    registry.push('web', '1.0.0', chart('1.0.0'));
    expect((await pull(`oci://${registry.host}/web:1.0.0`)).files).toHaveLength(1);
    expect(store.asked[0]?.headers.authorization).toBeUndefined();
  });

  test.each(['file:///etc/passwd', 'nothing', ''])('a realm that is %j gives no token', async (realm) => {
    const registry = await testRegistry({ auth: 'token', realm });
    await expect(pull(`oci://${registry.host}/web:1.0.0`)).rejects.toEqual(
      failed('CATALOG_FORBIDDEN', /names no address/),
    );
  });

  test('a registry outside may not lead inside for tokens', async () => {
    const inside = await webServer((_request, response) => void response.end('{"token":"good"}'));
    const registry = await testRegistry({ auth: 'token', realm: inside.url, address: '127.0.0.2' });
    const network = {
      resolve: async () => [{ address: '127.0.0.2', family: 4 }],
      reachOf: (address: string): Reach => (address === '127.0.0.2' ? 'public' : reachOf(address)),
    };
    const settings: RegistrySettings = {
      http: { environment: {}, userAgent: 'x', credentials: async () => undefined, network },
      login: async () => undefined,
      plainHttp: true,
    };
    const reference = { host: registry.host, repository: 'web', version: '1.0.0' };
    await expect(pullChart(settings, reference)).rejects.toThrow(/further inside/);
    expect(inside.asked).toEqual([]);
  });
});

describe('plain HTTP and TLS', () => {
  test('on this machine whichever the registry speaks; elsewhere TLS unless it is asked for', async () => {
    const { ca, issue } = testAuthority();
    const { certificate, key } = issue('server');
    const secure = await testRegistry({ tls: { certificate, key } });
    const plain = await testRegistry();
    const settings = (more: Partial<RegistrySettings> = {}): RegistrySettings => ({
      http: { environment: {}, userAgent: 'x', credentials: async () => undefined, ca },
      login: async () => undefined,
      ...more,
    });
    for (const registry of [secure, plain]) {
      registry.push('web', '1.0.0', chart('1.0.0'));
      const pulled = await pullChart(settings(), {
        host: registry.host,
        repository: 'web',
        version: '1.0.0',
      });
      expect(pulled?.archive).toEqual(chart('1.0.0'));
    }
    const network = { resolve: async () => [{ address: '127.0.0.1', family: 4 }], reachOf };
    const named = { host: `registry.example:${plain.port}`, repository: 'web', version: '1.0.0' };
    const http = { environment: {}, userAgent: 'x', credentials: async () => undefined, network };
    await expect(pullChart(settings({ http }), named)).rejects.toThrow(/does not speak TLS/);
    expect((await pullChart(settings({ http, plainHttp: true }), named))?.archive).toEqual(chart('1.0.0'));
  });
});

describe('a registry as a catalog', () => {
  const open = (host: string) => {
    const surroundings = { cwd: '/', home: '/nowhere', environment: {}, userAgent: 'x' };
    const location = `oci://${host}/charts`;
    const servers = serversOf(
      { catalogs: [{ name: 'team', kind: 'oci', location }], credentials: {} },
      surroundings,
    );
    return openOciCatalog({ name: 'team', location, registry: () => servers.registry(location) });
  };

  test('has an app for every repository below its path, named with the catalog', async () => {
    const registry = await testRegistry();
    registry.push('charts/web', '1.0.0', chart('1.0.0'));
    registry.push('charts/web', '1.1.0', chart('1.1.0'));
    const catalog = open(registry.host);
    const resolved = await catalog.resolve(parseReference('team/web@^1'));
    if (resolved === undefined) throw new Error('not resolved');
    expect(resolved).toMatchObject({ catalog: 'team', name: 'web', version: '1.1.0' });
    expect((await catalog.open(resolved)).files).toHaveLength(1);
    expect((await catalog.versions('web')).map(({ version }) => version)).toEqual(['1.1.0', '1.0.0']);
    expect(await catalog.resolve(parseReference('team/none'))).toBeUndefined();
    expect(await catalog.resolve(parseReference('team/Upper'))).toBeUndefined();
  });

  test('a bare name asks nobody', async () => {
    const registry = await testRegistry();
    const catalog = open(registry.host);
    expect(await catalog.resolve(parseReference('web'))).toBeUndefined();
    expect(await catalog.search({ text: 'web' })).toEqual([]);
    expect(registry.asked).toEqual([]);
  });

  test('a repository that holds another chart is refused', async () => {
    const registry = await testRegistry();
    registry.push('charts/web', '1.0.0', chart('1.0.0', 'evil'));
    await expect(open(registry.host).resolve(parseReference('team/web'))).rejects.toEqual(
      failed('CATALOG_INVALID', /holds the chart evil/),
    );
  });
});
