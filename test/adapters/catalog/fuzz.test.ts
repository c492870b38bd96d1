import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAdded } from '../../../src/adapters/catalog/config/added.ts';
import { localCatalogs } from '../../../src/adapters/catalog/config/store.ts';
import { smartObjects } from '../../../src/adapters/catalog/git/smart/objects.ts';
import { IndexRefused } from '../../../src/adapters/catalog/helm/sections.ts';
import { registryLogin } from '../../../src/adapters/catalog/oci/docker-config.ts';
import { findIndex } from '../../../src/adapters/catalog/oci/index-artifact.ts';
import { chartVersions, pullChart } from '../../../src/adapters/catalog/oci/pull.ts';
import { readSignatures } from '../../../src/adapters/catalog/oci/signatures.ts';
import { indexArtifact, packageTypes } from '../../../src/adapters/catalog/oci/types.ts';
import { digestOf } from '../../../src/adapters/catalog/opened.ts';
import { readSiteIndex } from '../../../src/adapters/catalog/site/read-index.ts';
import { readRoot } from '../../../src/adapters/catalog/trust/keyless-verify.ts';
import { signingKey, verifyingKeys } from '../../../src/adapters/catalog/trust/keys.ts';
import { type CatalogIndex, indexLines } from '../../../src/domain/catalog-index.ts';
import { AppstoreError } from '../../../src/domain/errors.ts';
import { parseGitReference } from '../../../src/domain/git-reference.ts';
import { chartArchive } from '../../support/chart.ts';
import { fuzz } from '../../support/fuzz.ts';
import { bareRepository, chartFiles, gitServer } from '../../support/git-server.ts';
import { mutate } from '../../support/mutate.ts';
import { seeded } from '../../support/random.ts';
import { ed25519Key } from '../../support/signing-keys.ts';
import { fakeSigstore } from '../../support/sigstore.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { webServer } from '../../support/web-server.ts';

const version = (name: string, number: string): CatalogIndex['apps'][number]['versions'][number] => ({
  metadata: {
    name,
    version: number,
    appVersion: '9',
    title: name,
    summary: 'Serves pages',
    description: '',
    category: 'web',
    keywords: ['a'],
    license: 'MIT',
    home: 'https://example.com',
    sources: [],
    maintainers: [{ name: 'Ann' }],
    icon: '',
  },
  format: 'app',
  contentDigest: `sha256:${'a'.repeat(64)}`,
  archiveDigest: `sha256:${'b'.repeat(64)}`,
  bytes: 1000,
});
const index: CatalogIndex = {
  title: 'Apps',
  description: '',
  home: '',
  apps: ['db', 'web'].map((name) => ({ name, versions: [version(name, '1.1.0'), version(name, '1.0.0')] })),
};

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

test('5000 mutated indexes of sites are read or refused, and give apps with names, versions and digests alone', async () => {
  const next = seeded(12);
  const sample = [...indexLines(index)].join('');
  let read = 0;
  for (let run = 0; run < 5_000; run += 1) {
    const text = mutate(sample, next);
    try {
      for await (const piece of readSiteIndex(once(text))) {
        if ('head' in piece || piece.app === undefined) continue;
        read += 1;
        expect(piece.app.name).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/);
        for (const { archiveDigest } of piece.app.versions)
          expect(archiveDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
      }
    } catch (error) {
      if (!(error instanceof IndexRefused))
        throw new Error(`run ${run}: ${String(error)}\n${text}`, { cause: error });
    }
  }
  expect(read).toBeGreaterThan(500);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('2000 mutated files of docker logins give a login or none, and run nothing', async () => {
  const next = seeded(13);
  const home = await temporaryFolder();
  await mkdir(join(home, '.docker'));
  const file = join(home, '.docker', 'config.json');
  const sample = JSON.stringify({
    auths: {
      'host.example:5000': { auth: Buffer.from('ann:secret').toString('base64') },
      'https://other.example/v1/': { identitytoken: 'token', auth: '' },
    },
    credHelpers: { 'third.example': '../../evil' },
  });
  let found = 0;
  for (let run = 0; run < 2_000; run += 1) {
    await writeFile(file, mutate(sample, next));
    const login = await registryLogin('host.example:5000', { environment: { PATH: '/nowhere' }, home });
    if (login === undefined) continue;
    found += 1;
    expect(typeof (login.kind === 'password' ? login.password : login.token)).toBe('string');
  }
  expect(found).toBeGreaterThan(100);
});

test('3000 mutated files of added catalogs are opened or refused', async () => {
  const next = seeded(14);
  const root = await temporaryFolder();
  const folders = { config: join(root, 'config'), cache: join(root, 'cache') };
  await mkdir(folders.config);
  const [{ publicPem }, surroundings] = [
    ed25519Key(),
    { cwd: '/', home: '/nowhere', environment: {}, userAgent: 'appstore/test' },
  ];
  const catalogs = [
    { name: 'team', kind: 'site', location: 'https://a.example', signedBy: { key: publicPem, as: 'a/b' } },
    { name: 'reg', kind: 'oci', location: 'oci://a.example/x', plainHttp: true },
    { name: 'infra', kind: 'git', location: 'git+https://a.example/r#main:x' },
    { name: 'ours', kind: 'folder', location: '/nowhere' },
  ];
  const files = {
    'catalogs.json': JSON.stringify({ formatVersion: 1, requireSigned: false, catalogs }),
    'credentials.json': JSON.stringify({
      formatVersion: 1,
      credentials: {
        team: { kind: 'basic', username: 'a', password: 'b' },
        reg: { kind: 'bearer', token: 't' },
      },
    }),
  };
  let opened = 0;
  for (let run = 0; run < 3_000; run += 1) {
    for (const [at, [name, text]] of Object.entries(files).entries())
      await writeFile(join(folders.config, name), run % 2 === at ? mutate(text, next) : text);
    try {
      const { catalogs: found, locations } = await openAdded(folders, surroundings);
      opened += 1;
      for (const { name } of found) expect(typeof name).toBe('string');
      expect(locations).toHaveLength(3);
      await localCatalogs(folders, surroundings).list();
    } catch (error) {
      if (!(error instanceof AppstoreError))
        throw new Error(`run ${run}: ${String(error)}`, { cause: error });
    }
  }
  expect(opened).toBeGreaterThan(100);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('2000 mutated answers of registries are read or refused', async () => {
  const next = seeded(15);
  const [archive, empty] = [chartArchive({ name: 'web', version: '1.0.0' }), digestOf(Buffer.from('{}'))];
  const manifest = (config: string, layer: string, more: object = {}) =>
    JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: config, digest: empty, size: 2 },
      layers: [{ mediaType: layer, digest: digestOf(archive), size: archive.length }],
      ...more,
    });
  const [chart] = packageTypes.chart.content;
  const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const answers = {
    '/v2/team/web/manifests/': manifest(packageTypes.chart.config, chart),
    '/v2/team/appstore-index/manifests/': manifest('x', indexArtifact.content, {
      annotations: { [indexArtifact.pushes]: 'v1-push-a v1-push-b' },
    }),
    '/v2/team/appstore-index/referrers/': JSON.stringify({
      manifests: [{ artifactType: bundle, digest: digestOf(archive), size: 9 }],
    }),
    '/v2/team/web/tags/list': JSON.stringify({ tags: ['1.0.0', '2.0.0_b', 'latest'] }),
    '/token': JSON.stringify({ token: 'good', access_token: 'other' }),
  };
  const server = await webServer((request, response) => {
    request.resume();
    const path = (request.url ?? '').split('?')[0] ?? '';
    const [, text] = Object.entries(answers).find(([begin]) => path.startsWith(begin)) ?? ['', ''];
    if (next(4) === 0 && path !== '/token') {
      const challenge = mutate(`Bearer realm="http://127.0.0.1:${server.port}/token",service="x"`, next);
      const header = challenge.replace(/[^\x20-\x7e]/g, '');
      return void response.writeHead(401, { 'www-authenticate': header }).end();
    }
    response.end(text === '' ? archive : mutate(text, next));
  });
  const host = `127.0.0.1:${server.port}`;
  const http = { environment: {}, userAgent: 'test', credentials: async () => undefined };
  const settings = { http, login: async () => undefined, plainHttp: true, from: 'here' } as const;
  const [signal, location] = [new AbortController().signal, `oci://${host}/team`];
  const questions: readonly (() => Promise<unknown>)[] = [
    () => pullChart(settings, { host, repository: 'team/web', version: '1.0.0' }),
    () => chartVersions(settings, { host, repository: 'team/web' }),
    async () => {
      const found = await findIndex(settings, location, signal);
      expect(found?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    },
    () => readSignatures(settings, location, empty, signal),
  ];
  let answered = 0;
  for (let run = 0; run < 2_000; run += 1) {
    try {
      await questions[run % questions.length]?.();
      answered += 1;
    } catch (error) {
      if (error instanceof AppstoreError || error instanceof IndexRefused) continue;
      throw new Error(`run ${run}: ${String(error)}`, { cause: error });
    }
  }
  expect(answered).toBeGreaterThan(100);
});

test('1000 mutated answers of git servers are read or refused', async () => {
  const root = await temporaryFolder();
  await (await bareRepository(root)).commit(chartFiles('web'));
  const real = await gitServer(root);
  const http = { environment: {}, userAgent: 'test', credentials: async () => undefined };
  const ask = async (url: string) => {
    const reference = parseGitReference(`git+${url}/repo.git#main:charts`);
    if (typeof reference === 'string') throw new Error(reference);
    const objects = smartObjects(reference, http);
    const commit = await objects.commitOf();
    return objects.list(commit);
  };
  const recorded = new Map<string, Buffer>();
  const keyOf = (path: string, body: Buffer) =>
    `${path} ${/command=[\w-]+/.exec(body.toString('latin1')) ?? ''}`;
  const recorder = await webServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const { method = '', url = '', headers } = request;
    const answer = await fetch(`${real.url}${url}`, {
      method,
      headers: { 'git-protocol': 'version=2', 'content-type': headers['content-type'] ?? '' },
      ...(method === 'POST' ? { body } : {}),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    recorded.set(keyOf(url, body), bytes);
    response.end(bytes);
  });
  const whole = await ask(recorder.url);
  expect(whole.map(({ path }) => path)).toEqual(['web/Chart.yaml', 'web/templates/a.yaml']);
  expect(recorded.size).toBe(3);
  const next = seeded(16);
  const damaged = await webServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const bytes = Buffer.from(recorded.get(keyOf(request.url ?? '', body)) ?? '');
    for (let change = next(4); change > 0; change -= 1) bytes[next(bytes.length)] = next(256);
    response.end(next(8) === 0 ? bytes.subarray(0, next(bytes.length)) : bytes);
  });
  let read = 0;
  for (let run = 0; run < 1_000; run += 1) {
    try {
      expect((await ask(damaged.url)).every(({ path }) => !/^\/|\.\./.test(path))).toBe(true);
      read += 1;
    } catch (error) {
      if (!(error instanceof AppstoreError))
        throw new Error(`run ${run}: ${String(error)}`, { cause: error });
    }
  }
  expect(read).toBeGreaterThan(10);
});

test('2000 mutated keys and roots of trust are read or refused', async () => {
  const { trustedRoot } = await fakeSigstore();
  const { publicPem, privatePem } = ed25519Key();
  fuzz({ runs: 2_000, seed: 17, samples: [publicPem, privatePem, trustedRoot], codes: /^USAGE$/ }, (text) => {
    if (text.includes('BEGIN')) return text.includes('PRIVATE') ? signingKey(text) : verifyingKeys(text);
    return readRoot(text);
  });
});
