import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { IndexRefused } from '../../../src/adapters/catalog/helm/sections.ts';
import { registryLogin } from '../../../src/adapters/catalog/oci/docker-config.ts';
import { readSiteIndex } from '../../../src/adapters/catalog/site/read-index.ts';
import { type CatalogIndex, indexLines } from '../../../src/domain/catalog-index.ts';
import { mutate } from '../../support/mutate.ts';
import { seeded } from '../../support/random.ts';
import { temporaryFolder } from '../../support/temporary.ts';

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
