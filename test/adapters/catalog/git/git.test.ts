import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gitCache } from '../../../../src/adapters/catalog/config/added.ts';
import { checkOut, pruneCheckouts } from '../../../../src/adapters/catalog/git/checkout.ts';
import { gitEnvironment } from '../../../../src/adapters/catalog/git/environment.ts';
import { AppstoreError } from '../../../../src/domain/errors.ts';
import { type GitReference, parseGitReference } from '../../../../src/domain/git-reference.ts';
import { addCatalog } from '../../../../src/services/catalogs.ts';
import { person, refused } from '../../../support/catalog-person.ts';
import {
  bareRepository,
  chartFiles,
  countingServer,
  git,
  gitDaemon,
  gitServer,
  handmadeRepository,
  noise,
  repositoryWithRefs,
  withoutFilters,
} from '../../../support/git-server.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { testAuthority, webServer } from '../../../support/web-server.ts';

const signal = new AbortController().signal;
const chart = chartFiles;

function referenceOf(text: string): GitReference {
  const read = parseGitReference(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
}

describe('a package in a git repository', () => {
  test('is read at a branch, a tag, an annotated tag, a commit and the default branch, over file, smart HTTP and git daemon', async () => {
    const root = await temporaryFolder();
    const { repository, refs } = await repositoryWithRefs(root);
    const { pull } = await person();
    for (const url of [
      `git+file://${repository.path}`,
      `git+${(await gitServer(root)).url}/repo.git`,
      `git+${await gitDaemon(root)}/repo.git`,
    ]) {
      for (const [ref, commit, version] of refs) {
        const { resolved, files } = await pull(`${url}#${ref}:charts/web`);
        expect(resolved).toMatchObject({
          catalog: 'local',
          name: 'web',
          version,
          source: `${url}#${commit}:charts/web`,
        });
        expect(files.map(({ path }) => path)).toEqual(['Chart.yaml', 'templates/a.yaml']);
      }
    }
  });

  test('has the same content digest as the folder it was committed from', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    const { pull } = await person();
    const [here, there] = [
      await pull(join(repository.work, 'charts/web')),
      await pull(`git+file://${repository.path}#main:charts/web`),
    ];
    expect(there.resolved.contentDigest).toBe(here.resolved.contentDigest);
  });

  test('is fetched without history and without the files of other folders, and once a commit', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit({ ...chart('web'), 'old.bin': 'x' });
    const commit = await repository.commit({ ...chart('web'), 'large.bin': noise(60_000) });
    const server = await countingServer(root);
    const { pull } = await person();
    await pull(`git+${server.url}/repo.git#main:charts/web`);
    expect(server.bytes()).toBeLessThan(100_000);
    const requests = server.asked.length;
    await pull(`git+${server.url}/repo.git#${commit}:charts/web`);
    expect(server.asked).toHaveLength(requests);
    await pull(`git+${server.url}/repo.git#main:charts/web`);
    // What the branch is now, and nothing more.
    expect(server.asked.slice(requests).filter(({ path }) => path.includes('git-receive-pack'))).toEqual([]);
    expect(server.asked.length - requests).toBeLessThanOrEqual(2);
  });

  test('is read from a server that leaves out no files', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await withoutFilters(repository);
    const commit = await repository.commit(chart('web'));
    const server = await gitServer(root);
    const { pull } = await person();
    expect((await pull(`git+${server.url}/repo.git#main:charts/web`)).resolved.source).toContain(commit);
  });

  test('a branch and a tag of one name are asked about, never chosen between', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web', '1.0.0'));
    await git(repository.work, 'push', '--quiet', 'origin', 'HEAD:refs/tags/x');
    await repository.commit(chart('web', '2.0.0'));
    await git(repository.work, 'push', '--quiet', 'origin', 'HEAD:refs/heads/x');
    const { pull } = await person();
    const url = `git+file://${repository.path}`;
    await expect(pull(`${url}#x:charts/web`)).rejects.toEqual(
      refused('VERSION_NOT_FOUND', /both a branch and a tag `x`/),
    );
    expect((await pull(`${url}#refs/tags/x:charts/web`)).resolved.version).toBe('1.0.0');
    expect((await pull(`${url}#refs/heads/x:charts/web`)).resolved.version).toBe('2.0.0');
  });

  test('what is not there is told as what is not there', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    const commit = await repository.commit(chart('web'));
    const server = await gitServer(root);
    const { pull } = await person();
    const url = `git+${server.url}/repo.git`;
    await expect(pull(`${url}#none`)).rejects.toEqual(
      refused('VERSION_NOT_FOUND', /no branch, tag or commit `none`/),
    );
    await expect(pull(`${url}#${commit.slice(0, 8)}`)).rejects.toEqual(
      expect.objectContaining({ hint: expect.stringMatching(/written in full/) }),
    );
    await expect(pull(`${url}#${'0'.repeat(39)}1`)).rejects.toEqual(refused('VERSION_NOT_FOUND', /0001/));
    await expect(pull(`${url}#main:none`)).rejects.toEqual(refused('APP_NOT_FOUND', /no such folder/));
    await expect(pull(`${url}#main`)).rejects.toEqual(refused('APP_NOT_FOUND', /holds no app/));
    await expect(pull(`git+${server.url}/none.git`)).rejects.toEqual(
      refused('CATALOG_UNREACHABLE', /no repository/),
    );
    await expect(pull(`git+http://127.0.0.1:1/x.git`)).rejects.toEqual(
      refused('CATALOG_UNREACHABLE', /127\.0\.0\.1/),
    );
  });
});

describe('a git repository as a catalog', () => {
  test('is searched and installed from without a network, and moves on with catalog update', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    const first = await repository.commit({ ...chart('web', '1.0.0'), ...chart('db', '3.0.0') });
    const server = await gitServer(root);
    const me = await person();
    const url = `git+${server.url}/repo.git`;
    expect(await me.add(`${url}#main:charts`)).toMatchObject({
      outcome: 'read',
      apps: 2,
      entry: { kind: 'git' },
    });
    const asked = server.asked.length;
    const catalog = await me.catalog();
    expect((await catalog.search({ text: 'web' })).map(({ app }) => app.name)).toEqual(['web']);
    expect((await me.pull('team/web')).resolved).toMatchObject({
      catalog: 'team',
      name: 'web',
      version: '1.0.0',
      source: `${url}#${first}:charts/web`,
    });
    expect(server.asked).toHaveLength(asked);

    expect(await me.store.update('team', signal)).toMatchObject({ outcome: 'unchanged', apps: 2 });
    const second = await repository.commit(chart('web', '2.0.0'));
    expect((await me.pull('team/web')).resolved.version).toBe('1.0.0');
    expect(await me.store.update('team', signal)).toMatchObject({ outcome: 'read', apps: 1 });
    expect((await me.pull('team/web')).resolved).toMatchObject({
      version: '2.0.0',
      source: `${url}#${second}:charts/web`,
    });
    expect(await me.store.list()).toEqual([
      expect.objectContaining({ kind: 'git', indexed: { apps: 1, versions: 1 }, checked: expect.any(Date) }),
    ]);

    await me.store.remove('team', signal);
    expect(await readdir(join(me.folders.cache, 'catalogs'))).toEqual([]);
  });

  test('stays usable when its server is away, and is not added when it cannot be read', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    let away = false;
    const server = await gitServer(root, (_request, response) => {
      if (away) response.writeHead(500).end();
      return !away;
    });
    const me = await person();
    await me.add(`git+${server.url}/repo.git#main:charts`);
    away = true;
    await expect(me.store.update('team', signal)).rejects.toEqual(refused('CATALOG_UNREACHABLE', /500/));
    expect((await me.pull('team/web')).resolved.version).toBe('1.0.0');
    const other = await person();
    await expect(other.add(`git+${server.url}/repo.git`)).rejects.toThrow(AppstoreError);
    expect(await other.store.list()).toEqual([]);
  });

  test.each([
    ['a password in the address', 'git+https://ann:hunter2@host/r', undefined, /password is written/],
    [
      'a password for ssh',
      'git+ssh://git@host/r',
      { kind: 'bearer', token: 'x' } as const,
      /takes no password/,
    ],
    [
      'a password in the open',
      'git+http://catalog.example/r',
      { kind: 'bearer', token: 'x' } as const,
      /on the way/,
    ],
  ])('%s is refused', async (_what, location, credential, message) => {
    const me = await person();
    await expect(me.add(location, credential)).rejects.toEqual(refused('USAGE', message));
  });
});

describe('credentials for git', () => {
  const guarded = async (root: string, wanted: string) =>
    gitServer(root, (request, response) => {
      const right = request.headers.authorization === wanted;
      if (!right)
        response
          .writeHead(401, { 'www-authenticate': 'Basic realm="x"' })
          .end(`no: ${request.headers.authorization}`);
      return right;
    });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  test('are sent to the server of the catalog and told to nobody', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    const server = await guarded(root, basic('ann:hunter2hunter2'));
    const me = await person();
    const url = `git+${server.url}/repo.git#main:charts`;
    await me.add(url, { kind: 'basic', username: 'ann', password: 'hunter2hunter2' });
    const { resolved } = await me.pull('team/web');
    expect(JSON.stringify(resolved)).not.toMatch(/ann|hunter2/);
    // Directly, too: a server is known by the catalog that lies there.
    expect((await me.pull(`git+${server.url}/repo.git#main:charts/web`)).resolved.name).toBe('web');
    // The state of the catalog and what is cached hold none of it.
    const cached = await readdir(me.folders.cache, { recursive: true, withFileTypes: true });
    for (const entry of cached.filter((one) => one.isFile()))
      expect(await readFile(join(entry.parentPath, entry.name), 'latin1')).not.toMatch(/hunter2|YW5uOmh1/);

    const wrong = await person();
    const failure = await wrong
      .add(url, { kind: 'basic', username: 'ann', password: 'wrongwrong' })
      .catch((error) => error);
    expect(failure).toEqual(refused('CATALOG_FORBIDDEN', /other credentials/));
    expect(`${failure.message}${failure.hint}`).not.toContain('wrongwrong');
  });

  test('come from netrc for that host, and never from the files of git', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    const server = await guarded(root, basic('bob:from-netrc'));
    const home = await temporaryFolder();
    await writeFile(
      join(home, '.gitconfig'),
      `[url "${server.url}/none.git"]\n  insteadOf = ${server.url}/repo.git\n`,
    );
    const url = `git+${server.url}/repo.git#main:charts/web`;
    await expect((await person(home)).pull(url)).rejects.toEqual(refused('CATALOG_FORBIDDEN', /credentials/));
    await writeFile(join(home, '.netrc'), 'machine 127.0.0.1 login bob password from-netrc\n');
    expect((await (await person(home)).pull(url)).resolved.name).toBe('web');
  });

  test('are not sent where a server leads to: redirects are not followed', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    const other = await gitServer(root);
    const leading = await webServer((request, response) => {
      response.writeHead(302, { location: `${other.url}${request.url}` }).end();
    });
    const me = await person();
    await expect(
      me.add(`git+${leading.url}/repo.git#main:charts`, {
        kind: 'basic',
        username: 'ann',
        password: 'hunter2',
      }),
    ).rejects.toEqual(refused('CATALOG_UNREACHABLE', /another address, which is not followed/));
    expect(other.asked).toEqual([]);
  });
});

test('over https an own authority is trusted where it is given, and nowhere else', async () => {
  const root = await temporaryFolder();
  const repository = await bareRepository(root);
  await repository.commit(chart('web'));
  const authority = testAuthority();
  const caFile = join(root, 'ca.pem');
  await writeFile(caFile, authority.ca);
  const server = await gitServer(root, () => true, { tls: authority.issue('server') });
  const location = `git+${server.url}/repo.git#main:charts`;
  const other = await person();
  await expect(other.add(location)).rejects.toEqual(
    refused('CATALOG_UNREACHABLE', /certificate is not trusted/),
  );
  const me = await person();
  await addCatalog(me.store, { name: 'team', location, caFile }, signal);
  expect((await me.pull('team/web')).resolved.source).toMatch(/^git\+https:.*:charts\/web$/);
  // The server is known by the catalog that lies there.
  expect((await me.pull(`${location}/web`)).resolved.name).toBe('web');
});

describe('a hostile repository', () => {
  async function handmade(
    root: string,
    entries: readonly (readonly [mode: string, content: string, path: string])[],
  ) {
    const { path } = await handmadeRepository(root, async ({ blob, tree }) => {
      const made: (readonly [string, string, string])[] = [];
      for (const [mode, content, name] of entries) made.push([mode, name, await blob(content)]);
      return tree(made);
    });
    return `git+file://${path}#evil`;
  }
  const chartFile = ['100644', 'apiVersion: v2\nname: web\nversion: 1.0.0\n', 'Chart.yaml'] as const;

  test.each([
    ['a name that leads out', [chartFile, ['100644', 'x', '../out']], 'CATALOG_INVALID', /leads out/],
    [
      'a name that is absolute',
      [chartFile, ['100644', 'x', '/tmp/appstore-out']],
      'CATALOG_INVALID',
      /leads out/,
    ],
    [
      'the folder of git itself',
      [chartFile, ['100644', 'x', '.git/hooks/post-checkout']],
      'CATALOG_INVALID',
      /leads out/,
    ],
    [
      'a file through a link',
      [chartFile, ['120000', '/tmp', 'a'], ['100644', 'x', 'a/appstore-out']],
      'CATALOG_INVALID',
      /through a file/,
    ],
    [
      'a link through a link of another case',
      [chartFile, ['120000', '/tmp', 'A'], ['120000', 'x', 'a/b']],
      'CATALOG_INVALID',
      /through a file/,
    ],
    [
      'a name that steers the terminal',
      [chartFile, ['100644', 'x', 'a\u001b[31m']],
      'PACKAGE_INVALID',
      /control character/,
    ],
    [
      'a link that leads out',
      [chartFile, ['120000', '/etc/passwd', 'values.yaml']],
      'PACKAGE_INVALID',
      /a link that leads out/,
    ],
    [
      'app.yaml as a link that leads out',
      [['120000', '/etc/passwd', 'app.yaml']],
      'PACKAGE_INVALID',
      /not a file of this folder/,
    ],
  ] as const)('%s is refused', async (_what, entries, code, message) => {
    const url = await handmade(await temporaryFolder(), entries);
    const me = await person();
    await expect(me.pull(url)).rejects.toEqual(refused(code, message));
    await expect(stat('/tmp/appstore-out')).rejects.toThrow(/ENOENT/);
  });

  test('runs nothing: no hooks, filters, submodules or settings of the repository, its server or the person', async () => {
    const root = await temporaryFolder();
    const trap = join(root, 'trap');
    const repository = await bareRepository(root);
    const { work } = repository;
    await repository.commit({ ...chart('web'), '.gitattributes': '* filter=evil export-ignore\n' });
    await git(work, 'config', 'protocol.file.allow', 'always');
    await writeFile(
      join(work, '.gitmodules'),
      `[submodule "x"]\n  path = charts/web/sub\n  url = ext::sh -c 'touch ${trap}'\n`,
    );
    await git(
      work,
      'update-index',
      '--add',
      '--cacheinfo',
      `160000,${await git(work, 'rev-parse', 'HEAD')},charts/web/sub`,
    );
    await git(work, 'add', '.gitmodules');
    await git(work, 'commit', '--quiet', '-m', 'x');
    await git(work, 'push', '--quiet', 'origin', 'HEAD:main');
    const home = await temporaryFolder();
    await mkdir(join(home, 'hooks'));
    for (const hook of ['post-checkout', 'reference-transaction', 'post-merge'])
      await writeFile(join(home, 'hooks', hook), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    await writeFile(
      join(home, '.gitconfig'),
      `[core]\n  hooksPath = ${home}/hooks\n  fsmonitor = touch ${trap}\n[filter "evil"]\n  smudge = touch ${trap}\n  required = true\n[init]\n  templateDir = ${home}/hooks\n`,
    );
    const me = await person(home);
    const { files } = await me.pull(`git+file://${repository.path}#main:charts/web`);
    expect(files.map(({ path }) => path)).toEqual(['Chart.yaml', 'templates/a.yaml']);
    await expect(stat(trap)).rejects.toThrow(/ENOENT/);
  });

  test('one that is too large, or whose server never ends, is given up', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    const me = await person();
    const settings = { cache: gitCache(me.folders), access: {}, surroundings: me.surroundings };
    const silent = await webServer(() => {});
    await expect(
      checkOut(referenceOf(`git+${silent.url}/x.git`), { ...settings, bounds: { time: 300 } }),
    ).rejects.toEqual(refused('CATALOG_UNREACHABLE', /was not done after 0\.3 s/));
    await expect(
      checkOut(referenceOf(`git+file://${repository.path}#main`), { ...settings, bounds: { bytes: 300 } }),
    ).rejects.toEqual(refused('CATALOG_INVALID', /is larger than 300 bytes/));
    expect(await leftovers(settings.cache)).toEqual([]);
  });

  test('what a server writes to steer a terminal is taken out of the message, with the credentials it got', async () => {
    const server = await webServer((request, response) => {
      response
        .writeHead(403, { 'content-type': 'text/plain' })
        .end(`\u001b[2J\u202eno: ${request.headers.authorization}`);
    });
    const me = await person();
    const failure = await me
      .add(`git+${server.url}/x.git`, { kind: 'bearer', token: 'secret-token-of-ann' })
      .catch((error) => error);
    expect(failure).toEqual(refused('CATALOG_FORBIDDEN', /x\.git/));
    expect(`${failure.message}`).not.toMatch(/[\u001b\u202e]|secret-token/);
  });
});

async function leftovers(cache: string): Promise<readonly string[]> {
  return (await readdir(cache)).filter((name) => name.startsWith('.'));
}

describe('the program', () => {
  test('gets nothing of the environment but what is named, and ssh alone gets its own', () => {
    const environment = {
      PATH: '/bin',
      HOME: '/home/ann',
      SSH_AUTH_SOCK: '/run/agent',
      KUBECONFIG: '/secret',
      AWS_SECRET_ACCESS_KEY: 'hunter2',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.sshCommand',
      GIT_EXEC_PATH: '/evil',
      GIT_DIR: '/evil',
      GIT_TRACE_CURL: '1',
      LD_PRELOAD: '/evil.so',
      https_proxy: 'http://proxy:3128',
    };
    const of = (url: string, protocol: GitReference['protocol']) =>
      gitEnvironment(
        { url, protocol },
        { authorization: 'Bearer x' },
        { environment, userAgent: 'a', folder: '/f' },
      );
    const https = of('https://host/r', 'https');
    expect(https).toMatchObject({
      PATH: '/bin',
      HOME: '/f',
      https_proxy: 'http://proxy:3128',
      GIT_ALLOW_PROTOCOL: 'https',
      GIT_TERMINAL_PROMPT: '0',
    });
    expect(Object.keys(https).filter((key) => /KUBE|AWS|LD_|TRACE|GIT_DIR|EXEC_PATH|SSH/.test(key))).toEqual(
      [],
    );
    expect(Object.values(https)).not.toContain('core.sshCommand');
    expect(Object.values(https)).toContain('http.https://host/.extraHeader');
    const ssh = of('ssh://git@host/r', 'ssh');
    expect(ssh).toMatchObject({
      HOME: '/home/ann',
      SSH_AUTH_SOCK: '/run/agent',
      GIT_ALLOW_PROTOCOL: 'ssh',
      GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
    });
  });

  test('over ssh the program of GIT_SSH is asked for the repository, with nothing that could be an option', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    const commit = await repository.commit(chart('web'));
    const [program, log] = [join(root, 'fake-ssh'), join(root, 'log')];
    // What a server does with the command that it is sent.
    await writeFile(
      program,
      `#!/bin/sh\nprintf '%s\\n' "$@" >> ${log}\nfor last; do :; done\nexec sh -c "$last"\n`,
      { mode: 0o755 },
    );
    const me = await person();
    const surroundings = {
      ...me.surroundings,
      environment: { ...me.surroundings.environment, GIT_SSH: program, GIT_SSH_VARIANT: 'simple' },
    };
    const settings = { cache: gitCache(me.folders), access: {}, surroundings };
    const reference = referenceOf(`git+ssh://git@host.example${repository.path}#main:charts/web`);
    expect((await checkOut(reference, settings)).commit).toBe(commit);
    expect(await readFile(log, 'utf8')).toMatch(/^git@host\.example\ngit-upload-pack '/);
  });

  test('ends as a whole group when the command is stopped, and leaves nothing behind', async () => {
    const server = await webServer(() => {});
    const me = await person();
    const stop = new AbortController();
    const settings = { cache: gitCache(me.folders), access: {}, surroundings: me.surroundings };
    const running = checkOut(referenceOf(`git+${server.url}/${'unique-name'}.git`), settings, stop.signal);
    const outcome = running.catch((error: unknown) => error);
    while (server.asked.length === 0) await new Promise((later) => setTimeout(later, 10));
    expect(await processesWith(`${server.url}/unique-name`)).not.toEqual([]);
    stop.abort(new Error('stopped'));
    expect(await outcome).toEqual(new Error('stopped'));
    for (
      let round = 0;
      round < 500 && (await processesWith(`${server.url}/unique-name`)).length > 0;
      round += 1
    )
      await new Promise((later) => setTimeout(later, 10));
    expect(await processesWith(`${server.url}/unique-name`)).toEqual([]);
    expect(await leftovers(settings.cache)).toEqual([]);
  });

  test('that is not there is told, with what to do', async () => {
    const me = await person();
    const surroundings = { ...me.surroundings, environment: { PATH: '/nowhere' } };
    const settings = { cache: gitCache(me.folders), access: {}, surroundings };
    await expect(checkOut(referenceOf('git+https://host.example/x'), settings)).rejects.toEqual(
      expect.objectContaining({
        code: 'CATALOG_UNREACHABLE',
        message: expect.stringMatching(/no program `git`/),
        hint: expect.stringMatching(/Install git/),
      }),
    );
  });
});

async function processesWith(text: string): Promise<readonly string[]> {
  const child = spawn('ps', ['-eo', 'pid=,args='], { stdio: ['ignore', 'pipe', 'ignore'] });
  let all = '';
  for await (const chunk of child.stdout) all += String(chunk);
  return all.split('\n').filter((line) => line.includes(text));
}

describe('the cache', () => {
  test('eight that want the same commit at once all have it, whole', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    const me = await person();
    const settings = { cache: gitCache(me.folders), access: {}, surroundings: me.surroundings };
    const reference = referenceOf(`git+file://${repository.path}#main:charts/web`);
    const all = await Promise.all(Array.from({ length: 8 }, () => checkOut(reference, settings)));
    expect(new Set(all.map(({ folder }) => folder)).size).toBe(1);
    expect(await readdir(all[0]?.folder ?? '', { recursive: true })).toHaveLength(3);
    expect(await leftovers(settings.cache)).toEqual([]);
  });

  test('forgets what nobody used for a month, and what was left unfinished a day ago', async () => {
    const cache = await temporaryFolder();
    const now = new Date('2026-06-01T00:00:00Z');
    const made = async (path: string, days: number) => {
      await mkdir(join(cache, path), { recursive: true });
      const time = new Date(now.getTime() - days * 86_400_000);
      await utimes(join(cache, path), time, time);
    };
    await made('a/old', 31);
    await made('a/new', 29);
    await made('.new-dead', 2);
    await made('.new-alive', 0);
    await pruneCheckouts(cache, now);
    expect((await readdir(cache, { recursive: true })).sort()).toEqual(['.new-alive', 'a', 'a/new']);
  });

  test('a link inside a package counts as the file it leads to, as in a folder', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    await symlink('templates/a.yaml', join(repository.work, 'charts/web/b.yaml'));
    await git(repository.work, 'add', '-A', '.');
    await git(repository.work, 'commit', '--quiet', '-m', 'x');
    await git(repository.work, 'push', '--quiet', 'origin', 'HEAD:main');
    const { files } = await (await person()).pull(`git+file://${repository.path}#main:charts/web`);
    expect(files.map(({ path }) => path)).toContain('b.yaml');
    expect(dirname(files[0]?.path ?? '')).toBe('.');
  });
});
