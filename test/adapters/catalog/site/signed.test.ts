import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildSite } from '../../../../src/adapters/catalog/site/build.ts';
import { verifyingKey } from '../../../../src/adapters/catalog/trust/keys.ts';
import { verifyBundle } from '../../../../src/adapters/catalog/trust/verify.ts';
import type { SignatureRequest } from '../../../../src/services/catalog-maker.ts';
import { sampleApp, writeFiles } from '../../../support/catalog-folder.ts';
import { ed25519Key, rsaKey } from '../../../support/signing-keys.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const signal = new AbortController().signal;
const pair = ed25519Key();
const sign: SignatureRequest = {
  keys: [{ pem: pair.privatePem }],
  as: 'example.com/team',
  lasts: 24 * 3_600_000,
  now: new Date('2026-01-01T00:00:00Z'),
};

async function workshop() {
  const root = await temporaryFolder();
  const [folder, out] = [join(root, 'apps'), join(root, 'site')];
  await writeFiles(folder, { 'web/app.yaml': sampleApp('web') });
  const bundle = () => readFile(join(out, 'index.json.sigstore.json'), 'utf8');
  const index = () => readFile(join(out, 'index.json'));
  const build = (request?: SignatureRequest) =>
    buildSite({ folder, out, ...(request === undefined ? {} : { sign: request }) }, signal);
  return { folder, out, build, bundle, index };
}

test('a signature names the bytes of the index, and counts on from the one before', async () => {
  const { folder, build, bundle, index } = await workshop();
  const first = await build(sign);
  const { digest, signer, ...said } = first.signed ?? {};
  expect(said).toEqual({
    catalog: 'example.com/team',
    version: 1,
    issued: '2026-01-01T00:00:00.000Z',
    expires: '2026-01-02T00:00:00.000Z',
  });
  expect(digest).toBe(
    `sha256:${createHash('sha256')
      .update(await index())
      .digest('hex')}`,
  );
  expect(verifyBundle(await bundle(), verifyingKey(pair.publicPem))).toEqual({ ...said, digest });
  await writeFiles(folder, { 'web/app.yaml': sampleApp('web', '1.1.0') });
  const { as: _, ...unnamed } = sign;
  const second = await build(unnamed);
  expect(second.signed).toMatchObject({ catalog: 'example.com/team', version: 2, signer });
  expect(second.signed?.digest).not.toBe(digest);
});

test('the same signed anew is the same, byte for byte, but for what says when', async () => {
  const [one, two] = [await workshop(), await workshop()];
  await one.build(sign);
  await two.build(sign);
  expect(await one.bundle()).toBe(await two.bundle());
  expect((await one.index()).equals(await two.index())).toBe(true);
});

test('a signed site is never left unsigned, nor signed by another without saying so', async () => {
  const { build, bundle, out } = await workshop();
  await build(sign);
  const before = await bundle();
  await expect(build()).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('is signed'),
  });
  const other = { ...sign, keys: [{ pem: ed25519Key().privatePem }] };
  await expect(build(other)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  expect(await bundle()).toBe(before);
  await rm(join(out, 'index.json.sigstore.json'));
  expect((await build(other)).signed).toMatchObject({ version: 1 });
});

test('a first signature needs a name, any a key, and nothing is made without', async () => {
  const { build, index } = await workshop();
  const { as: _, ...unnamed } = sign;
  await expect(build(unnamed)).rejects.toThrow(/names the catalog/);
  await expect(build({ ...sign, as: '../x' })).rejects.toThrow(/no name for a signature/);
  await expect(build({ ...sign, keys: [{ pem: rsaKey().privatePem }] })).rejects.toThrow(/type rsa/);
  await expect(index()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('nothing is built upon an index that was changed since it was signed', async () => {
  const { build, bundle, out, folder } = await workshop();
  await build(sign);
  const file = join(out, 'index.json');
  const good = await readFile(file, 'utf8');
  await writeFile(file, good.replace(/"archive":"sha256:..../, '"archive":"sha256:0000'));
  const before = await bundle();
  await writeFiles(folder, { 'web/app.yaml': sampleApp('web', '1.1.0') });
  await expect(build(sign)).rejects.toMatchObject({
    code: 'SIGNATURE_INVALID',
    message: expect.stringMatching(/Nothing is built upon it/),
  });
  expect(await bundle()).toBe(before);
  await writeFile(file, good);
  expect((await build(sign)).signed).toMatchObject({ version: 2 });
});

test('a build that was killed between signature and index is finished by the next one', async () => {
  const { build, out, folder, index } = await workshop();
  await build(sign);
  const first = await index();
  await writeFiles(folder, { 'web/app.yaml': sampleApp('web', '1.1.0') });
  await build(sign);
  const second = await index();
  // as it is after a kill: the signature has its place, the index not yet
  await mkdir(join(out, '.appstore-build-999999999'));
  await writeFile(join(out, '.appstore-build-999999999/index.json'), second);
  await writeFile(join(out, 'index.json'), first);
  await writeFiles(folder, { 'web/app.yaml': sampleApp('web', '1.2.0') });
  const made = await build(sign);
  expect(made).toMatchObject({ versions: 3, signed: { version: 3 } });
});
