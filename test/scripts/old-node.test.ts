import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const executable = join(import.meta.dirname, '../../bin/appstore.js');

test.each(['12.22.12', '20.19.0', '23.11.1'])('on Node %s it says in one line what it needs', (version) => {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`;
  const run = spawnSync(process.execPath, ['--import', preload, executable, 'list'], { encoding: 'utf8' });
  expect(run.status).toBe(2);
  expect(run.stdout).toBe('');
  expect(run.stderr).toMatch(/^appstore needs Node\.js 24 or newer; this is .*\n$/);
});

test('nothing in it is newer than what an old Node can read', async () => {
  const source = await readFile(executable, 'utf8');
  expect(source).not.toMatch(/\?\.|\?\?|^import |^export |\bawait\b/m);
});
