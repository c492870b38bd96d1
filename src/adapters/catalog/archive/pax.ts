import { isUtf8 } from 'node:buffer';

/** What extended headers say of the entry that follows. */
export interface PaxRecords {
  readonly path?: string;
  readonly size?: number;
}

/**
 * Reads the records of an extended header (POSIX.1-2017 pax: `length key=value\n`). What does not change which bytes the
 * entry has, and where, is passed over: times, owners, attributes.
 *
 * @returns the reason where it is damaged, or makes files of other than its bytes (sparse files)
 */
export function readPax(bytes: Buffer): PaxRecords | { readonly damaged: string } {
  let records: PaxRecords = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 || space - at > 7 ? '' : bytes.toString('latin1', at, space);
    const length = /^[1-9]\d*$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    if (length < digits.length + 3 || end > bytes.length || bytes[end - 1] !== 0x0a)
      return { damaged: 'an extended header is damaged' };
    const record = bytes.subarray(space + 1, end - 1);
    const equals = record.indexOf(0x3d);
    if (equals < 1) return { damaged: 'an extended header is damaged' };
    const read = readRecord(record.toString('latin1', 0, equals), record.subarray(equals + 1));
    if ('damaged' in read) return read;
    records = { ...records, ...read };
    at = end;
  }
  return records;
}

function readRecord(key: string, value: Buffer): PaxRecords | { readonly damaged: string } {
  if (key.startsWith('GNU.sparse.')) return { damaged: 'it holds a sparse file' };
  if (key === 'path') {
    if (!isUtf8(value) || value.includes(0)) return { damaged: 'a name is not UTF-8' };
    return { path: value.toString('utf8') };
  }
  if (key !== 'size') return {};
  const text = value.toString('latin1');
  return /^\d{1,15}$/.test(text)
    ? { size: Number(text) }
    : { damaged: 'an extended header has a size that is no number' };
}
