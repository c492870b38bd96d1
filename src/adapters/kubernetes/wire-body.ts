import type { Readable } from 'node:stream';

/** The body of an answer while it comes. Throws where the connection breaks in the middle. */
export interface WireBody extends AsyncIterable<Buffer> {
  /** Gives up the rest. */
  cancel(): void;
}

/** Chunks that are held before the other side is asked to wait. */
const HELD = 256;

/**
 * Takes the data of a stream from this moment on. Node destroys an HTTP/2 stream that was reset after its last byte, as Go's
 * server may do, and a reader that begins only a few ticks later then finds "Premature close" instead of the data (seen in one
 * of 3,000 requests).
 *
 * `complete` says, when the stream ends, whether the answer did: Node ends the streams of a lost connection as if all had come.
 */
export function wireBody(stream: Readable, complete: () => boolean): WireBody {
  const chunks: Buffer[] = [];
  let end: { readonly error?: unknown } | undefined;
  let wake = () => {};
  const finish = (how: { readonly error?: unknown }) => {
    end ??= how;
    wake();
  };
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (chunks.length >= HELD) stream.pause();
    wake();
  });
  const cutOff = { error: new Error('closed before the end of the answer') };
  stream.once('end', () => finish(complete() ? {} : cutOff));
  stream.once('error', (error) => finish({ error }));
  stream.once('close', () => finish(cutOff));
  return {
    cancel: () => stream.destroy(),
    async *[Symbol.asyncIterator]() {
      for (;;) {
        yield* chunks.splice(0);
        if (stream.isPaused()) stream.resume();
        if (chunks.length > 0) continue;
        if (end !== undefined) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (end.error !== undefined) throw end.error;
    },
  };
}
