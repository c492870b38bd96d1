import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openSigned } from '../../../../src/adapters/catalog/oci/publish-signed.ts';
import type { CatalogSigner } from '../../../../src/services/catalog-store.ts';
import { sampleApp } from '../../../support/catalog-folder.ts';
import { type ReferrerRegistry, referrerRegistry } from '../../../support/referrer-registry.ts';
import { registryPublisher } from '../../../support/registry-publisher.ts';
import { byKey, catalogUser, day, idOf, type Signing, start } from '../../../support/signed-site.ts';
import { ed25519Key, p256Key } from '../../../support/signing-keys.ts';
import { ann, fakeSigstore } from '../../../support/sigstore.ts';

const signal = new AbortController().signal;
const indexAt = 'apps/appstore-index';
const sha256 = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const isBundle = (body: Buffer) => body.toString().includes('"artifactType":"application/vnd.dev.sigstore');

/** A catalog in a registry. */
async function pushed(first: Signing | undefined, { referrers = true, name = 'example.com/team' } = {}) {
  const registry = await referrerRegistry({ referrers });
  const { location, push: pushFiles } = await registryPublisher(registry.host, 'apps');
  const push = async (version: string, signing: Signing | null = first ?? null, at = start) =>
    pushFiles(
      { 'web/app.yaml': sampleApp('web', version) },
      signing === null ? {} : { sign: { ...signing, as: name, lasts: 30 * day, now: new Date(at) } },
    );
  await push('1.0.0');
  return { registry, location, push };
}

/** What a registry serves can be kept, and be brought back. */
function keep({ manifests }: ReferrerRegistry) {
  const kept = new Map(manifests);
  return () => {
    manifests.clear();
    for (const [at, manifest] of kept) manifests.set(at, manifest);
  };
}

async function pinnedTo(signing: Signing, pin: CatalogSigner, referrers = true) {
  const [catalog, who] = [await pushed(signing, { referrers }), await catalogUser()];
  const add = (signedBy?: CatalogSigner) =>
    who.store.add(
      {
        name: 'team',
        kind: 'oci',
        location: catalog.location,
        ...(signedBy === undefined ? {} : { signedBy }),
      },
      undefined,
      signal,
    );
  await add(pin);
  return { ...catalog, ...who, add };
}

describe('a signed catalog in a registry', () => {
  test.each([
    ['with the API for referrers', true],
    ['without it, by the tag that stands in for it', false],
  ])('is pushed, added, brought up to date and installed from (%s)', async (_, referrers) => {
    const pair = p256Key();
    const who = await pinnedTo(byKey(pair), { key: pair.publicPem }, referrers);
    expect(await who.store.list()).toMatchObject([
      { kind: 'oci', signature: { current: true, index: { catalog: 'example.com/team', version: 1 } } },
    ]);
    expect((await who.pull())?.provenance).toMatchObject({
      signature: { signer: idOf(pair), catalog: 'example.com/team', version: 1 },
    });
    expect(await who.update()).toMatchObject({ outcome: 'unchanged', signed: { version: 1 } });
    expect((await who.push('1.1.0')).signed).toMatchObject({ version: 2 });
    expect(await who.update()).toMatchObject({ outcome: 'read', versions: 2, signed: { version: 2 } });
    expect((await who.pull())?.version).toBe('1.1.0');
    expect(await who.verify()).toMatchObject({ outcome: 'verified', server: { version: 2 } });
    const tagged = [...who.registry.manifests.keys()].filter((at) => at.includes(':sha256-'));
    expect(tagged).toHaveLength(referrers ? 0 : 2);
  });

  test('without a key, and by two signers while one is changed', async () => {
    const { trustedRoot, request } = await fakeSigstore();
    const [old, next] = [ed25519Key(), ed25519Key()];
    const keyless = { keys: [], keyless: request(ann) };
    const who = await pinnedTo(keyless, { identities: [ann], trustedRoot });
    expect((await who.pull())?.provenance?.signature).toMatchObject({ signer: ann.identity });
    await who.trust({ addKeys: [next.publicPem] });
    await who.push('1.1.0', { ...byKey(old, next), ...{ keyless: request(ann) } });
    await who.update();
    await who.trust({ removeIdentities: [ann] });
    await who.update();
    expect((await who.pull())?.provenance?.signature).toMatchObject({ signer: idOf(next), version: 2 });
  });

  test('gives nothing that its index does not list, though the registry has it', async () => {
    const pair = ed25519Key();
    const who = await pinnedTo(byKey(pair), { key: pair.publicPem });
    const [manifest] = ['apps/web:1.0.0'].map((at) => who.registry.manifests.get(at));
    if (manifest === undefined) throw new Error('not pushed');
    who.registry.manifests.set('apps/web:6.6.6', manifest);
    who.registry.manifests.set('apps/other:1.0.0', manifest);
    await expect(who.pull('team/web@6.6.6')).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
    expect(await who.pull('team/other@1.0.0')).toBeUndefined();
  });
});

describe('an attack on a signed catalog in a registry is refused, and what was read before stays', () => {
  async function refused(who: Awaited<ReturnType<typeof pinnedTo>>, code: string, why: RegExp) {
    await expect(who.update()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(why),
      hint: expect.stringMatching(/./),
    });
    expect((await who.pull())?.version).toBe('1.0.0');
    expect(await who.verify()).toMatchObject({ outcome: 'failed', problems: [{ code }] });
  }
  const by = ed25519Key();
  const pinned = (referrers = true) => pinnedTo(byKey(by), { key: by.publicPem }, referrers);

  test('an index that was pushed without a signature', async () => {
    const who = await pinned();
    const unsigned = await pushed(undefined);
    for (const [at, manifest] of unsigned.registry.manifests) who.registry.manifests.set(at, manifest);
    for (const [at, blob] of unsigned.registry.blobs) who.registry.blobs.set(at, blob);
    await refused(who, 'CATALOG_UNSIGNED', /no signature is attached/);
  });

  test.each([true, false])('signatures that were taken away (API for referrers: %s)', async (referrers) => {
    const who = await pinned(referrers);
    for (const [at, { body }] of [...who.registry.manifests])
      if (isBundle(body) || at.includes(':sha256-')) who.registry.manifests.delete(at);
    await refused(who, 'CATALOG_UNSIGNED', /no signature is attached/);
  });

  test('an index that is gone', async () => {
    const who = await pinned();
    who.registry.manifests.delete(`${indexAt}:v1`);
    await refused(who, 'CATALOG_UNSIGNED', /there is no index/);
  });

  test('the index of before, with its own signature', async () => {
    const who = await pinned();
    const back = keep(who.registry);
    await who.push('1.1.0');
    await who.update();
    await who.pull();
    back();
    await expect(who.update()).rejects.toMatchObject({ code: 'SIGNATURE_OLDER' });
    expect((await who.pull())?.version).toBe('1.1.0');
  });

  test('an index that stays the same past its time', async () => {
    const who = await pinned();
    who.clock.at = start + 31 * day;
    await expect(who.update()).rejects.toMatchObject({ code: 'SIGNATURE_EXPIRED' });
    await expect(who.pull()).rejects.toMatchObject({ code: 'SIGNATURE_EXPIRED' });
  });

  test('the signature of another index (mix and match)', async () => {
    const who = await pinned();
    const index = who.registry.manifests.get(`${indexAt}:v1`);
    await who.push('1.1.0');
    const forged = JSON.parse(index?.body.toString() ?? '');
    forged.annotations.forged = 'yes';
    const body = Buffer.from(JSON.stringify(forged));
    const digest = sha256(body);
    who.registry.manifests.set(`${indexAt}:v1`, { type: index?.type ?? '', body });
    for (const [at, manifest] of [...who.registry.manifests]) {
      if (!isBundle(manifest.body)) continue;
      const moved = { ...JSON.parse(manifest.body.toString()), subject: { digest } };
      who.registry.manifests.delete(at);
      const text = Buffer.from(JSON.stringify(moved));
      who.registry.manifests.set(`${indexAt}@${sha256(text)}`, {
        ...manifest,
        body: text,
      });
    }
    await refused(who, 'SIGNATURE_INVALID', /over an index of the digest/);
  });

  test('the catalog of another key, and another catalog of the same key', async () => {
    for (const [signing, name, why] of [
      [byKey(ed25519Key()), 'example.com/team', /not made with the key/],
      [byKey(by), 'example.com/other', /another catalog: example\.com\/other/],
    ] as const) {
      const [who, other] = [await pinned(), await pushed(signing, { name })];
      who.registry.manifests.clear();
      for (const [at, manifest] of other.registry.manifests) who.registry.manifests.set(at, manifest);
      for (const [at, blob] of other.registry.blobs) who.registry.blobs.set(at, blob);
      await expect(who.update()).rejects.toMatchObject({
        code: 'SIGNATURE_INVALID',
        message: expect.stringMatching(why),
      });
    }
  });

  test('a bundle that was cut, and one of 100 MB', async () => {
    for (const [bytes, why] of [
      [Buffer.from('{"mediaType":'), /not JSON/],
      [Buffer.alloc(100_000_000, ' '), /no signature is attached/],
    ] as const) {
      const who = await pinned();
      const digest = sha256(bytes);
      who.registry.blobs.set(digest, bytes);
      for (const [at, manifest] of [...who.registry.manifests]) {
        if (!isBundle(manifest.body)) continue;
        const read = JSON.parse(manifest.body.toString());
        const layers = [{ ...read.layers[0], digest, size: bytes.length }];
        const body = Buffer.from(JSON.stringify({ ...read, layers }));
        who.registry.manifests.delete(at);
        who.registry.manifests.set(`${indexAt}@${sha256(body)}`, { ...manifest, body });
      }
      await expect(who.update()).rejects.toThrow(why);
      expect((await who.pull())?.version).toBe('1.0.0');
    }
  });

  test('an archive that was swapped', async () => {
    const who = await pinned();
    for (const [digest, blob] of [...who.registry.blobs])
      if (blob[0] === 0x1f) who.registry.blobs.set(digest, Buffer.concat([blob, Buffer.from('x')]));
    await expect(who.pull()).rejects.toMatchObject({
      code: expect.stringMatching(/MISMATCH|UNREACHABLE|INVALID/),
    });
  });
});

describe('who pushes', () => {
  test('never leaves a signed catalog unsigned, nor signs what somebody else put there', async () => {
    const by = ed25519Key();
    const catalog = await pushed(byKey(by));
    expect(await pushedBy(catalog, null)).toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/is signed/),
    });
    expect(await pushedBy(catalog, byKey(ed25519Key()))).toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  test('signs nothing where somebody else pushed meanwhile', async () => {
    const by = ed25519Key();
    const catalog = await pushed(byKey(by));
    const http = { environment: {}, userAgent: 'test', credentials: async () => undefined };
    const registry = { http, login: async () => undefined };
    const sign = { ...byKey(by), lasts: day, now: new Date(start) };
    const slow = await openSigned({ location: catalog.location, registry, sign, roots: '/nowhere' }, signal);
    await catalog.push('1.1.0');
    const signatures = () => [...catalog.registry.manifests.values()].filter(({ body }) => isBundle(body));
    const before = signatures().length;
    await expect(slow?.publish(slow.published, signal)).rejects.toThrow(/written by somebody else/);
    expect(signatures()).toHaveLength(before);
  });

  test('builds upon nothing that was changed in the registry since', async () => {
    const by = ed25519Key();
    const catalog = await pushed(byKey(by));
    const { manifests } = catalog.registry;
    const signature = [...manifests.values()].find(({ body }) => isBundle(body));
    const index = manifests.get(`${indexAt}:v1`);
    if (signature === undefined || index === undefined) throw new Error('not signed');
    const body = Buffer.from(`${index.body} `);
    const digest = sha256(body);
    manifests.set(`${indexAt}:v1`, { ...index, body });
    const moved = Buffer.from(
      JSON.stringify({ ...JSON.parse(signature.body.toString()), subject: { digest } }),
    );
    manifests.set(`${indexAt}@${sha256(moved)}`, { ...signature, body: moved });
    expect(await pushedBy(catalog, byKey(by))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: expect.stringMatching(/Nothing is built upon it/),
    });
  });

  const pushedBy = ({ push }: Awaited<ReturnType<typeof pushed>>, signing: Signing | null) =>
    push('1.1.0', signing).then(
      () => undefined,
      (error) => error,
    );
});
