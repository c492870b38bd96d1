import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { SANDBOX_NOTICE } from '../../src/domain/sandbox.ts';
import { built } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The built file with a cache folder of its own, in which only the programs are there already. */
async function onOwnCache() {
  const cache = await temporaryFolder();
  await mkdir(join(cache, 'appstore'));
  await symlink(join(inject('sandbox').cache, 'programs'), join(cache, 'appstore/programs'));
  const { KUBEBUILDER_ASSETS } = process.env;
  const env = { XDG_CACHE_HOME: cache, KUBEBUILDER_ASSETS };
  return { folder: join(cache, 'appstore'), appstore: (...argv: string[]) => built(argv, { env }) };
}

test('the built file starts a sandbox in the cache of the user, tells of it and stops it', async () => {
  const { folder, appstore } = await onOwnCache();
  onTestFinished(async () => void (await appstore('sandbox', 'stop', '--name', 'mine')));
  const kubeconfig = join(folder, 'sandboxes/mine/kubeconfig');

  const started = await appstore('sandbox', 'start', '--name', 'mine');
  expect(started.code, started.stderr).toBe(0);
  expect(started.stdout).toBe(`${kubeconfig}\n`);
  expect(started.stderr).toContain('Starting: ');
  expect(started.stderr).toContain(SANDBOX_NOTICE);
  const again = JSON.parse((await appstore('sandbox', 'start', '--name', 'mine', '-o', 'json')).stdout);
  expect(again).toMatchObject({ kind: 'Sandbox', existing: true, kubeconfig });

  const lines = (await appstore('sandbox', 'status')).stdout.trimEnd().split('\n');
  expect(lines.slice(1)).toEqual([expect.stringMatching(/^mine +running +.*kubeconfig$/), SANDBOX_NOTICE]);
  const status = await appstore('sandbox', 'status', '-o', 'json');
  expect(JSON.parse(status.stdout)).toMatchObject({
    kind: 'SandboxList',
    items: [{ name: 'mine', condition: 'running', server: again.server }],
    notice: SANDBOX_NOTICE,
  });
  const installed = await appstore('install', 'whoami', '--kubeconfig', kubeconfig);
  expect(installed.code, installed.stderr).toBe(0);
  expect(installed.stderr).toContain(SANDBOX_NOTICE);

  expect((await appstore('sandbox', 'stop', '--name', 'mine')).code).toBe(0);
  expect((await appstore('sandbox', 'status')).stdout).toContain('No sandbox runs.');
  expect((await appstore('sandbox', 'stop', '--name', 'mine')).code).toBe(4);
  expect((await readdir(folder)).sort()).toEqual(['code', 'discovery', 'programs']);
}, 120_000);
