import { chmod, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { sampleApp, sampleChart, writeFiles } from '../support/catalog-folder.ts';
import { built, cli, cliError, cliJson } from '../support/cli.ts';
import { type DockerRegistry, dockerRegistry, registryUser } from '../support/docker-registry.ts';
import { gate } from '../support/gate.ts';
import { helmProgram } from '../support/real-registry.ts';

/** The registry that most people run, as they run it: open, with passwords, with tokens, with TLS of an own authority. */
const kinds = [
  ['open', {}],
  ['tokens', { auth: 'token' }],
  ['passwords and TLS', { auth: 'basic', tls: true }],
  ['tokens and TLS', { auth: 'token', tls: true }],
] as const;

let root = '';
let helm: Awaited<ReturnType<typeof helmProgram>>;
const running: DockerRegistry[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(inject('sandbox').home, 'registries-'));
  helm = await helmProgram();
  for (const [, options] of kinds) running.push(await dockerRegistry(options));
}, 600_000);

afterAll(async () => {
  for (const registry of running) await registry.stop();
});

/** A person on a machine of their own: nothing is shared with the others. */
async function person(name: string) {
  const home = join(root, name.replaceAll(' ', '-'));
  const docker = join(home, '.docker');
  await mkdir(docker, { recursive: true });
  await writeFiles(join(home, 'apps'), {
    'web/app.yaml': sampleApp('web'),
    ...sampleChart('lamp', '2.0.0+one'),
  });
  const options = {
    cwd: home,
    env: {
      HOME: home,
      PATH: process.env.PATH,
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_CACHE_HOME: join(home, 'cache'),
    },
  };
  return {
    home,
    docker: (config: object) => writeFile(join(docker, 'config.json'), JSON.stringify(config)),
    options,
    json: async (...argv: readonly string[]) => (await cliJson(argv, options)) as Record<string, never>,
    error: async (...argv: readonly string[]) => (await cliError(argv, options)).error,
  };
}

const all = kinds.map(([what], at) => [what, at] as const);
const guarded = all.filter(([what]) => what !== 'open');

const auth = btoa(`${registryUser.username}:${registryUser.password}`);

/** Somebody on a machine of their own who knows one of the registries, and whom it is signed by. */
async function userOf([what, at]: (typeof all)[number], name: string = what) {
  const registry = running[at] as DockerRegistry;
  const me = await person(name);
  const isTls = registry.ca !== '';
  const ca = join(me.home, 'ca.pem');
  await writeFile(ca, registry.ca);
  const peer = isTls ? ['--ca-file', ca] : ['--plain-http'];
  const { username, password } = registryUser;
  return {
    registry,
    me,
    isTls,
    location: `oci://${registry.host}/team/apps`,
    trust: isTls ? ['--ca-file', ca] : [],
    peer,
    helmLogin: () =>
      helm(['registry', 'login', registry.host, '-u', username, '-p', password, ...peer], me.home),
  };
}

describe('Debian’s docker-registry', () => {
  test.each(all)(
    '%s: is pushed to, added, searched and installed from, and Helm reads and writes the same',
    async (what, at) => {
      const { registry, me, isTls, location, trust, peer, helmLogin } = await userOf([what, at]);
      const isGuarded = what !== 'open';
      if (isTls)
        expect(await me.error('catalog', 'push', './apps', location)).toMatchObject({
          code: 'CATALOG_UNREACHABLE',
          message: expect.stringMatching(/certificate is signed by nobody who is trusted/),
        });
      if (isGuarded) {
        expect(await me.error('catalog', 'push', './apps', location, ...trust)).toMatchObject({
          code: 'CATALOG_FORBIDDEN',
          hint: expect.stringMatching(/docker login|helm registry login/),
        });
        await me.docker({ auths: { [registry.host]: { auth } } });
      }
      expect(await me.json('catalog', 'push', './apps', location, ...trust)).toMatchObject({
        apps: 2,
        versions: 2,
      });
      expect(await me.json('catalog', 'push', './apps', location, ...trust)).toMatchObject({
        added: [],
        versions: 2,
      });
      expect(await me.json('catalog', 'add', 'team', location, ...trust)).toMatchObject({
        items: [{ outcome: 'read', apps: 2, versions: 2 }],
      });
      expect(await me.json('search', 'lamp')).toMatchObject({ items: [{ catalog: 'team', name: 'lamp' }] });

      const namespace = `registry-${at}`;
      await me.json('install', 'team/web', 'one', '-n', namespace, '--create-namespace', '--no-wait');
      // the address itself: the server is known by the catalog that lies there
      await me.json('install', `${location}/lamp:2.0.0+one`, 'two', '-n', namespace, '--no-wait');
      expect((await me.json('list', '-n', namespace)).items).toMatchObject([
        { name: 'one', catalog: 'team', version: '1.0.0' },
        { name: 'two', catalog: 'local', version: '2.0.0+one' },
      ]);
      for (const name of ['one', 'two'])
        expect((await cli(['remove', name, '-n', namespace, '--yes'], me.options)).code).toBe(0);

      if (isGuarded) await helmLogin();
      await helm(['pull', `${location}/lamp`, '--version', '2.0.0+one', '-d', me.home, ...peer], me.home);
      expect((await readFile(join(me.home, 'lamp-2.0.0+one.tgz'))).length).toBeGreaterThan(100);
      await writeFiles(me.home, sampleChart('other', '3.0.0'));
      await helm(['package', 'other'], me.home);
      await helm(['push', 'other-3.0.0.tgz', location, ...peer], me.home);
      expect(await me.json('show', 'team/other')).toMatchObject({ name: 'other', version: '3.0.0' });
      expect(await me.json('catalog', 'update', 'team')).toMatchObject({ items: [{ outcome: 'unchanged' }] });
    },
  );

  test.each(guarded)(
    '%s: takes the login of a helper, and of a file that Helm wrote; a wrong one is told',
    async (what, at) => {
      const { registry, me, location, trust, helmLogin } = await userOf([what, at], `${what} by helper`);
      const bin = join(me.home, 'bin');
      await mkdir(bin);
      const answer = JSON.stringify({
        ServerURL: registry.host,
        Username: registryUser.username,
        Secret: registryUser.password,
      });
      await writeFile(
        join(bin, 'docker-credential-test'),
        `#!/bin/sh\n[ "$1" = get ] || exit 1\nread -r host\n[ "$host" = ${registry.host} ] || { echo credentials not found; exit 1; }\necho '${answer}'\n`,
      );
      await chmod(join(bin, 'docker-credential-test'), 0o755);
      Object.assign(me.options.env, { PATH: `${bin}:${process.env.PATH}` });
      for (const config of [{ credsStore: 'test' }, { credHelpers: { [registry.host]: 'test' } }]) {
        await me.docker(config);
        expect(await me.json('catalog', 'push', './apps', location, ...trust)).toMatchObject({ versions: 2 });
      }
      await me.docker({ auths: { [registry.host]: { auth: btoa('ann:wrong') } } });
      const error = await me.error('catalog', 'push', './apps', location, ...trust);
      expect(error).toMatchObject({ code: 'CATALOG_FORBIDDEN', hint: expect.stringMatching(/log in anew/i) });
      expect(JSON.stringify(error)).not.toContain('wrong');
      await me.docker({});
      await mkdir(join(me.home, 'config', 'helm', 'registry'), { recursive: true });
      await helmLogin();
      Object.assign(me.options.env, { HELM_REGISTRY_CONFIG: join(me.home, 'registry.json') });
      expect(await me.json('catalog', 'push', './apps', location, ...trust)).toMatchObject({ versions: 2 });
    },
  );

  test('tokens are asked for one repository each, and to push only where it pushes', async () => {
    const registry = running[1] as DockerRegistry;
    const asked = new Set(registry.tokens.map(({ scope }) => scope));
    expect(asked).toContain('repository:team/apps/web:pull,push');
    expect(asked).toContain('repository:team/apps/web:pull');
    // Helm asks for more at once; its login for nothing
    for (const scope of [...asked].filter((one) => one !== ''))
      expect(scope).toMatch(/^repository:team\/apps\/[a-z-]+:(pull|pull,push|push,pull)$/);
  });
});

describe('pushes at the same moment', () => {
  /** Each has an app of its own; every one of them reads the index before any of them writes it. */
  test('of four processes lose no app', async () => {
    const registry = running[0] as DockerRegistry;
    const me = await person('many');
    const isIndex = (path: string) => path.endsWith('/appstore-index/manifests/v1');
    const held = await gate(registry.host, 4, ({ method, path }) => method === 'GET' && isIndex(path));
    const location = `oci://${held.host}/many`;
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names)
      await writeFiles(join(me.home, name), { [`${name}/app.yaml`]: sampleApp(name) });
    const results = await Promise.all(
      names.map((name) => built(['catalog', 'push', `./${name}`, location, '-o', 'json'], me.options)),
    );
    await held.close();
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(
      names.map(() => [0, expect.anything()]),
    );
    expect(held.waited).toBe(4);
    await me.json('catalog', 'add', 'many', `oci://${registry.host}/many`);
    const { items } = await me.json('search', '');
    const found = (items as unknown as { catalog: string; name: string }[]).filter(
      ({ catalog }) => catalog === 'many',
    );
    expect(found.map(({ name }) => name).sort()).toEqual(names);
    // nothing new: the index is not written again, and no push is left beside it
    const before = await tagsOf(registry, 'many');
    await me.json('catalog', 'push', './a', `oci://${registry.host}/many`);
    expect(await tagsOf(registry, 'many')).toEqual(before);
  });

  test('that are signed, of three processes, lose no app and are signed one after the other', async () => {
    const registry = running[0] as DockerRegistry;
    const me = await person('signing');
    expect((await cli(['approve', '--new-key', 'one.key'], me.options)).code).toBe(0);
    const isIndex = (path: string) => path.endsWith('/appstore-index/manifests/v1');
    const held = await gate(registry.host, 3, ({ method, path }) => method === 'GET' && isIndex(path));
    const names = ['a', 'b', 'c'];
    for (const name of names)
      await writeFiles(join(me.home, name), { [`${name}/app.yaml`]: sampleApp(name) });
    const signing = ['--sign-key', 'one.key', '--signed-as', 'example.com/team', '-o', 'json', '-q'];
    const results = await Promise.all(
      names.map((name) =>
        built(['catalog', 'push', `./${name}`, `oci://${held.host}/signing`, ...signing], me.options),
      ),
    );
    await held.close();
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(names.map(() => [0, '']));
    const versions = results.map(({ stdout }) => JSON.parse(stdout).signed.version);
    expect(versions.sort()).toEqual([1, 2, 3]);
    const add = ['catalog', 'add', 'signing', `oci://${registry.host}/signing`, '--signed-by', 'one.key.pub'];
    expect(await me.json(...add)).toMatchObject({ items: [{ apps: 3, signed: { version: 3 } }] });
    for (const name of names)
      expect(await me.json('show', `signing/${name}`)).toMatchObject({ version: '1.0.0' });
    expect(await me.json('catalog', 'verify', 'signing')).toMatchObject({ items: [{ outcome: 'verified' }] });
  });

  test('of the same version with other files: one is told, and what the index lists is what is there', async () => {
    const registry = running[0] as DockerRegistry;
    const me = await person('same');
    const isTag = (path: string) => path.endsWith('/same/web/manifests/1.0.0');
    const held = await gate(registry.host, 2, ({ method, path }) => method === 'GET' && isTag(path));
    for (const name of ['a', 'b'])
      await writeFiles(join(me.home, name), { 'web/app.yaml': sampleApp('web'), 'web/README.md': name });
    const results = await Promise.all(
      ['a', 'b'].map((name) =>
        built(['catalog', 'push', `./${name}`, `oci://${held.host}/same`, '-q', '-o', 'json'], me.options),
      ),
    );
    await held.close();
    expect(results.map(({ code }) => code).sort()).toEqual([0, 5]);
    expect(results.find(({ code }) => code === 5)?.stderr).toContain('VERSION_PUBLISHED');
    await me.json('catalog', 'add', 'same', `oci://${registry.host}/same`);
    const winner = results.findIndex(({ code }) => code === 0);
    const [listed, own] = [
      await me.json('show', 'same/web'),
      await me.json('show', `./${['a', 'b'][winner]}/web`),
    ];
    expect(listed.contentDigest).toBe(own.contentDigest);
  });
});

async function tagsOf(registry: DockerRegistry, path: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${registry.host}/v2/${path}/appstore-index/tags/list`);
  return ((await answer.json()) as { tags: string[] }).tags.sort();
}
