import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib';
import type { ObjectRef } from '../../../domain/objects.ts';
import { damaged } from './damage.ts';

/** Up to so many bytes are packed at once: another thread would take longer to be handed them. */
const packedAtOnce = 64 * 1024;
/** Gzip makes at most a thousandfold of what it is given, so that no hostile archive holds the thread for long. */
const unpackedAtOnce = 16 * 1024;

/** Compresses; off the main thread where it takes a while, so that requests go on. */
export async function pack(content: Uint8Array): Promise<Buffer> {
  return content.length <= packedAtOnce ? gzipSync(content) : promisify(gzip)(content);
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
    const options = { maxOutputLength: most };
    return packed.length <= unpackedAtOnce
      ? gunzipSync(packed, options)
      : await promisify(gunzip)(packed, options);
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
