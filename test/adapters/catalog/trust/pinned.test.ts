import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CatalogFolders } from '../../../../src/adapters/catalog/config/added.ts';
import {
  catalogUser,
  day,
  keepBody,
  pinnedSite,
  signatureFile,
  signedSite,
  start,
} from '../../../support/signed-site.ts';
import { ed25519Key, p256Key } from '../../../support/signing-keys.ts';

const signal = new AbortController().signal;

describe('a catalog that is pinned to its signer', () => {
  test.each([
    ['Ed25519', ed25519Key()],
    ['ECDSA on P-256', p256Key()],
  ])('is added, searched, and installed from with what is known of its signature (%s)', async (_, pair) => {
    const { pull, store, catalog } = await pinnedSite(pair);
    expect(await store.list()).toMatchObject([
      { kind: 'site', signature: { current: true, index: { catalog: 'example.com/team', version: 1 } } },
    ]);
    expect(await (await catalog()).search({ text: 'web' })).toMatchObject([{ app: { version: '1.0.0' } }]);
    const resolved = await pull();
    expect(resolved?.provenance).toEqual({
      indexDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      signature: {
        signer: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        catalog: 'example.com/team',
        version: 1,
        verifiedAt: '2026-01-02T00:00:00.000Z',
      },
    });
    expect(resolved?.archiveDigest).toMatch(/^sha256:/);
  });

  test('is brought up to date by its signature, and the index is asked for where it is another', async () => {
    const { asked, publish, update, pull } = await pinnedSite();
    const before = asked.length;
    expect(await update()).toMatchObject({ outcome: 'unchanged', signed: { version: 1 } });
    expect(asked.slice(before).map(({ path }) => path)).toEqual([`/${signatureFile}`]);
    await publish('1.1.0');
    expect(await update()).toMatchObject({ outcome: 'read', versions: 2, signed: { version: 2 } });
    expect((await pull())?.version).toBe('1.1.0');
  });

  test('that was only signed again counts for longer, without reading the index again', async () => {
    const { asked, publish, update, pull, clock } = await pinnedSite();
    await publish('1.0.0', start + 20 * day);
    const before = asked.length;
    expect(await update()).toMatchObject({ outcome: 'unchanged', signed: { version: 2 } });
    expect(asked).toHaveLength(before + 1);
    clock.at = start + 40 * day;
    expect((await pull())?.version).toBe('1.0.0');
  });

  test('keeps what it has seen with what was added, and forgets it with it', async () => {
    const { folders, store, publish, update, add, url, publicPem } = await pinnedSite();
    await publish('1.1.0');
    await update();
    const file = join(folders.config, 'catalogs.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      catalogs: [
        { signedBy: { as: 'example.com/team' }, trust: { seen: { version: 2 }, kept: { version: 2 } } },
      ],
    });
    await store.remove('team', signal);
    expect(await add(url, publicPem)).toMatchObject({ outcome: 'read' });
  });
});

describe('an attack on a pinned catalog is refused, and what was read before stays', () => {
  /** Updates, expects the code, and that the app of before is still the one that is installed. */
  async function refused(who: Awaited<ReturnType<typeof pinnedSite>>, code: string, version = '1.0.0') {
    const problem = await who.update().then(
      () => undefined,
      (error) => error,
    );
    expect(problem).toMatchObject({ code });
    expect((await who.pull())?.version).toBe(version);
    expect(await who.verify()).toMatchObject({ outcome: 'failed', problems: [{ code }] });
    return problem as Error;
  }

  test('an index that was swapped', async () => {
    const who = await pinnedSite();
    await who.publish('1.1.0');
    who.site.tamper = (path, body) =>
      path === 'index.json'
        ? Buffer.from(body.toString().replace(/"archive":"sha256:..../g, '"archive":"sha256:0000'))
        : body;
    await expect(who.update()).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: expect.stringMatching(/is signed/),
    });
    expect((await who.pull())?.version).toBe('1.0.0');
  });

  test('an archive that was swapped', async () => {
    const who = await pinnedSite();
    who.site.tamper = (path, body) =>
      path.endsWith('.tgz') ? Buffer.concat([body, Buffer.from('x')]) : body;
    await expect(who.pull()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  test('an older index with its own signature', async () => {
    const who = await pinnedSite();
    const old = await who.keep('old');
    await who.publish('1.1.0');
    await who.update();
    await who.pull();
    who.site.root = old;
    expect((await refused(who, 'SIGNATURE_OLDER', '1.1.0')).message).toMatch(
      /version 1 of the index, and 2 was/,
    );
  });

  test('an older index, where the newer one was seen by its signature alone', async () => {
    const who = await pinnedSite();
    const old = await who.keep('old');
    await who.publish('1.1.0');
    who.site.tamper = (path, body) => (path === 'index.json' ? undefined : body);
    await expect(who.update()).rejects.toMatchObject({ code: 'CATALOG_UNREACHABLE' });
    who.site.tamper = (_, body) => body;
    who.site.root = old;
    await refused(who, 'SIGNATURE_OLDER');
  });

  test('an index that stays the same past its time: searched still, installed from no more', async () => {
    const who = await pinnedSite();
    who.clock.at = start + 31 * day;
    await expect(who.update()).rejects.toMatchObject({ code: 'SIGNATURE_EXPIRED' });
    const catalog = await who.catalog();
    expect(await catalog.search({ text: 'web' })).toHaveLength(1);
    expect(await catalog.versions('web')).toHaveLength(1);
    expect(await catalog.signedFor?.()).toMatchObject({ expires: new Date(start + 30 * day).toISOString() });
    await expect(who.pull()).rejects.toMatchObject({ code: 'SIGNATURE_EXPIRED' });
    expect(await who.pull('team/none')).toBeUndefined();
    expect(await who.store.list()).toMatchObject([{ signature: { current: false, index: { version: 1 } } }]);
    const { problems } = await who.verify();
    expect(problems.map(({ code }) => code)).toEqual(['SIGNATURE_EXPIRED', 'SIGNATURE_EXPIRED']);
    await who.publish('1.0.0', start + 31 * day);
    await who.update();
    expect((await who.pull())?.version).toBe('1.0.0');
  });

  test('a signature by another key', async () => {
    const who = await pinnedSite();
    who.site.root = (await signedSite(ed25519Key())).out;
    expect((await refused(who, 'SIGNATURE_INVALID')).message).toMatch(/not made with the key/);
  });

  test('a signature by the same key over another catalog', async () => {
    const pair = ed25519Key();
    const who = await pinnedSite(pair);
    const other = await signedSite(pair, 'example.com/other');
    await other.publish('6.6.6');
    who.site.root = other.out;
    expect((await refused(who, 'SIGNATURE_INVALID')).message).toMatch(/another catalog: example.com\/other/);
  });

  test('two indexes under one version', async () => {
    const pair = ed25519Key();
    const [who, twin] = [await pinnedSite(pair), await signedSite(pair)];
    await who.publish('1.1.0');
    await twin.publish('2.0.0');
    await who.update();
    await who.pull();
    who.site.root = twin.out;
    expect((await refused(who, 'SIGNATURE_INVALID', '1.1.0')).message).toMatch(/two indexes/);
  });

  test.each<[string, string, (body: Buffer) => Buffer | undefined]>([
    ['that is gone', 'CATALOG_UNSIGNED', () => undefined],
    ['that was cut', 'SIGNATURE_INVALID', (body) => body.subarray(0, body.length / 2)],
    ['that is empty', 'SIGNATURE_INVALID', () => Buffer.alloc(0)],
    ['that is no JSON', 'SIGNATURE_INVALID', () => Buffer.from('{{{')],
    ['that is a page', 'SIGNATURE_INVALID', () => Buffer.from('<html>hello</html>')],
    ['that is huge', 'CATALOG_INVALID', () => Buffer.alloc(10_000_000, ' ')],
    ['that has 100 MB', 'CATALOG_INVALID', () => Buffer.alloc(100_000_000, '{"a":1}\n')],
    [
      'that names its key a prototype',
      'SIGNATURE_INVALID',
      () => Buffer.from('{"__proto__":{"mediaType":"x"}}'),
    ],
  ])('a signature %s', async (_, code, change) => {
    const who = await pinnedSite();
    who.site.tamper = (path, body) => (path === signatureFile ? change(body) : body);
    await refused(who, code);
  });

  test('a local index that is not the one that was signed', async () => {
    const [who, other] = [await pinnedSite(), await catalogUser()];
    await who.publish('6.6.6');
    await other.store.add({ name: 'team', kind: 'helm', location: who.url }, undefined, signal);
    const file = (folders: CatalogFolders) => join(folders.cache, 'catalogs/team.sqlite');
    await cp(file(other.folders), file(who.folders));
    await expect(who.pull()).rejects.toMatchObject({ code: 'CATALOG_UNSIGNED' });
    await expect((await who.catalog()).search({ text: 'web' })).rejects.toMatchObject({
      code: 'CATALOG_UNSIGNED',
    });
  });

  test('a pin that was written into the configuration of a catalog read before without', async () => {
    const [site, who] = [await signedSite(), await catalogUser()];
    await who.store.add({ name: 'team', kind: 'helm', location: site.url }, undefined, signal);
    const file = join(who.folders.config, 'catalogs.json');
    const config = JSON.parse(await readFile(file, 'utf8'));
    config.catalogs[0].signedBy = { key: site.publicPem, as: 'example.com/team' };
    await writeFile(file, JSON.stringify(config));
    await expect(who.pull()).rejects.toMatchObject({ code: 'CATALOG_UNSIGNED' });
    await who.update();
    expect((await who.pull())?.provenance?.signature).toMatchObject({ version: 1 });
  });
});

describe('adding with --signed-by', () => {
  test('a site that is not signed, by another, or as another is not added', async () => {
    const [site, who] = [await signedSite(), await catalogUser()];
    await expect(who.add(site.url, ed25519Key().publicPem)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
    await expect(who.add(site.url, site.publicPem, 'example.com/other')).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
    site.site.tamper = (path, body) => (path === signatureFile ? undefined : body);
    await expect(who.add(site.url, site.publicPem)).rejects.toMatchObject({ code: 'CATALOG_UNSIGNED' });
    expect(await who.store.list()).toEqual([]);
  });

  test('takes no private key and no key of another type', async () => {
    const [site, who] = [await signedSite(), await catalogUser()];
    await expect(who.add(site.url, ed25519Key().privatePem)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(who.add(site.url, 'hello')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

test('a catalog that is pinned to nobody has nothing to verify, and asks no server', async () => {
  const [site, who] = [await signedSite(), await catalogUser()];
  await who.store.add({ name: 'team', kind: 'helm', location: site.url }, undefined, signal);
  const before = site.asked.length;
  expect(await who.verify()).toEqual({ name: 'team', location: site.url, outcome: 'unsigned', problems: [] });
  expect(site.asked).toHaveLength(before);
  expect((await who.pull())?.provenance).toEqual({ indexDigest: expect.stringMatching(/^sha256:/) });
});

test('an update that was overtaken by another does not bring back what it saw', async () => {
  const who = await pinnedSite();
  const { promise: overtaken, resolve: goOn } = Promise.withResolvers<void>();
  const { promise: asked, resolve: reached } = Promise.withResolvers<void>();
  who.site.tamper = async (path, body) => {
    if (path !== signatureFile) return body;
    reached();
    await overtaken;
    return body;
  };
  const slow = who.update();
  await asked;
  who.site.tamper = keepBody;
  await who.publish('1.1.0');
  expect(await who.update()).toMatchObject({ signed: { version: 2 } });
  goOn();
  await expect(slow).rejects.toMatchObject({ code: 'SIGNATURE_OLDER' });
  expect((await who.pull())?.version).toBe('1.1.0');
});
