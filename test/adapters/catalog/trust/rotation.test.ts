import { createPrivateKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyId, signingKey } from '../../../../src/adapters/catalog/trust/keys.ts';
import {
  byKey,
  catalogUser,
  idOf,
  pinnedSite,
  signatureFile,
  signedSiteBy,
  start,
} from '../../../support/signed-site.ts';
import { ed25519Key, p256Key, type SigningKey } from '../../../support/signing-keys.ts';
import { ann, bob, fakeSigstore } from '../../../support/sigstore.ts';

describe('a key is changed', () => {
  test('without a gap: added here, both sign, removed here, the new one signs alone', async () => {
    const who = await pinnedSite();
    const [old, next] = [who.first, p256Key()];
    expect(await who.trust({ addKeys: [next.publicPem] })).toEqual({
      name: 'team',
      signers: [{ signer: idOf(old) }, { signer: idOf(next) }],
      as: 'example.com/team',
      updateNeeded: false,
    });
    const { signed } = await who.publish('1.1.0', start, byKey(old, next));
    expect(signed).toMatchObject({ version: 2, signer: idOf(old), others: [{ signer: idOf(next) }] });
    expect(await who.update()).toMatchObject({ signed: { version: 2 } });
    await who.trust({ removeKeys: [old.publicPem] });
    await who.update();
    expect((await who.pull())?.provenance?.signature).toMatchObject({ signer: idOf(next), version: 2 });
    await who.publish('1.2.0', start, byKey(next));
    expect(await who.update()).toMatchObject({ signed: { version: 3, signer: idOf(next) } });
    expect((await who.pull())?.version).toBe('1.2.0');
  });

  test('who pins the old key alone, and who pins the new one alone, both read what both signed', async () => {
    const [old, next] = [ed25519Key(), ed25519Key()];
    const site = await signedSiteBy(byKey(old, next));
    for (const { publicPem } of [old, next]) {
      const who = await catalogUser();
      await who.add(site.url, publicPem);
      expect((await who.pull())?.version).toBe('1.0.0');
    }
    const stranger = await catalogUser();
    await expect(stranger.add(site.url, ed25519Key().publicPem)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });

  test('what the removed key signed is not used any more, here or from the server', async () => {
    const who = await pinnedSite();
    const next = ed25519Key();
    const report = await who.trust({ addKeys: [next.publicPem], removeKeys: [idOf(who.first)] });
    expect(report).toMatchObject({ signers: [{ signer: idOf(next) }], updateNeeded: true });
    await expect(who.pull()).rejects.toMatchObject({
      code: 'CATALOG_UNSIGNED',
      hint: expect.stringMatching(/catalog update team/),
    });
    await expect(who.update()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    expect(await who.store.list()).toMatchObject([{ signature: { current: false } }]);
    await who.publish('1.1.0', start, byKey(who.first, next));
    await who.update();
    expect((await who.pull())?.version).toBe('1.1.0');
  });

  test('whoever had the removed key and raised the version keeps nobody from what comes after it', async () => {
    const who = await pinnedSite();
    const next = ed25519Key();
    for (const version of ['1.1.0', '1.2.0', '1.3.0']) await who.publish(version);
    await who.update();
    // The publisher begins anew with the new key: version 1, below what the old one signed.
    const fresh = await signedSiteBy(byKey(next));
    who.site.root = fresh.out;
    await who.trust({ addKeys: [next.publicPem] });
    await expect(who.update()).rejects.toMatchObject({ code: 'SIGNATURE_OLDER' });
    await who.trust({ removeKeys: [who.first.publicPem] });
    expect(await who.update()).toMatchObject({ signed: { version: 1, signer: idOf(next) } });
    expect((await who.pull())?.version).toBe('1.0.0');
  });

  test('a signature of both is no way back: of an old one and a new one the new one counts', async () => {
    const who = await pinnedSite();
    const next = ed25519Key();
    await who.trust({ addKeys: [next.publicPem] });
    const old = await readFile(join(who.out, signatureFile), 'utf8');
    await who.publish('1.1.0', start, byKey(who.first, next));
    await who.update();
    const fresh = await readFile(join(who.out, signatureFile), 'utf8');
    await writeFile(join(who.out, signatureFile), `${old}${fresh}`);
    expect(await who.update()).toMatchObject({ outcome: 'unchanged', signed: { version: 2 } });
    await writeFile(join(who.out, signatureFile), old);
    await expect(who.update()).rejects.toMatchObject({ code: 'SIGNATURE_OLDER' });
  });

  test('from a key to a pipeline, and to a provider that knows it as another', async () => {
    const who = await pinnedSite();
    const { trustedRoot, request } = await fakeSigstore();
    await who.trust({ addIdentities: [ann], trustedRoot });
    await who.publish('1.1.0', start, { ...byKey(who.first), keyless: request(ann) });
    await who.update();
    await who.trust({ removeKeys: [idOf(who.first)] });
    await who.publish('1.2.0', start, { keys: [], keyless: request(ann) });
    expect(await who.update()).toMatchObject({ signed: { version: 3, signer: ann.identity } });
    expect((await who.pull())?.provenance?.signature).toMatchObject({
      signer: ann.identity,
      issuer: ann.issuer,
    });
    expect(await who.verify()).toMatchObject({ outcome: 'verified' });
    await who.trust({ addIdentities: [bob], removeIdentities: [ann] });
    await expect(who.pull()).rejects.toMatchObject({ code: 'CATALOG_UNSIGNED' });
  });
});

describe('a change of whom a catalog is pinned to is refused', () => {
  test.each<[string, Parameters<Awaited<ReturnType<typeof catalogUser>>['trust']>[0], RegExp]>([
    ['that leaves nobody', { removeKeys: ['first'] }, /pinned to nobody/],
    ['that removes who is not there', { removeKeys: [`sha256:${'0'.repeat(64)}`] }, /not pinned to the key/],
    ['that removes an identity that is not there', { removeIdentities: [ann] }, /not pinned to https/],
    ['that adds a private key', { addKeys: [ed25519Key().privatePem] }, /is a private key/],
    ['that adds no key', { addKeys: ['hello'] }, /no public key/],
    ['that adds no root of trust', { addIdentities: [ann], trustedRoot: '{}' }, /no root of trust|undefined/],
  ])('%s', async (_, change, why) => {
    const who = await pinnedSite();
    const removeKeys = change?.removeKeys?.map((one) => (one === 'first' ? who.first.publicPem : one));
    const asked = { ...change, ...(removeKeys === undefined ? {} : { removeKeys }) };
    await expect(who.trust(asked)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(why),
    });
    expect((await who.trust()).signers).toEqual([{ signer: idOf(who.first) }]);
    expect((await who.pull())?.version).toBe('1.0.0');
  });

  test('of a catalog that was not added, or has no signed index', async () => {
    const who = await catalogUser();
    await expect(who.trust()).rejects.toMatchObject({ code: 'CATALOG_NOT_FOUND' });
    await who.store.add(
      { name: 'team', kind: 'folder', location: who.folders.cache.replace(/cache$/, '') },
      undefined,
      new AbortController().signal,
    );
    await expect(who.trust({ addKeys: [ed25519Key().publicPem] })).rejects.toThrow(/no signed index/);
  });
});

describe('a signed site', () => {
  test('is gone on from by one of those who signed it, with others beside, and by nobody else', async () => {
    const [one, two, three] = [ed25519Key(), ed25519Key(), ed25519Key()];
    const site = await signedSiteBy(byKey(one));
    await expect(site.publish('1.1.0', start, byKey(two))).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
    expect((await site.publish('1.1.0', start, byKey(two, one))).signed).toMatchObject({ version: 2 });
    expect((await site.publish('1.2.0', start, byKey(three, two))).signed).toMatchObject({ version: 3 });
    await expect(site.publish('1.3.0', start, byKey(one))).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });

  test('of a pipeline is gone on from by that pipeline alone, and nothing is published else', async () => {
    const { request } = await fakeSigstore();
    const site = await signedSiteBy({ keys: [], keyless: request(ann) });
    const before = await readFile(join(site.out, signatureFile), 'utf8');
    for (const signing of [byKey(ed25519Key()), { keys: [], keyless: request(bob) }])
      await expect(site.publish('1.1.0', start, signing)).rejects.toMatchObject({
        code: 'SIGNATURE_INVALID',
      });
    expect(await readFile(join(site.out, signatureFile), 'utf8')).toBe(before);
    const { signed } = await site.publish('1.1.0', start, { keys: [], keyless: request(ann) });
    expect(signed).toMatchObject({ version: 2, signer: ann.identity, issuer: ann.issuer });
  });

  test('whose signature does not hold against the root of trust is not published', async () => {
    const [own, other] = [await fakeSigstore(), await fakeSigstore()];
    const keyless = { ...own.request(ann), trustedRoot: other.trustedRoot };
    await expect(signedSiteBy({ keys: [], keyless })).rejects.toMatchObject({
      code: 'SIGNING_FAILED',
      hint: expect.stringMatching(/--trusted-root/),
    });
  });
});

describe('a private key with a passphrase', () => {
  const encrypted = ({ privatePem }: SigningKey) =>
    createPrivateKey(privatePem)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
      .toString();

  test.each([
    ['Ed25519', ed25519Key()],
    ['ECDSA on P-256', p256Key()],
  ])('signs where it is opened (%s), and is told where it is not', (_, pair) => {
    const pem = encrypted(pair);
    expect(keyId(signingKey(pem, 'open sesame'))).toBe(idOf(pair));
    for (const wrong of [undefined, '', 'sesame'])
      expect(() => signingKey(pem, wrong)).toThrow(/the passphrase does not open the private key/);
  });
});
