import type { PackageFile } from '../../../domain/app.ts';
import { gzip } from './gzip.ts';
import { paxRecord, writeTarHeader } from './tar-write.ts';

/**
 * Packs the files of a package into a `.tgz`, in one folder with the name of the app. The same files give the same bytes, on whatever
 * machine and at whatever time, as long as zlib is the same: sorted by path, one owner, one time, two modes, no name of a file or
 * system in gzip's header.
 */
export function packPackage(name: string, files: readonly PackageFile[]): Buffer {
  const sorted = files
    .map((file) => ({ ...file, bytes: Buffer.from(`${name}/${file.path}`, 'utf8') }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  const blocks = sorted.flatMap(({ bytes, mode, content }) => entry(bytes, mode, content));
  return gzip(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function entry(path: Buffer, mode: number, content: Uint8Array): readonly Uint8Array[] {
  const plain = {
    mode: (mode & 0o100) === 0 ? 0o644 : 0o755,
    size: content.length,
    type: '0' as const,
  };
  const header = writeTarHeader({ ...plain, path });
  if (header !== undefined) return [header, content, padding(content.length)];
  const record = paxRecord('path', path);
  const extension = writeTarHeader({ mode: 0o644, size: record.length, type: 'x', path: Buffer.from('pax') });
  const cut = writeTarHeader({ ...plain, path: Buffer.from('long') });
  if (extension === undefined || cut === undefined) throw new Error('short names fit');
  return [extension, record, padding(record.length), cut, content, padding(content.length)];
}

function padding(bytes: number): Buffer {
  return Buffer.alloc((512 - (bytes % 512)) % 512);
}
