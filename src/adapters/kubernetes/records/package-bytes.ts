import type { PackageFile } from '../../../domain/app.ts';
import { isObject, type JsonObject } from '../../../domain/json.ts';
import type { ObjectRef } from '../../../domain/objects.ts';
import { countField, damaged, parseObject, textField } from './damage.ts';
import { recordLimits } from './limits.ts';

/** Writes the files of a package: one line of JSON with their paths, modes and sizes, then their bytes one after another. */
export function encodeFiles(files: readonly PackageFile[]): Buffer {
  const listed = files.map(({ path, mode, content }) => ({ path, mode, size: content.length }));
  const header = Buffer.from(`${JSON.stringify({ files: listed })}\n`, 'utf8');
  return Buffer.concat([header, ...files.map((file) => file.content)]);
}

/** The reverse. Throws RECORD_INVALID where the sizes do not add up. */
export function decodeFiles(ref: ObjectRef, bytes: Buffer): PackageFile[] {
  const end = bytes.indexOf('\n');
  const header = parseObject(ref, 'the list of files', bytes.subarray(0, Math.max(end, 0)).toString('utf8'));
  const listed = header.files;
  if (!Array.isArray(listed)) throw damaged(ref, 'the list of files is missing');
  let at = end + 1;
  const files = listed.map((entry, index) => {
    const file = readEntry(ref, isObject(entry) ? entry : {}, `file ${index + 1}`);
    const content = new Uint8Array(bytes.subarray(at, at + file.size));
    at += file.size;
    return { path: file.path, mode: file.mode, content };
  });
  if (at !== bytes.length) throw damaged(ref, 'the sizes of its files do not fit its content');
  return files;
}

function readEntry(
  ref: ObjectRef,
  entry: JsonObject,
  place: string,
): { path: string; mode: number; size: number } {
  return {
    path: textField(ref, place, entry, 'path'),
    mode: countField(ref, place, entry, { name: 'mode', least: 0, most: 0o177777 }),
    size: countField(ref, place, entry, { name: 'size', least: 0, most: recordLimits.blob }),
  };
}
