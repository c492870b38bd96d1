import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ObjectRef } from '../../../domain/objects.ts';
import { damaged } from './damage.ts';

/** Compresses; off the main thread, so that requests go on. */
export async function pack(content: Uint8Array): Promise<Buffer> {
  return promisify(gzip)(content);
}

/**
 * The reverse of `pack`. Throws RECORD_INVALID naming the object, also where there is more than `most` bytes in it: a small
 * archive can hold a very large file.
 */
export async function unpack(
  ref: ObjectRef,
  content: { readonly place: string; readonly most: number },
  packed: Uint8Array,
): Promise<Buffer> {
  const { place, most } = content;
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: most });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw damaged(ref, `${place} ${tooLarge ? `is larger than ${most} bytes` : 'cannot be unpacked'}`, error);
  }
}

/** Cuts bytes into parts of at most `size`; at least one, possibly empty. */
export function split(bytes: Buffer, size: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}

/** Reads base64 out of `data` or `binaryData`; undefined where the key is not there. */
export function fromBase64(data: unknown, key: string): Buffer | undefined {
  const text = (data as Record<string, unknown> | undefined)?.[key];
  return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
}
