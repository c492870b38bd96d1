import { tarBlock } from './tar-header.ts';

/** Every entry has this time: 1980-01-01. Before it, some programs call a time implausible. */
const time = 315_532_800;

export interface TarHeaderFields {
  readonly path: Buffer;
  readonly mode: number;
  readonly size: number;
  /** `0`: a file; `x`: an extended header. */
  readonly type: '0' | 'x';
}

/** A header of POSIX ustar; undefined where the path needs an extended one. */
export function writeTarHeader({ path, mode, size, type }: TarHeaderFields): Buffer | undefined {
  const parts = splitPath(path);
  if (parts === undefined) return undefined;
  const block = Buffer.alloc(tarBlock);
  parts.name.copy(block, 0);
  block.write(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'latin1');
  block.write(`${octal(size, 11)}\0${octal(time, 11)}\0        ${type}`, 124, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  parts.prefix.copy(block, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

/** A record of an extended header: its length counts itself. */
export function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  const digits = [1, 2, 3, 4, 5].find((count) => String(rest.length + count).length === count) ?? 6;
  return Buffer.concat([Buffer.from(String(rest.length + digits)), rest]);
}

/** 100 bytes of name, behind up to 155 bytes of folders. */
function splitPath(path: Buffer): { readonly prefix: Buffer; readonly name: Buffer } | undefined {
  if (path.length <= 100) return { prefix: Buffer.alloc(0), name: path };
  const slash = path.indexOf(0x2f, path.length - 101);
  if (slash <= 0 || slash > 155 || slash === path.length - 1) return undefined;
  return { prefix: path.subarray(0, slash), name: path.subarray(slash + 1) };
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
