import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { unpackPackage } from '../../../../src/adapters/catalog/archive/unpack.ts';
import type { PackageFile } from '../../../../src/domain/app.ts';
import { AppstoreError } from '../../../../src/domain/errors.ts';
import { seeded } from '../../../support/random.ts';
import { pax, type TarEntry, tar } from '../../../support/tar.ts';

/** Archives with everything that the reader knows; what is made of them is wrong in every way. */
const samples: readonly (readonly TarEntry[])[] = [
  [
    { name: 'web/', type: '5' },
    { name: 'web/Chart.yaml', content: 'name: web\nversion: 1.0.0\n' },
    pax({ path: 'web/templates/long.yaml', size: '4' }),
    { name: 'x', content: 'a: 1' },
    { name: '././@LongLink', type: 'L', content: 'web/values.yaml\0' },
    { name: 'y', content: 'b: 2' },
  ],
  [
    { name: 'app/app.yaml', content: 'x', mode: 0o755 },
    { name: 'yaml', prefix: 'app/resources', content: 'x'.repeat(700) },
    { name: 'app/l', type: '2', linkName: '../..' },
    { name: 'app/../../x', content: 'x' },
  ],
];

const runs = 20_000;
/** Values that mean something to a tar: type flags, digits, NUL, separators, the marks of base 256. */
const telling = [...Buffer.from('012345679xgLKSV\0/\\.:= \n'), 0x80, 0xff];

test('20000 mutated archives are read as safe packages or refused, never anything else', async () => {
  const next = seeded(20_260_101);
  const tars = samples.map(tar);
  let read = 0;
  for (let run = 0; run < runs; run += 1) {
    const bytes = mutate(Buffer.from(tars[run % tars.length] ?? ''), next);
    const files = await unpackPackage(gzipSync(bytes, { level: 1 }), 'x').catch((error: unknown) => {
      if (error instanceof AppstoreError && error.code === 'PACKAGE_INVALID') return undefined;
      throw new Error(`run ${run}: ${String(error)}`, { cause: error });
    });
    if (files === undefined) continue;
    read += 1;
    expectSafe(files, run);
  }
  // otherwise the mutations would test the first check alone
  expect(read).toBeGreaterThan(runs / 100);
  expect(read).toBeLessThan(runs);
});

test('2000 mutated gzip streams are read as safe packages or refused', async () => {
  const next = seeded(7);
  const packed = gzipSync(tar(samples[0] ?? []));
  for (let run = 0; run < 2_000; run += 1) {
    const bytes = Buffer.from(packed.subarray(0, next(3) === 0 ? next(packed.length) : packed.length));
    for (let change = next(4); change >= 0 && bytes.length > 0; change -= 1)
      bytes[next(bytes.length)] = next(256);
    const files = await unpackPackage(bytes, 'x').catch((error: unknown) => {
      if (error instanceof AppstoreError && error.code === 'PACKAGE_INVALID') return [];
      throw error;
    });
    expectSafe(files, run);
  }
});

/** Changes some bytes, and sets the checksums right most of the time, so that the change is not found by them. */
function mutate(bytes: Buffer, next: (below: number) => number): Buffer {
  for (let change = next(4); change >= 0; change -= 1) {
    const block = next(bytes.length / 512) * 512;
    const offset =
      [next(100), 124 + next(12), 156, 157 + next(100), 257 + next(8), 345 + next(155), next(512)][next(7)] ??
      0;
    bytes[block + offset] = next(3) === 0 ? next(256) : (telling[next(telling.length)] ?? 0);
  }
  if (next(5) > 0)
    for (let at = 0; at + 512 <= bytes.length; at += 512) setChecksum(bytes.subarray(at, at + 512));
  return bytes.subarray(0, next(8) === 0 ? next(bytes.length) : bytes.length);
}

/** Of blocks that are headers, told by their magic. */
function setChecksum(block: Buffer): void {
  if (block.toString('latin1', 257, 260) !== 'ust') return;
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}

function expectSafe(files: readonly PackageFile[], run: number): void {
  const paths = files.map(({ path }) => path);
  const unsafe = paths.filter((path) =>
    /^\/|^[a-z]:|(^|\/)\.{1,2}(\/|$)|\/\/|\/$|^$|[\u0000-\u001f\\]/i.test(path),
  );
  if (unsafe.length > 0) throw new Error(`run ${run}: ${JSON.stringify(unsafe)}`);
  const keys = paths.map((path) => path.normalize('NFC').toLowerCase());
  if (new Set(keys).size !== keys.length)
    throw new Error(`run ${run}: doubled paths ${JSON.stringify(paths)}`);
  if (files.some(({ mode }) => mode !== 0o644 && mode !== 0o755)) throw new Error(`run ${run}: modes`);
}
