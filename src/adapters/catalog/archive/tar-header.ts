import { isUtf8 } from 'node:buffer';

export const tarBlock = 512;

/** What an entry of a tar is, by its type flag (POSIX.1-2017 pax, and GNU tar's long names). */
type TarKind = 'file' | 'folder' | 'pax' | 'pax-global' | 'long-name' | 'link' | 'device' | 'other';

/** A header as it stands in the archive, before extensions are applied. */
export interface TarHeader {
  readonly kind: TarKind;
  readonly name: string;
  readonly size: number;
  readonly mode: number;
}

const kinds: Readonly<Record<string, TarKind>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'device',
  x: 'pax',
  g: 'pax-global',
  L: 'long-name',
};

/**
 * Reads one header. Strict: what is no header of ustar, pax, GNU or v7 tar with a right checksum is refused, so that a damaged
 * archive is never read as something else.
 *
 * @returns undefined for a block of zeros, which ends an archive; the reason where it is damaged
 */
export function readTarHeader(block: Buffer): TarHeader | undefined | { readonly damaged: string } {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!hasChecksum(block)) return { damaged: 'a header has a wrong checksum' };
  const size = numberAt(block, 124, 12);
  const mode = numberAt(block, 100, 8);
  if (size === undefined) return { damaged: 'a header has a size that is no number' };
  const name = nameOf(block);
  if (name === undefined) return { damaged: 'a name is not UTF-8' };
  const kind = kinds[String.fromCharCode(block[156] ?? 0)] ?? 'other';
  return { kind, name, size, mode: mode ?? 0o644 };
}

/** The sum of all bytes, the checksum itself counted as spaces; some old programs summed signed bytes. */
function hasChecksum(block: Buffer): boolean {
  const wanted = numberAt(block, 148, 8);
  let [unsigned, signed] = [0, 0];
  for (const [index, byte] of block.entries()) {
    const counted = index >= 148 && index < 156 ? 0x20 : byte;
    unsigned += counted;
    signed += counted > 127 ? counted - 256 : counted;
  }
  return wanted === unsigned || wanted === signed;
}

/** Octal text, or base 256 where the first bit is set (GNU, for large numbers). Undefined for what is neither. */
function numberAt(block: Buffer, offset: number, length: number): number | undefined {
  const field = block.subarray(offset, offset + length);
  const first = field[0] ?? 0;
  if (first === 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const text = field
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .trimStart();
  if (text === '') return 0;
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** POSIX splits long names into prefix and name; GNU keeps other things at the prefix's place. */
function nameOf(block: Buffer): string | undefined {
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
  const parts = [...(isPosix ? [textAt(block, 345, 155)] : []), textAt(block, 0, 100)];
  if (!parts.every((part) => isUtf8(part))) return undefined;
  return parts
    .map((part) => part.toString('utf8'))
    .filter((part) => part !== '')
    .join('/');
}

/** A field ends at its first NUL. */
function textAt(block: Buffer, offset: number, length: number): Buffer {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end);
}
