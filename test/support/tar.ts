import { gzipSync } from 'node:zlib';

/** An entry of an archive to make, wrong ones included. */
export interface TarEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** Type flag; `0`, a file, unless told. */
  readonly type?: string;
  readonly mode?: number;
  readonly linkName?: string;
  readonly prefix?: string;
  /** Size that the header tells, where it is another than the content's. */
  readonly size?: number | string;
  readonly magic?: string;
}

/** Makes a tar of entries as they are told: ustar headers, right checksums, two blocks of zeros at the end. */
export function tar(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(({ ...entry }) => blocksOf(entry)), Buffer.alloc(1024)]);
}

/** The same, compressed. */
export function tgz(entries: readonly TarEntry[]): Buffer {
  return gzipSync(tar(entries));
}

/** The entry of an extended header with these records. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): TarEntry {
  const lines = Object.entries(records).map(([key, value]) => paxLine(key, value));
  return { name: 'PaxHeaders/x', type, content: lines.join('') };
}

/** The length counts itself. */
function paxLine(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  const length = [1, 2, 3, 4, 5, 6]
    .map((digits) => rest + digits)
    .find((sum, index) => `${sum}`.length === index + 1);
  return `${length} ${key}=${value}\n`;
}

function blocksOf(entry: TarEntry): readonly Buffer[] {
  const content = Buffer.from(entry.content ?? '');
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return [headerOf(entry, content.length), content, padding];
}

function headerOf(entry: TarEntry, length: number): Buffer {
  const block = Buffer.alloc(512);
  const size = entry.size ?? length;
  block.write(entry.name, 0, 100, 'utf8');
  block.write(octal(entry.mode ?? 0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(typeof size === 'string' ? size : octal(size, 11), 124, 12, 'latin1');
  block.write(octal(0, 11), 136);
  block.write(entry.type ?? '0', 156);
  block.write(entry.linkName ?? '', 157, 100, 'utf8');
  block.write(entry.magic ?? 'ustar\u000000', 257, 8, 'latin1');
  block.write(entry.prefix ?? '', 345, 155, 'utf8');
  block.fill(0x20, 148, 156);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
    148,
  );
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
