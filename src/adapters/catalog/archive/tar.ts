import { isUtf8 } from 'node:buffer';
import { type PaxRecords, readPax } from './pax.ts';
import { readTarHeader, type TarHeader, tarBlock } from './tar-header.ts';

/** A file of a tar. */
export interface TarFile {
  /** As the archive names it. */
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** Why an archive is refused, in words that follow `the archive`'s name. */
export class TarRefused extends Error {}

export interface TarLimits {
  readonly files: number;
  /** Entries of all kinds: folders and extended headers cost time as well. */
  readonly entries: number;
  readonly fileBytes: number;
}

/** Bytes of one extended header or long name: real ones have some hundred. */
const longestExtension = 64 * 1024;

/**
 * The files of a tar, in its order. Links of both kinds, devices, pipes, sparse files and whatever else is no plain file or folder
 * is refused, as is everything damaged; nothing is guessed.
 *
 * @param tar the whole archive, uncompressed and of bounded size
 * @throws TarRefused
 */
export function readTar(tar: Buffer, limits: TarLimits): readonly TarFile[] {
  const files: TarFile[] = [];
  let extension: PaxRecords = {};
  let entries = 0;
  for (let at = 0; at < tar.length; ) {
    const header = headerAt(tar, at);
    if (header === undefined) break;
    entries += 1;
    if (entries > limits.entries) throw new TarRefused(`holds more than ${limits.entries} entries`);
    const size = (isExtension(header) ? undefined : extension.size) ?? header.size;
    const content = contentAt(tar, at + tarBlock, size);
    at += tarBlock + Math.ceil(size / tarBlock) * tarBlock;
    if (isExtension(header)) {
      extension = { ...extension, ...readExtension(header, content) };
      continue;
    }
    const name = extension.path ?? header.name;
    extension = {};
    if (header.kind === 'folder') continue;
    requirePlain(header, name);
    if (size > limits.fileBytes)
      throw new TarRefused(`holds \`${name}\` of ${size} bytes; at most ${limits.fileBytes} are allowed`);
    files.push({ name, mode: header.mode, content });
    if (files.length > limits.files) throw new TarRefused(`holds more than ${limits.files} files`);
  }
  return files;
}

function headerAt(tar: Buffer, at: number): TarHeader | undefined {
  const block = tar.subarray(at, at + tarBlock);
  if (block.length < tarBlock) throw new TarRefused('is cut off');
  const header = readTarHeader(block);
  if (header !== undefined && 'damaged' in header) throw new TarRefused(`is damaged: ${header.damaged}`);
  return header;
}

function contentAt(tar: Buffer, at: number, size: number): Buffer {
  if (at + size > tar.length) throw new TarRefused('is cut off');
  return tar.subarray(at, at + size);
}

function isExtension({ kind }: TarHeader): boolean {
  return kind === 'pax' || kind === 'pax-global' || kind === 'long-name';
}

function readExtension(header: TarHeader, content: Buffer): PaxRecords {
  if (content.length > longestExtension)
    throw new TarRefused(
      `has an extended header of ${content.length} bytes; at most ${longestExtension} are allowed`,
    );
  if (header.kind === 'long-name') return { path: longName(content) };
  const records = readPax(content);
  if ('damaged' in records) throw new TarRefused(`is damaged: ${records.damaged}`);
  // `git archive` writes a comment there; a name or size for all files makes no sense.
  if (header.kind === 'pax' || (records.path === undefined && records.size === undefined)) return records;
  throw new TarRefused('is damaged: a global header names a file');
}

function longName(content: Buffer): string {
  const end = content.indexOf(0);
  const name = end < 0 ? content : content.subarray(0, end);
  if (!isUtf8(name)) throw new TarRefused('is damaged: a name is not UTF-8');
  return name.toString('utf8');
}

function requirePlain({ kind }: TarHeader, name: string): void {
  if (kind === 'link') throw new TarRefused(`holds a link, \`${name}\``);
  if (kind === 'device') throw new TarRefused(`holds a device or pipe, \`${name}\``);
  if (kind === 'other') throw new TarRefused(`holds something that is neither file nor folder, \`${name}\``);
}
