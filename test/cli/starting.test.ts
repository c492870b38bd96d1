import { chmod, mkdir, mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, inject, test } from 'vitest';
import { built } from '../support/cli.ts';

let caches = '';
beforeEach(async () => {
  caches = await mkdtemp(join(inject('sandbox').home, 'code-'));
});

/** What is kept of the program's code, without the folder of the build. */
async function kept(folder = join(caches, 'appstore', 'code')): Promise<string[]> {
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  return files
    .filter((file) => file.includes('/'))
    .map((file) => file.replace(/^[^/]+\//, ''))
    .sort();
}

const run = (argv: readonly string[], env: Record<string, string | undefined> = {}) =>
  built(argv, { env: { XDG_CACHE_HOME: caches, ...env } });

test('the code of each command is kept, and does the same', async () => {
  const first = await run(['search', 'postgres', '-o', 'json']);
  expect(first.code).toBe(0);
  expect(await run(['search', 'postgres', '-o', 'json'])).toEqual(first);
  expect(await run(['--version'])).toMatchObject({ code: 0 });
  expect(await kept()).toEqual(['other.code', 'other.runs', 'search.code', 'search.runs']);
});

test('not of what nobody understood', async () => {
  expect((await run(['sarch'])).code).toBe(2);
  expect((await run(['search', '--no-such-flag'])).code).toBe(2);
  expect(await kept()).toEqual([]);
});

test('Node has names for where and whether', async () => {
  const elsewhere = join(caches, 'elsewhere');
  expect((await run(['list'], { NODE_COMPILE_CACHE: elsewhere })).code).toBe(0);
  expect(await kept(join(elsewhere, 'appstore'))).toEqual(['list.code', 'list.runs']);
  expect((await run(['list'], { NODE_DISABLE_COMPILE_CACHE: '1' })).code).toBe(0);
  expect(await kept()).toEqual([]);
});

test('many at once, and none of them harms another', async () => {
  const runs = await Promise.all(Array.from({ length: 8 }, () => run(['search', 'redis', '-o', 'name'])));
  expect(new Set(runs.map(({ code, stdout, stderr }) => `${code} ${stdout} ${stderr}`)).size).toBe(1);
  expect(await kept()).toEqual(['search.code', 'search.runs']);
});

test('where nothing can be written it runs all the same', async () => {
  const closed = join(caches, 'closed');
  await mkdir(closed);
  await chmod(closed, 0o500);
  const env = { XDG_CACHE_HOME: join(closed, 'file/below'), HOME: '/dev/null' };
  expect(await run(['search', 'postgres', '-o', 'name'], env)).toMatchObject({ code: 0, stderr: '' });
});
