import type { Readable } from 'node:stream';
import { AppstoreError } from '../../domain/errors.ts';
import { LostConnection, type WireResponse } from './connection.ts';
import type { WireBody } from './wire-body.ts';

/** Longest answer that is read: far above a page of 500 objects, far below what would end the process. */
const LIMIT = 256 * 1024 * 1024;

/** Reads an answer to its end. Throws LostConnection where it breaks off, or the reason of the signal. */
export async function readBody(response: WireResponse, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decoded(response, signal)) {
    size += chunk.length;
    if (size > LIMIT) {
      response.body.cancel();
      throw new AppstoreError('API_ERROR', `the server's answer is longer than ${LIMIT / 1024 / 1024} MiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString();
}

/** The body as it comes, unpacked. Throws as `readBody`. */
export async function* decoded(response: WireResponse, signal: AbortSignal): AsyncGenerator<Buffer> {
  const source =
    response.headers['content-encoding'] === 'gzip' ? await gunzip(response.body) : response.body;
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new LostConnection('unknown', error);
  }
  if (signal.aborted) throw signal.reason;
}

/** Loaded when an answer is packed, which over loopback none is. */
async function gunzip(packed: WireBody): Promise<Readable> {
  const [{ Readable }, { createGunzip }] = await Promise.all([import('node:stream'), import('node:zlib')]);
  const unpacked = createGunzip();
  const body = Readable.from(packed);
  body.on('error', (error) => unpacked.destroy(error));
  return body.pipe(unpacked);
}
