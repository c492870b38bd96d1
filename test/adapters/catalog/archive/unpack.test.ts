import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpackPackage } from '../../../../src/adapters/catalog/archive/unpack.ts';
import { readPackageFolder } from '../../../../src/adapters/catalog/read-folder.ts';
import { contentDigest } from '../../../../src/domain/content-digest.ts';
import { pax, type TarEntry, tar, tgz } from '../../../support/tar.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const chart: TarEntry = { name: 'web/Chart.yaml', content: 'name: web\nversion: 1.0.0\n' };
const file = (name: string, content = 'x'): TarEntry => ({ name, content });
const unpack = (...entries: readonly TarEntry[]) => unpackPackage(tgz(entries), './web.tgz');
const paths = async (...entries: readonly TarEntry[]) => (await unpack(...entries)).map(({ path }) => path);
const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'PACKAGE_INVALID', message: expect.stringMatching(message) });

describe('an archive', () => {
  test('gives its files without the top folder, sorted, with their bytes', async () => {
    const files = await unpack(
      { name: 'web/', type: '5' },
      file('web/templates/b.yaml', 'b'),
      chart,
      { ...file('web/run.sh'), mode: 0o755 },
      file('web/.helmignore', '*.yaml'),
    );
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      ['.helmignore', 0o644],
      ['Chart.yaml', 0o644],
      ['run.sh', 0o644],
      ['templates/b.yaml', 0o644],
    ]);
    expect(Buffer.from(files[3]?.content ?? []).toString()).toBe('b');
  });

  test('an app in it keeps modes and loses what a folder loses', async () => {
    const files = await unpack(
      file('web/app.yaml'),
      { ...file('web/run.sh'), mode: 0o755 },
      file('web/.git/config'),
    );
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      ['app.yaml', 0o644],
      ['run.sh', 0o755],
    ]);
  });

  test.each([
    ['a leading ./', [{ ...chart, name: './web/Chart.yaml' }]],
    ['backslashes of Windows', [{ ...chart, name: 'web\\Chart.yaml' }]],
    ['doubled slashes', [{ ...chart, name: 'web//./Chart.yaml' }]],
    ['a comment of git archive', [pax({ comment: '1234' }, 'g'), chart]],
    ['times and attributes in pax headers', [pax({ mtime: '1.5', 'SCHILY.xattr.user.x': 'y' }), chart]],
    ['no end mark', [chart]],
    ['old headers without a magic', [{ ...chart, magic: '' }]],
  ] as const)('with %s is read', async (what, entries) => {
    const bytes = what === 'no end mark' ? gzipSync(tar(entries).subarray(0, -1024)) : tgz(entries);
    expect((await unpackPackage(bytes, 'x')).map(({ path }) => path)).toEqual(['Chart.yaml']);
  });

  test('long names: pax, GNU, and the prefix of ustar', async () => {
    const long = `web/${'a'.repeat(90)}/${'b'.repeat(90)}.txt`;
    const [folder = '', name = ''] = [
      long.slice(0, long.lastIndexOf('/')),
      long.slice(long.lastIndexOf('/') + 1),
    ];
    const inside = long.slice(4);
    expect(await paths(chart, pax({ path: long }), file('x'))).toEqual(['Chart.yaml', inside]);
    const gnu: TarEntry = { name: '././@LongLink', type: 'L', content: `${long}\0` };
    expect(await paths(chart, gnu, file('x'))).toEqual(['Chart.yaml', inside]);
    expect(await paths(chart, { ...file(name), prefix: folder })).toEqual(['Chart.yaml', inside]);
    // the extension is of one entry alone
    expect(await paths(pax({ path: 'web/one' }), file('x'), chart)).toEqual(['Chart.yaml', 'one']);
  });

  test('a size in a pax header and in base 256', async () => {
    expect(await paths(pax({ size: '24' }), { ...chart, size: 0 })).toEqual(['Chart.yaml']);
    const size = Buffer.alloc(12);
    size[0] = 0x80;
    size[11] = 24;
    expect(await paths({ ...chart, size: size.toString('latin1') })).toEqual(['Chart.yaml']);
  });
});

describe('what is refused', () => {
  test.each<[string, RegExp, readonly TarEntry[]]>([
    ['a path out', /leads out of it, `web\/\.\.\/\.\.\/etc\/passwd`/, [chart, file('web/../../etc/passwd')]],
    ['a path out by backslashes', /leads out/, [chart, file('web\\..\\..\\etc')]],
    ['a path out in a pax header', /leads out/, [chart, pax({ path: '../x' }), file('web/x')]],
    [
      'a path out in a long name',
      /leads out/,
      [chart, { name: 'l', type: 'L', content: 'web/../../x' }, file('x')],
    ],
    ['an absolute path', /absolute path `\/etc\/passwd`/, [chart, file('/etc/passwd')]],
    ['a drive of Windows', /absolute path `C:/, [chart, file('C:\\x')]],
    ['a drive below the top', /absolute path `web\/c:\/x`/, [chart, file('web/c:/x')]],
    [
      'a symbolic link',
      /holds a link, `web\/x`/,
      [chart, { name: 'web/x', type: '2', linkName: '/etc/passwd' }],
    ],
    [
      'a hard link',
      /holds a link, `web\/x`/,
      [chart, { name: 'web/x', type: '1', linkName: 'web/Chart.yaml' }],
    ],
    ['a character device', /device or pipe, `web\/x`/, [chart, { name: 'web/x', type: '3' }]],
    ['a block device', /device or pipe/, [chart, { name: 'web/x', type: '4' }]],
    ['a pipe', /device or pipe/, [chart, { name: 'web/x', type: '6' }]],
    ['a sparse file of GNU', /neither file nor folder/, [chart, { name: 'web/x', type: 'S' }]],
    ['a sparse file in pax', /sparse file/, [chart, pax({ 'GNU.sparse.major': '1' }), file('web/x')]],
    [
      'names that differ by case',
      /`README` and `readme` differ only by case/,
      [chart, file('web/README'), file('web/readme')],
    ],
    ['the same name twice', /holds `x` twice/, [chart, file('web/x'), file('web/x')]],
    ['the same name in two writings', /holds `x` twice/, [chart, file('web/x'), file('web/./x')]],
    ['no top folder', /`Chart\.yaml` at its top/, [{ ...chart, name: 'Chart.yaml' }]],
    ['several top folders', /2 folders at its top \(web, other\)/, [chart, file('other/x')]],
    ['no files', /holds no files/, [{ name: 'web/', type: '5' }]],
    [
      'neither app nor chart',
      /holds no app: there is no app\.yaml or Chart\.yaml/,
      [file('web/values.yaml')],
    ],
    ['a Chart.yaml that lies deeper', /holds no app/, [file('x/web/Chart.yaml')]],
    ['a name that is empty', /without a name/, [chart, file('.')]],
    ['escape sequences in a name', /backslash or a control character/, [chart, file('web/\u001b[31mx')]],
    [
      'a name without end',
      /longer than 512 bytes/,
      [chart, pax({ path: `web/${'x'.repeat(600)}` }), file('x')],
    ],
    ['folders without end', /deeper than 24/, [chart, pax({ path: `web/${'d/'.repeat(30)}x` }), file('x')]],
    ['a size that is none', /size that is no number/, [chart, { ...file('web/x'), size: '99999999999' }]],
    ['a negative size', /size that is no number/, [chart, { ...file('web/x'), size: '-1' }]],
    ['a size beyond the archive', /is cut off/, [chart, { ...file('web/x'), size: 5_000 }]],
    [
      'a size beyond all numbers',
      /size that is no number/,
      [chart, { ...file('web/x'), size: `\u0080${'\u00ff'.repeat(11)}` }],
    ],
    ['a huge size in pax', /is cut off/, [chart, pax({ size: '999999999999999' }), file('web/x')]],
    [
      'a damaged pax header',
      /extended header is damaged/,
      [chart, { name: 'p', type: 'x', content: '99 path=x\n' }, file('x')],
    ],
    ['a global header with a name', /global header names a file/, [pax({ path: 'web/x' }, 'g'), chart]],
    ['a long extended header', /extended header of \d+ bytes/, [pax({ comment: 'x'.repeat(70_000) }), chart]],
    [
      'a file that is too large',
      /`web\/x` of 5242881 bytes/,
      [chart, { ...file('web/x', 'x'.repeat(5 * 1024 * 1024 + 1)) }],
    ],
    [
      'too much together',
      /more than 20971520 bytes/,
      [chart, ...[0, 1, 2, 3, 4].map((n) => file(`web/${n}`, 'x'.repeat(5 * 1024 * 1024)))],
    ],
    [
      'too many files',
      /more than 10000 files/,
      [chart, ...Array.from({ length: 10_000 }, (_, n) => file(`web/${n}`, ''))],
    ],
    [
      'too many entries',
      /more than 30000 entries/,
      [chart, ...Array.from({ length: 30_000 }, (_, n) => ({ name: `web/${n}/`, type: '5' }))],
    ],
  ])('%s', async (_what, message, entries) => {
    await expect(unpack(...entries)).rejects.toEqual(refused(message));
  });

  test('a name that is not UTF-8', async () => {
    const bytes = tar([chart, file('web/a')]);
    const at = bytes.indexOf('web/a');
    bytes[at + 4] = 0xff;
    // the checksum is that of the byte before: 0xff instead of `a`
    const sum = Number.parseInt(bytes.toString('latin1', at + 148, at + 154), 8) + 0xff - 0x61;
    bytes.write(sum.toString(8).padStart(6, '0'), at + 148);
    await expect(unpackPackage(gzipSync(bytes), 'x')).rejects.toEqual(refused(/name is not UTF-8/));
  });

  test('a bomb is stopped at what a package may have, before its bytes are kept', async () => {
    const zeros = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    expect(zeros.length).toBeLessThan(250_000);
    const before = process.memoryUsage().rss;
    await expect(unpackPackage(zeros, 'x')).rejects.toEqual(refused(/unpacks to more than \d+ bytes/));
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  });

  test.each([
    ['empty', Buffer.alloc(0), /is empty/],
    ['text', Buffer.from('name: web\n'), /not a gzipped archive/],
    ['a page', Buffer.from('\n<!DOCTYPE html>'), /page of HTML/],
    ['a zip', Buffer.from('PK\u0003\u0004'), /zip file/],
    ['gzip of text', gzipSync('x'.repeat(600)), /damaged: a header has a wrong checksum/],
    ['gzip of little', gzipSync('x'), /is cut off/],
    ['a truncated gzip', tgz([chart]).subarray(0, -20), /is cut off/],
    ['a damaged gzip', damaged(tgz([chart])), /is damaged|is cut off/],
    ['a truncated tar', gzipSync(tar([chart]).subarray(0, 520)), /is cut off/],
  ])('%s', async (_what, bytes, message) => {
    await expect(unpackPackage(bytes, './web.tgz')).rejects.toEqual(refused(message));
  });
});

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[15] = (copy[15] ?? 0) ^ 0xff;
  copy[25] = (copy[25] ?? 0) ^ 0x55;
  return copy;
}

describe('the digest of the content', () => {
  const run = promisify(execFile);
  const put = async (path: string, text: string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return path;
  };

  test.each(['Chart.yaml', 'app.yaml'])('is that of the folder, whatever packed it (%s)', async (head) => {
    const root = await temporaryFolder();
    await put(join(root, 'web', head), 'name: web\nversion: 1.0.0\n');
    await put(join(root, 'web/templates', 'x'.repeat(60), `${'y'.repeat(60)}.yaml`), 'a: 1\n');
    await chmod(await put(join(root, 'web/files/Größe.sh'), '#!/bin/sh\n'), 0o755);
    const folder = contentDigest(await readPackageFolder(join(root, 'web'), 'web'));
    for (const format of ['ustar', 'gnu', 'pax']) {
      await run('tar', ['--format', format, '-czf', 'web.tgz', 'web'], { cwd: root });
      const archive = await unpackPackage(await readFile(join(root, 'web.tgz')), 'web.tgz');
      expect(contentDigest(archive)).toBe(folder);
    }
  });

  test('a link that tar packs is refused in the archive', async () => {
    const root = await temporaryFolder();
    await put(join(root, 'web/Chart.yaml'), 'name: web\nversion: 1.0.0\n');
    await symlink('/etc/hostname', join(root, 'web/values.yaml'));
    await run('tar', ['-czf', 'web.tgz', 'web'], { cwd: root });
    await expect(unpackPackage(await readFile(join(root, 'web.tgz')), 'web.tgz')).rejects.toEqual(
      refused(/holds a link/),
    );
  });
});
