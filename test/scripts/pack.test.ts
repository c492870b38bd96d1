import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pack, thisPlatform } from '../../scripts/pack.ts';

const run = promisify(execFile);
let folder = '';
let packed: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'appstore-packed-'));
  packed = await pack(join(folder, 'out'), thisPlatform());
  const chart = join(folder, 'chart');
  await mkdir(join(chart, 'templates'), { recursive: true });
  await writeFile(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: tiny\nversion: 1.0.0\n');
  const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\n';
  await writeFile(join(chart, 'templates', 'settings.yaml'), template);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Installs packages as a user would, and answers a way to run the program. */
async function installed(name: string, files: readonly string[]) {
  const place = join(folder, name);
  await mkdir(place);
  await writeFile(join(place, 'package.json'), '{"private":true}');
  const flags = ['--offline', '--no-audit', '--no-fund', '--omit=optional', '--ignore-scripts', '--force'];
  await run('npm', ['install', ...flags, ...files], { cwd: place });
  const program = join(place, 'node_modules', 'appstore', 'bin', 'appstore.js');
  return {
    modules: join(place, 'node_modules'),
    appstore: (args: readonly string[], env: Record<string, string> = {}) =>
      run(process.execPath, [program, ...args], { env: { PATH: '', HOME: place, ...env } }),
  };
}

test('the program comes with nothing but itself, and renders apps and charts without a helper', async () => {
  const { modules, appstore } = await installed('alone', packed.slice(0, 1));
  expect((await readdir(modules)).filter((name) => !name.startsWith('.'))).toEqual(['appstore']);
  expect((await appstore(['search', 'postgres', '-o', 'name'])).stdout).toContain('builtin/postgres');
  expect((await appstore(['template', join(folder, 'chart'), 'web'])).stdout).toContain('name: web');
});

test('the helper of this platform is taken where its package is', async () => {
  const { modules, appstore } = await installed('whole', packed);
  const [helper = ''] = (await readdir(modules)).filter((name) => name.startsWith('appstore-engine-'));
  const about = JSON.parse(await readFile(join(modules, helper, 'package.json'), 'utf8'));
  expect([about.os, about.cpu]).toEqual([[process.platform], [process.arch]]);
  const native = { APPSTORE_HELM_ENGINE: 'native' };
  expect((await appstore(['template', join(folder, 'chart'), 'web'], native)).stdout).toContain('name: web');
});
