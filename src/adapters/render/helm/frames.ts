import { AppstoreError } from '../../../domain/errors.ts';
import { parseExact } from '../../../domain/exact-json.ts';
import type { JsonObject } from '../../../domain/json.ts';

/** The largest public charts render to some 5 MiB. */
const largestFrame = 64 * 1024 * 1024;

/**
 * A frame: the length of all that follows, the length of the header, the header in JSON, the body. Lengths are four bytes,
 * little-endian. The same bytes go to the process and to WebAssembly (src/helm/engine/wire.go reads them).
 */
export function encodeFrame(header: unknown, body: readonly Uint8Array[] = []): Uint8Array {
  const text = Buffer.from(JSON.stringify(header));
  const size = body.reduce((sum, part) => sum + part.length, 0);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(4 + text.length + size, 0);
  lengths.writeUInt32LE(text.length, 4);
  return Buffer.concat([lengths, text, ...body]);
}

/** Puts frames together from bytes as they come; those of the engine have no body. */
export class FrameReader {
  private readonly chunks: Uint8Array[] = [];
  private buffered = 0;
  private wanted = 0;

  /** The headers of the frames that are whole with these bytes. Throws INTERNAL where they are no frames. */
  push(chunk: Uint8Array): JsonObject[] {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    const headers: JsonObject[] = [];
    // Joined only when the frame is whole: a large one comes in thousands of pieces.
    while (this.buffered >= Math.max(8, this.wanted)) {
      const all = Buffer.concat(this.chunks);
      const size = 4 + all.readUInt32LE(0);
      if (size < 8) throw notFrames();
      if (size > largestFrame) throw tooLarge();
      this.wanted = size;
      this.chunks.splice(0, this.chunks.length, all);
      if (all.length < size) break;
      headers.push(parseHeader(all.subarray(8, size)));
      this.chunks.splice(0, 1, all.subarray(size));
      this.buffered = all.length - size;
      this.wanted = 0;
    }
    return headers;
  }
}

function parseHeader(bytes: Buffer): JsonObject {
  try {
    return parseExact(bytes.toString('utf8')) as JsonObject;
  } catch (cause) {
    throw notFrames(cause);
  }
}

function tooLarge(): AppstoreError {
  const most = largestFrame / 1024 / 1024;
  return new AppstoreError('RENDER_LIMIT', `the chart renders to more than ${most} MiB`);
}

function notFrames(cause?: unknown): AppstoreError {
  return new AppstoreError('INTERNAL', 'the engine for Helm charts answers in a way that is not understood', {
    hint: 'Run `npm run build` again: the engine is of another version.',
    cause,
  });
}
