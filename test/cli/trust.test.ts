import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { sampleApp, writeFiles } from '../support/catalog-folder.ts';
import { cli, cliError, cliJson } from '../support/cli.ts';

let root = '';
let site: Server;
let base = '';

const options = () => ({
  cwd: root,
  env: { XDG_CONFIG_HOME: join(root, 'config'), XDG_CACHE_HOME: join(root, 'cache') },
});
const json = async (...argv: readonly string[]) => (await cliJson(argv, options())) as Record<string, never>;
const later = {
  clock: { now: () => new Date(Date.now() + 50 * 3_600_000), monotonic: () => 0, sleep: async () => {} },
};

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

  test('past its time it is searched, which says so, and not installed from', async () => {
    const past = { ...options(), overrides: later };
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
