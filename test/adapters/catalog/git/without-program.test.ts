import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gitCache } from '../../../../src/adapters/catalog/config/added.ts';
import { type PackBounds, PackRefused, readPack } from '../../../../src/adapters/catalog/git/smart/pack.ts';
import { addCatalog } from '../../../../src/services/catalogs.ts';
import { writeFiles } from '../../../support/catalog-folder.ts';
import { person as personWith, refused } from '../../../support/catalog-person.ts';
import {
  bareRepository,
  chartFiles,
  countingServer,
  git,
  gitServer,
  type HandmadeTree,
  handmadeRepository,
  noise,
  repositoryWithRefs,
  withoutFilters,
} from '../../../support/git-server.ts';
import { seeded } from '../../../support/random.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { testAuthority, webProxy, webServer } from '../../../support/web-server.ts';

const signal = new AbortController().signal;
const chart = chartFiles;

/** Somebody on whose machine there is no program `git`. */
const person = (home?: string) => personWith(home, '/nowhere');

describe('where there is no program git, over http', () => {
  test('a package is read at a branch, a tag, an annotated tag, a commit and the default branch, as by the program', async () => {
    const root = await temporaryFolder();
    const { refs } = await repositoryWithRefs(root);
    const server = await gitServer(root);
    const [me, other] = [await person(), await personWith()];
    const url = `git+${server.url}/repo.git`;
    for (const [ref, commit, version] of refs) {
      const [mine, theirs] = [
        await me.pull(`${url}#${ref}:charts/web`),
        await other.pull(`${url}#${ref}:charts/web`),
      ];
      expect(mine.resolved).toMatchObject({ version, source: `${url}#${commit}:charts/web` });
      expect(mine).toEqual(theirs);
    }
    expect(server.asked.some(({ headers }) => headers['user-agent'] === 'appstore/test')).toBe(true);
    await expect(me.pull(`${url}#none`)).rejects.toEqual(refused('VERSION_NOT_FOUND', /has no branch/));
    await expect(me.pull(`${url}#main:none`)).rejects.toEqual(refused('APP_NOT_FOUND', /no such folder/));
    await expect(me.pull(`${url}#${'a'.repeat(40)}`)).rejects.toEqual(
      refused('CATALOG_UNREACHABLE', /not our ref/),
    );
    expect((await readdir(gitCache(me.folders))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('files of other folders and history are not fetched, where the server can leave them out; else they are', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit({ ...chart('web'), 'large.bin': noise(40_000) });
    const server = await countingServer(root);
    await (await person()).pull(`git+${server.url}/repo.git#main:charts/web`);
    expect(server.bytes()).toBeLessThan(100_000);
    await withoutFilters(repository);
    const whole = await (await person()).pull(`git+${server.url}/repo.git#main:charts/web`);
    expect([whole.resolved.name, server.bytes() > 1_000_000]).toEqual(['web', true]);
  });

  test('large files that git keeps as changes of one another come out as they are', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    const lines = (seed: number) =>
      Array.from({ length: 4_000 }, (_, at) => `key${at}: ${at === seed ? 'changed' : at * 7}\n`).join('');
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`charts/web/files/${at}.yaml`, lines(at * 300)]),
    );
    await repository.commit({ ...chart('web'), ...files });
    await git(repository.path, 'repack', '-adfq', '--depth=50', '--window=50');
    await withoutFilters(repository);
    const server = await gitServer(root);
    const { files: read } = await (await person()).pull(`git+${server.url}/repo.git#main:charts/web`);
    for (const [path, text] of Object.entries(files)) {
      const found = read.find((file) => `charts/web/${file.path}` === path);
      expect(Buffer.from(found?.content ?? '').toString('utf8')).toBe(text);
    }
  });

  test('a catalog is added, updated and read over TLS of an own authority, with the credentials of it', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    const authority = testAuthority();
    const caFile = join(root, 'ca.pem');
    await writeFile(caFile, authority.ca);
    const login = `Basic ${btoa('ann:hunter2')}`;
    const server = await gitServer(
      root,
      (request, response) => {
        if (request.headers.authorization === login) return true;
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        return false;
      },
      { tls: authority.issue('server') },
    );
    const me = await person();
    const location = `git+${server.url}/repo.git#main:charts`;
    await expect(addCatalog(me.store, { name: 'team', location, caFile }, signal)).rejects.toEqual(
      refused('CATALOG_FORBIDDEN', /401/),
    );
    await expect(me.add(location)).rejects.toEqual(refused('CATALOG_UNREACHABLE', /certificate/));
    const credential = { kind: 'basic', username: 'ann', password: 'hunter2' } as const;
    await addCatalog(me.store, { name: 'team', location, caFile, credential }, signal);
    await repository.commit(chart('web', '2.0.0'));
    expect(await me.store.update('team', signal)).toMatchObject({ outcome: 'read', apps: 1 });
    expect((await me.pull('team/web')).resolved.version).toBe('2.0.0');
  });

  test('redirects are not followed, older protocols and other servers are told, ssh and folders need the program', async () => {
    const root = await temporaryFolder();
    const repository = await bareRepository(root);
    await repository.commit(chart('web'));
    const real = await gitServer(root);
    const leading = await webServer((request, response) => {
      response.writeHead(302, { location: `${real.url}${request.url}` }).end();
    });
    const me = await person();
    await expect(me.pull(`git+${leading.url}/repo.git`)).rejects.toEqual(
      refused('CATALOG_UNREACHABLE', /another address, which is not followed/),
    );
    expect(real.asked.filter(({ method }) => method === 'POST')).toEqual([]);
    const old = await gitServer(root, (request) => {
      delete request.headers['git-protocol'];
      return true;
    });
    await expect(me.pull(`git+${old.url}/repo.git`)).rejects.toEqual(
      refused('CATALOG_UNREACHABLE', /older protocol than version 2/),
    );
    const page = await webServer((_request, response) => void response.end('<html>\u001b[2J</html>'));
    await expect(me.pull(`git+${page.url}/repo.git`)).rejects.toEqual(
      refused('CATALOG_UNREACHABLE', /does not answer as a git server does/),
    );
    for (const url of ['git+ssh://git@127.0.0.1/x', `git+file://${repository.path}`])
      await expect(me.pull(url)).rejects.toEqual(refused('CATALOG_UNREACHABLE', /no program `git`/));
  });
});

const ways = [
  ['by the program', () => personWith()],
  ['without it', () => person()],
] as const;

test.each(ways)(
  '%s a server is reached through the proxy of the environment, and is shown the certificate of the catalog',
  async (_how, somebody) => {
    const root = await temporaryFolder();
    await (await bareRepository(root)).commit(chart('web'));
    const { ca, issue } = testAuthority();
    const [{ certificate, key }, client] = [issue('server'), issue('client')];
    const files = { 'ca.pem': ca, 'client.pem': client.certificate, 'client.key': client.key };
    await writeFiles(root, files);
    const [caFile, certFile, keyFile] = Object.keys(files).map((name) => join(root, name));
    if (caFile === undefined || certFile === undefined || keyFile === undefined) throw new Error('no files');
    const server = await gitServer(root, () => true, { tls: { certificate, key, clientCa: ca } });
    const [me, proxy] = [await somebody(), await webProxy()];
    Object.assign(me.surroundings.environment, { HTTPS_PROXY: proxy.url });
    const location = `git+${server.url.replace('127.0.0.1', 'catalog.example')}/repo.git#main:charts`;
    await expect(addCatalog(me.store, { name: 'team', location, caFile }, signal)).rejects.toEqual(
      refused('CATALOG_UNREACHABLE', /catalog\.example/),
    );
    expect(server.asked).toEqual([]);
    await addCatalog(me.store, { name: 'team', location, caFile, certFile, keyFile }, signal);
    expect((await me.pull('team/web')).resolved.version).toBe('1.0.0');
    expect(new Set(proxy.tunnels)).toEqual(new Set([`catalog.example:${server.port}`]));
  },
);

describe.each(ways)('a hostile repository over http, %s', (_how, somebody) => {
  async function serve(make: (by: HandmadeTree) => Promise<string>) {
    const root = await temporaryFolder();
    await handmadeRepository(root, make);
    return `git+${(await gitServer(root)).url}/repo.git#evil`;
  }

  test.each([
    ['../out', /leads out/],
    ['.git', /leads out/],
    ['a\u001b[31m', /control character/],
  ])('the name %j is refused', async (name, message) => {
    const url = await serve(async ({ blob, tree }) => tree([['100644', name, await blob('x')]]));
    await expect((await somebody()).pull(url)).rejects.toThrow(message);
  });

  test('one object as the content of very many files is refused before it fills the disk', async () => {
    const url = await serve(async ({ blob, tree }) => {
      const object = await blob('x'.repeat(1024 * 1024));
      return tree(
        Array.from(
          { length: 300 },
          (_, at) => ['100644', `f${String(at).padStart(4, '0')}`, object] as const,
        ),
      );
    });
    await expect((await somebody()).pull(url)).rejects.toEqual(
      refused('CATALOG_INVALID', /more than 268435456 bytes/),
    );
  });

  test('folders that hold one another again and again are refused', async () => {
    const url = await serve(async ({ blob, tree }) => {
      let inside = await tree([['100644', 'a', await blob('x')]]);
      for (let depth = 0; depth < 6; depth += 1) {
        const object = inside;
        inside = await tree(Array.from({ length: 10 }, (_, at) => ['40000', `d${at}`, object] as const));
      }
      return inside;
    });
    await expect((await somebody()).pull(url)).rejects.toEqual(
      refused('CATALOG_INVALID', /more than 50000 files/),
    );
  });
});

describe('a pack', () => {
  const bounds: PackBounds = { objects: 100, objectBytes: 10_000, totalBytes: 30_000 };
  const head = (type: number, size: number): Buffer => {
    const bytes = [(type << 4) | (size & 15)];
    for (let rest = size >> 4; rest > 0; rest >>= 7) {
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 128;
      bytes.push(rest & 127);
    }
    return Buffer.from(bytes);
  };
  function pack(entries: readonly Buffer[], count = entries.length): Buffer {
    const start = Buffer.alloc(12);
    start.write('PACK');
    start.writeUInt32BE(2, 4);
    start.writeUInt32BE(count, 8);
    const body = Buffer.concat([start, ...entries]);
    return Buffer.concat([body, createHash('sha1').update(body).digest()]);
  }
  const blob = (content: string, told = content.length) =>
    Buffer.concat([head(3, told), deflateSync(content)]);
  const sum = (text: string) => createHash('sha1').update(`blob ${text.length}\0${text}`).digest();
  const delta = (base: Buffer, bytes: readonly number[]) =>
    Buffer.concat([head(7, bytes.length), base, deflateSync(Buffer.from(bytes))]);

  test('objects and changes of them are read, wherever the base stands', () => {
    // copies 3 bytes from place 1 of `abcdef`, then adds `!`
    const change = delta(sum('abcdef'), [6, 4, 0x91, 1, 3, 1, 0x21]);
    for (const entries of [
      [blob('abcdef'), change],
      [change, blob('abcdef')],
    ]) {
      const read = readPack(pack(entries), bounds);
      expect(read.get(sum('bcd!').toString('hex'))?.content.toString()).toBe('bcd!');
    }
  });

  test.each([
    ['bytes more than one object may have', [blob('x', 20_000)], /more than 10000 bytes/],
    ['bytes that unpack to more than was told', [blob('x'.repeat(5_000), 10)], /damaged/],
    ['bytes that unpack to less than was told', [blob('x', 10)], /damaged/],
    [
      'more than all may have',
      [9, 9, 9, 9].map((_, at) => blob(String(at).repeat(9_000))),
      /more than 30000 bytes/,
    ],
    [
      'a change that makes more than allowed',
      [blob('a'), delta(sum('a'), [1, 0xff, 0xff, 0x03])],
      /more than/,
    ],
    ['a change of something else', [blob('a'), delta(sum('b'), [1, 1, 1, 0x61])], /not there/],
    ['a change that reads behind its base', [blob('a'), delta(sum('a'), [1, 9, 0x90, 9])], /damaged/],
    ['changes of one another', [delta(sum('x'), [1, 1, 1, 0x61])], /not there/],
    ['an object of no known kind', [Buffer.concat([head(5, 1), deflateSync('x')])], /no known kind/],
  ])('%s is refused', (_what, entries, message) => {
    expect(() => readPack(pack(entries), bounds)).toThrow(message);
    expect(() => readPack(pack(entries), bounds)).toThrow(PackRefused);
  });

  test('more objects than there are, or than are allowed, are refused', () => {
    expect(() => readPack(pack([blob('a')], 2), bounds)).toThrow(PackRefused);
    expect(() => readPack(pack([], 1_000_000), bounds)).toThrow(/more than 100 objects/);
    expect(() => readPack(Buffer.from('PACK'), bounds)).toThrow(PackRefused);
  });

  test('5000 damaged ones are read or refused, and never anything else', () => {
    const whole = pack([
      blob('abcdef'),
      delta(sum('abcdef'), [6, 4, 0x91, 1, 3, 1, 0x21]),
      blob('x'.repeat(500)),
    ]);
    const random = seeded(7);
    for (let run = 0; run < 5_000; run += 1) {
      const body = Buffer.from(whole.subarray(0, -20));
      for (let at = 0; at <= random(4); at += 1) body[12 + random(body.length - 12)] = random(256);
      const made = Buffer.concat([body, createHash('sha1').update(body).digest()]);
      try {
        readPack(made, bounds);
      } catch (error) {
        expect(error).toBeInstanceOf(PackRefused);
      }
    }
  });
});
