import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { packPackage } from '../../../../src/adapters/catalog/archive/pack.ts';
import { unpackPackage } from '../../../../src/adapters/catalog/archive/unpack.ts';
import type { PackageFile } from '../../../../src/domain/app.ts';
import { contentDigest } from '../../../../src/domain/content-digest.ts';
import { packageFiles } from '../../../support/app-files.ts';
import { seeded } from '../../../support/random.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const files = (more: Readonly<Record<string, string>> = {}) =>
  packageFiles({ 'app.yaml': 'a: 1\n', 'resources/b.yaml': 'b: 2\n', ...more });

test('what is packed has no trace of machine, time, owner or order', () => {
  const archive = packPackage('web', files());
  expect(packPackage('web', [...files()].reverse())).toEqual(archive);
  // magic, deflate, no flags, no time, best compression, no system
  expect([...archive.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
});

test('500 packages of chance come out of their archives as they went in', async () => {
  const next = seeded(41);
  const letters = ['a', 'B', '-', '_', 'é', '漢', '.x', '0'];
  const word = (length: number) => Array.from({ length }, () => letters[next(letters.length)]).join('');
  for (let run = 0; run < 500; run += 1) {
    const folder = () => Array.from({ length: next(4) }, () => `d${word(1 + next(30))}`).join('/');
    const made = new Map<string, PackageFile>();
    for (let file = 0; file < 1 + next(8); file += 1) {
      const path = `${folder()}/f${word(next(90))}${file}`.replace(/^\//, '');
      const content = new Uint8Array(Array.from({ length: next(1200) }, () => next(256)));
      if (Buffer.byteLength(path) <= 500) made.set(path.toLowerCase(), { path, mode: 0o644, content });
    }
    const chart = packageFiles({ 'Chart.yaml': 'name: x' });
    const all = [...chart, ...made.values()];
    const unpacked = await unpackPackage(packPackage('x', all), 'x');
    expect(contentDigest(unpacked)).toBe(contentDigest(all));
  }
});

test('modes are kept for apps: executable or not', async () => {
  const all = files().map((file) => ({ ...file, mode: file.path === 'app.yaml' ? 0o644 : 0o755 }));
  const unpacked = await unpackPackage(packPackage('web', all), 'x');
  expect(unpacked.map(({ path, mode }) => [path, mode])).toEqual([
    ['app.yaml', 0o644],
    ['resources/b.yaml', 0o755],
  ]);
});

test('GNU tar reads it without a word, with names of every length', async () => {
  const folder = await temporaryFolder();
  const long = `${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(120)}.yaml`;
  const archive = packPackage('web', files({ [`${'g'.repeat(99)}.yaml`]: '1', [long]: '2' }));
  await writeFile(join(folder, 'x.tgz'), archive);
  const { stdout, stderr } = await promisify(execFile)('tar', ['xzvf', 'x.tgz'], { cwd: folder });
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual(
    ['app.yaml', long, `${'g'.repeat(99)}.yaml`, 'resources/b.yaml'].map((path) => `web/${path}`),
  );
});
