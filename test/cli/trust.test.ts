import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { sampleApp, writeFiles } from '../support/catalog-folder.ts';
import { cli, cliError, cliJson } from '../support/cli.ts';
import { startRegistry } from '../support/real-registry.ts';
import { ann, bob, fakeSigstore, identityToken } from '../support/sigstore.ts';

let root = '';
let site: Server;
let base = '';

const options = () => ({
  cwd: root,
  env: { XDG_CONFIG_HOME: join(root, 'config'), XDG_CACHE_HOME: join(root, 'cache') },
});
const json = async (...argv: readonly string[]) => (await cliJson(argv, options())) as Record<string, never>;
const inHours = (hours: number) => ({
  clock: { now: () => new Date(Date.now() + hours * 3_600_000), monotonic: () => 0, sleep: async () => {} },
});

beforeAll(async () => {
  root = await mkdtemp(join(inject('sandbox').home, 'trust-'));
  await writeFiles(join(root, 'apps'), { 'web/app.yaml': sampleApp('web') });
  site = createServer((request, response) => {
    readFile(join(root, 'site', request.url ?? '')).then(
      (body) => response.end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  const address = site.address();
  base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  await cli(['approve', '--new-key', 'one.key'], options());
  await cli(['approve', '--new-key', 'two.key'], options());
});

afterAll(() => {
  site?.closeAllConnections();
  site?.close();
});

describe('a signed catalog on the command line', () => {
  test('is built, pinned, verified and installed from; the revision keeps who signed', async () => {
    const signing = ['--sign-key', 'one.key', '--signed-as', 'example.com/team', '--expires', '48h'];
    const made = await json('catalog', 'build', 'apps', '--out', 'site', ...signing);
    expect(made).toMatchObject({ signed: { catalog: 'example.com/team', version: 1 } });
    await json('catalog', 'add', 'team', base, '--signed-by', 'one.key.pub');
    expect(await json('catalog', 'verify', 'team')).toMatchObject({ items: [{ outcome: 'verified' }] });
    await json('install', 'team/web', 'signed', '--require-signed', '-n', 'trust', '--create-namespace');
    expect(await json('status', 'signed', '-n', 'trust')).toMatchObject({
      package: { provenance: { signature: { catalog: 'example.com/team', version: 1 } } },
    });
    const { stdout } = await cli(['status', 'signed', '-n', 'trust'], options());
    expect(stdout).toMatch(/signed as example\.com\/team, version 1, by sha256:/);
  });

  test('--require-signed and the policy refuse what no signed catalog lists', async () => {
    const install = ['install', './apps/web', 'other', '-n', 'trust'];
    expect((await cliError([...install, '--require-signed'], options())).error.code).toBe(
      'SIGNATURE_REQUIRED',
    );
    const file = join(root, 'config/appstore/catalogs.json');
    const config = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...config, requireSigned: true }));
    expect((await cliError(install, options())).error.code).toBe('SIGNATURE_REQUIRED');
    expect(await json('show', './apps/web')).toMatchObject({ name: 'web' });
    await writeFile(file, JSON.stringify(config));
  });

  test('a key is changed without a gap, and a key with a passphrase signs', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const passphrase = 'open sesame';
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
    await writeFile(join(root, 'next.key'), pem);
    await writeFile(join(root, 'next.key.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    await writeFile(join(root, 'next.pass'), `${passphrase}\n`);
    const build = ['catalog', 'build', 'apps', '--out', 'site', '--sign-key', 'one.key', '--expires', '48h'];
    const unopened = await cliError([...build, '--sign-key', 'next.key'], options());
    expect(unopened.error).toMatchObject({
      code: 'USAGE',
      hint: expect.stringMatching(
        /--passphrase-file FILE, or in APPSTORE_KEY_PASSPHRASE; never as an argument/,
      ),
    });
    const added = await json('catalog', 'trust', 'team', '--add-key', 'next.key.pub');
    expect(added).toMatchObject({ signers: [{}, {}] });
    const both = [...build, '--sign-key', 'next.key', '--passphrase-file', 'next.pass'];
    expect(await json(...both)).toMatchObject({ signed: { version: 2, others: [{}] } });
    await json('catalog', 'trust', 'team', '--remove-key', 'one.key.pub');
    await json('catalog', 'update', 'team');
    const env = { ...options().env, APPSTORE_KEY_PASSPHRASE: passphrase };
    const alone = ['catalog', 'build', 'apps', '--out', 'site', '--expires', '48h', '--sign-key', 'next.key'];
    expect((await cli(alone, { ...options(), env })).code).toBe(0);
    const { stdout } = await cli(['catalog', 'update', 'team'], { ...options(), overrides: inHours(40) });
    expect(stdout).toMatch(/version 3, until .*\n {2}its signature ends soon: from /);
    expect(await json('catalog', 'verify', 'team')).toMatchObject({ items: [{ outcome: 'verified' }] });
    expect((await cli(['catalog', 'trust', 'team'], options())).stdout).toMatch(
      /team is pinned to, signed as example\.com\/team:\n {2}sha256:[0-9a-f]{64}\n$/,
    );
    // back to the first key for what comes after
    expect((await cli([...alone, '--sign-key', 'one.key'], { ...options(), env })).code).toBe(0);
    await json('catalog', 'trust', 'team', '--add-key', 'one.key.pub', '--remove-key', 'next.key.pub');
    await json('catalog', 'update', 'team');
  });

  test('is signed without a key, pinned to an identity, and verified without a network', async () => {
    const { trustedRoot, url, asked } = await fakeSigstore();
    await writeFile(join(root, 'root.json'), trustedRoot);
    await writeFile(join(root, 'token'), `${identityToken()}\n`);
    const build = ['catalog', 'build', 'apps', '--out', 'site/ci', '--keyless', '--signed-as', 'ci'];
    const services = ['--fulcio-url', url, '--rekor-url', url, '--trusted-root', 'root.json'];
    const nobody = await cliError([...build, ...services], options());
    expect(nobody.error).toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/no identity token/),
    });
    const made = await json(...build, ...services, '--identity-token', 'token');
    expect(made).toMatchObject({ signed: { signer: ann.identity, issuer: ann.issuer, version: 1 } });
    const before = asked.length;
    const pin = ['--signer', ann.identity, '--issuer', ann.issuer, '--trusted-root', 'root.json'];
    const wrong = ['--signer', bob.identity, '--issuer', ann.issuer, '--trusted-root', 'root.json'];
    const refused = await cliError(['catalog', 'add', 'ci', `${base}/ci`, ...wrong], options());
    expect(refused.error).toMatchObject({
      code: 'SIGNATURE_INVALID',
      place: { file: `${base}/ci/index.json.sigstore.json` },
    });
    await json('catalog', 'add', 'ci', `${base}/ci`, ...pin);
    expect(asked).toHaveLength(before);
    expect((await cli(['show', 'ci/web'], options())).stdout).toContain(`by ${ann.identity} (${ann.issuer})`);
    expect((await cli(['catalog', 'verify', 'ci'], options())).stdout).toMatch(/ci: verified/);
    await json('catalog', 'remove', 'ci');
  });

  test('in a real registry it is pushed with its signature, pinned, verified and installed from', async () => {
    const registry = await startRegistry();
    onTestFinished(() => registry.stop());
    const location = `oci://${registry.host}/signed/apps`;
    const push = ['catalog', 'push', 'apps', location];
    const signing = ['--sign-key', 'one.key', '--signed-as', 'example.com/registry'];
    expect(await json(...push, ...signing)).toMatchObject({ signed: { version: 1 } });
    const add = ['catalog', 'add', 'reg', location, '--signed-by'];
    expect((await cliError([...add, 'two.key.pub'], options())).error).toMatchObject({
      code: 'SIGNATURE_INVALID',
      place: { file: location },
    });
    await json(...add, 'one.key.pub');
    expect(await json('catalog', 'verify', 'reg')).toMatchObject({ items: [{ outcome: 'verified' }] });
    await json('install', 'reg/web', 'pulled', '--require-signed', '-n', 'trust', '--create-namespace');
    expect((await cliError(push, options())).error).toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(/is signed/),
    });
    expect(await json(...push, ...signing)).toMatchObject({ added: [], signed: { version: 2 } });
    expect(await json('catalog', 'update', 'reg')).toMatchObject({ items: [{ signed: { version: 2 } }] });
    await json('catalog', 'remove', 'reg');
  });

  test('past its time it is searched, which says so, and not installed from', async () => {
    const past = { ...options(), overrides: inHours(50) };
    const { stdout, stderr } = await cli(['search', 'web'], past);
    expect(stdout).toContain('web');
    expect(stderr).toMatch(/signature of catalog team counted until/);
    const { error } = await cliError(['install', 'team/web', 'late', '-n', 'trust'], past);
    expect(error.code).toBe('SIGNATURE_EXPIRED');
  });

  test('signed by another key it is refused, with exit code 1', async () => {
    const signing = ['--sign-key', 'two.key', '--signed-as', 'example.com/team'];
    await json('catalog', 'build', 'apps', '--out', 'other', ...signing);
    const bundle = 'index.json.sigstore.json';
    await writeFile(join(root, 'site', bundle), await readFile(join(root, 'other', bundle)));
    const { code, stdout } = await cli(['catalog', 'verify', '-o', 'json'], options());
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      items: [{ outcome: 'failed', problems: [{ code: 'SIGNATURE_INVALID' }] }],
    });
    expect((await cli(['catalog', 'update'], options())).code).toBe(1);
  });
});
