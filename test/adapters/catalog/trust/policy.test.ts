import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAdded } from '../../../../src/adapters/catalog/config/added.ts';
import { localCatalogs } from '../../../../src/adapters/catalog/config/store.ts';
import { writeFiles } from '../../../support/catalog-folder.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const signal = new AbortController().signal;
const surroundings = { cwd: '/', home: '/nowhere', environment: {}, userAgent: 'appstore/test' };

async function configured(text?: string) {
  const config = await temporaryFolder();
  if (text !== undefined) await writeFiles(config, { 'catalogs.json': text });
  const folders = { config, cache: join(config, 'cache') };
  return {
    config,
    store: localCatalogs(folders, surroundings),
    open: () => openAdded(folders, surroundings),
  };
}

test('nobody asks for signatures unless the configuration says so', async () => {
  expect((await (await configured()).open()).requireSigned).toBe(false);
  const { open } = await configured('{"formatVersion":1,"requireSigned":true,"catalogs":[]}');
  expect((await open()).requireSigned).toBe(true);
});

test('the policy stays when catalogs are added and removed', async () => {
  const { config, store, open } = await configured('{"formatVersion":1,"requireSigned":true,"catalogs":[]}');
  await store.add({ name: 'ours', kind: 'folder', location: config }, undefined, signal);
  expect((await open()).requireSigned).toBe(true);
  await store.remove('ours', signal);
  expect(JSON.parse(await readFile(join(config, 'catalogs.json'), 'utf8'))).toEqual({
    formatVersion: 1,
    requireSigned: true,
    catalogs: [],
  });
});

test.each(['"yes"', '1', 'null', '[]'])(
  'a policy that cannot be understood (%s) is not taken for none',
  async (value) => {
    const { open } = await configured(`{"formatVersion":1,"requireSigned":${value},"catalogs":[]}`);
    await expect(open()).rejects.toMatchObject({ code: 'CATALOG_INVALID' });
  },
);
