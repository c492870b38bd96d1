import { gunzipSync } from 'node:zlib';

const BLOCK = 512;

/** Takes one file out of a .tar.gz (POSIX ustar); undefined where it is not in it. Throws where the archive is damaged. */
export function fileOfTarGz(archive: Buffer, member: string): Buffer | undefined {
  const tar = gunzipSync(archive);
  let offset = 0;
  while (offset + BLOCK <= tar.length) {
    const header = tar.subarray(offset, offset + BLOCK);
    const name = textAt(header, 0, 100);
    const size = Number.parseInt(textAt(header, 124, 12).trim() || '0', 8);
    const start = offset + BLOCK;
    if (name === member) return tar.subarray(start, start + size);
    offset = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

/** A field ends at its first NUL. */
function textAt(header: Buffer, offset: number, length: number): string {
  const field = header.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString('utf8');
}
