import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { indexFile } from '../../../../src/adapters/catalog/config/added.ts';
import { sampleApp } from '../../../support/catalog-folder.ts';
import { refused } from '../../../support/catalog-person.ts';
import { chartArchive } from '../../../support/chart.ts';
import { registryPublisher } from '../../../support/registry-publisher.ts';
import { testRegistry } from '../../../support/registry-server.ts';
import { catalogUser } from '../../../support/signed-site.ts';
import { writableRegistry } from '../../../support/writable-registry.ts';

const signal = new AbortController().signal;

/** Somebody who added a registry as a catalog. */
async function userOf(host: string) {
  const who = await catalogUser();
  const entry = { name: 'team', kind: 'oci', location: `oci://${host}/team`, plainHttp: true } as const;
  const reading = await who.store.add(entry, undefined, signal);
  const names = async () => (await (await who.catalog()).search({ text: '' })).map(({ app }) => app.name);
  return { ...who, reading, names, file: indexFile(who.folders, 'team') };
}

/** A registry with an index, which may stop to show it. */
async function pushed() {
  const state = { forbidden: false };
  const registry = await writableRegistry(async () => (state.forbidden ? 403 : undefined));
  const publisher = await registryPublisher(registry.host);
  const push = (version: string) => publisher.push({ 'web/app.yaml': sampleApp('web', version) });
  await push('1.0.0');
  return { registry, state, push };
}

const neverRead = refused('CATALOG_INVALID', /`team` was never read/, /catalog update team/);

test('a local index that was deleted is told, not taken for an empty one; whole names can be asked for', async () => {
  const { registry } = await pushed();
  const who = await userOf(registry.host);
  expect(await who.names()).toEqual(['web']);
  await rm(who.file);
  await expect(who.names()).rejects.toEqual(neverRead);
  await expect(who.pull('web')).rejects.toEqual(neverRead);
  expect((await who.pull('team/web'))?.version).toBe('1.0.0');
  expect(await (await who.catalog()).versions('web')).toMatchObject([{ version: '1.0.0' }]);
  expect((await who.store.list())[0]).not.toHaveProperty('checked');
  expect(await who.update()).toMatchObject({ outcome: 'read', apps: 1 });
  expect(await who.names()).toEqual(['web']);
});

test('a registry without an index lists nothing, and says so until it was asked', async () => {
  const registry = await testRegistry();
  registry.push('team/web', '1.0.0', chartArchive({ name: 'web', version: '1.0.0' }));
  const who = await userOf(registry.host);
  expect([who.reading.outcome, await who.names()]).toEqual(['nothing', []]);
  const [state] = await who.store.list();
  expect(state).toMatchObject({ checked: expect.any(Date) });
  expect(state).not.toHaveProperty('indexed');
  expect(await who.pull('web')).toBeUndefined();
  expect((await who.pull('team/web'))?.version).toBe('1.0.0');
  await rm(who.file);
  await expect(who.names()).rejects.toEqual(neverRead);
  expect(await who.update()).toMatchObject({ outcome: 'nothing' });
  expect(await who.names()).toEqual([]);
});

test('an update is one conditional request; what is not shown any more is told, and what was read stays', async () => {
  const { registry, state, push } = await pushed();
  const who = await userOf(registry.host);
  const before = registry.asked.length;
  expect(await who.update()).toMatchObject({ outcome: 'unchanged', apps: 1, versions: 1 });
  expect(registry.asked.slice(before)).toMatchObject([
    {
      path: '/v2/team/appstore-index/manifests/v1',
      headers: { 'if-none-match': expect.stringMatching(/^"sha256:[0-9a-f]{64}"$/) },
    },
  ]);
  await push('1.1.0');
  expect(await who.update()).toMatchObject({ outcome: 'read', versions: 2 });
  state.forbidden = true;
  await expect(who.update()).rejects.toEqual(refused('CATALOG_FORBIDDEN', /403/));
  expect(await who.names()).toEqual(['web']);
});
