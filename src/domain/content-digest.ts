import { createHash } from 'node:crypto';
import type { PackageFile } from './app.ts';

/**
 * The identity of a package's content: `sha256:<hex>`, the same for a folder, an archive, git and OCI.
 *
 * It is the sha256 over one record a file, sorted by the bytes of the path in UTF-8:
 *
 *     <path> NUL <mode> NUL <size> NUL <sha256 of the content> LF
 *
 * `path` is relative, with `/`; `mode` is `644` or `755` (executable by its owner); `size` is decimal; the digest is in
 * lower-case hex. No file name can hold a NUL, so no two lists of files have the same records. Owner, times and the way the
 * files were packed do not count.
 */
export function contentDigest(files: readonly PackageFile[]): string {
  const total = createHash('sha256');
  for (const { path, file } of byPathBytes(files)) {
    const content = createHash('sha256').update(file.content).digest('hex');
    total.update(path).update(`\0${permissions(file.mode)}\0${file.content.length}\0${content}\n`);
  }
  return `sha256:${total.digest('hex')}`;
}

/** Sorted by UTF-8 bytes: JavaScript's own order (UTF-16 units) differs outside the basic plane. */
function byPathBytes(files: readonly PackageFile[]): readonly { path: Buffer; file: PackageFile }[] {
  return files
    .map((file) => ({ path: Buffer.from(file.path, 'utf8'), file }))
    .sort((a, b) => Buffer.compare(a.path, b.path));
}

function permissions(mode: number): '644' | '755' {
  return (mode & 0o100) === 0 ? '644' : '755';
}
