import type { WasmMemory } from './web-assembly.ts';

/**
 * As much of WASI (preview 1) as Go's runtime asks for: a clock, random bytes, and three streams. There are no files, no environment,
 * no arguments and no network. https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
export interface WasiStreams {
  /** Fills the bytes from what was sent and tells how many; waits until there are some. */
  read(into: Uint8Array): number;
  write(bytes: Uint8Array): void;
  log(bytes: Uint8Array): void;
}

/** Thrown by `proc_exit`, which does not return. */
export class WasiExit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit code ${code}`);
    this.code = code;
  }
}

const errno = { success: 0, badFile: 8, notSupported: 58 } as const;

/** Kind of a stream that is read and written byte by byte. */
const characterDevice = 2;

type Call = (...values: never[]) => number;

/** @param memory of the instance, which is there only after this is made */
export function wasiImports(
  names: readonly string[],
  memory: () => WasmMemory,
  streams: WasiStreams,
): Record<string, Call> {
  const view = () => new DataView(memory().buffer);
  const known: Record<string, Call> = {
    args_sizes_get: (count: number, size: number) => setNone(view(), count, size),
    environ_sizes_get: (count: number, size: number) => setNone(view(), count, size),
    args_get: () => errno.success,
    environ_get: () => errno.success,
    clock_time_get: (id: number, _precision: bigint, at: number) => {
      view().setBigUint64(at, nanoseconds(id), true);
      return errno.success;
    },
    random_get: (at: number, size: number) => fillRandom(new Uint8Array(memory().buffer, at, size)),
    sched_yield: () => errno.success,
    proc_exit: (code: number) => {
      throw new WasiExit(code);
    },
    fd_fdstat_get: (fd: number, at: number) => describeStream(view(), fd, at),
    fd_fdstat_set_flags: () => errno.success,
    fd_close: () => errno.success,
    // No folder is open before the start.
    fd_prestat_get: () => errno.badFile,
    fd_read: (fd: number, vectors: number, count: number, done: number) => {
      if (fd !== 0) return errno.badFile;
      const [first] = parts(memory().buffer, vectors, count);
      view().setUint32(done, first === undefined ? 0 : streams.read(first), true);
      return errno.success;
    },
    fd_write: (fd: number, vectors: number, count: number, done: number) => {
      if (fd !== 1 && fd !== 2) return errno.badFile;
      const all = parts(memory().buffer, vectors, count);
      for (const part of all) fd === 1 ? streams.write(part) : streams.log(part);
      view().setUint32(
        done,
        all.reduce((sum, part) => sum + part.length, 0),
        true,
      );
      return errno.success;
    },
    poll_oneoff: (subscriptions: number, events: number, count: number, done: number) =>
      waitForClock(view(), subscriptions, events, count, done),
  };
  return Object.fromEntries(names.map((name) => [name, known[name] ?? (() => errno.notSupported)]));
}

function setNone(view: DataView, count: number, size: number): number {
  view.setUint32(count, 0, true);
  view.setUint32(size, 0, true);
  return errno.success;
}

function nanoseconds(clock: number): bigint {
  return clock === 0 ? BigInt(Date.now()) * 1_000_000n : process.hrtime.bigint();
}

/** At most 65,536 bytes at once, as the web's API has it. */
function fillRandom(bytes: Uint8Array<ArrayBuffer>): number {
  for (let at = 0; at < bytes.length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return errno.success;
}

function describeStream(view: DataView, fd: number, at: number): number {
  if (fd > 2) return errno.badFile;
  for (let offset = 0; offset < 24; offset++) view.setUint8(at + offset, 0);
  view.setUint8(at, characterDevice);
  // All rights: what cannot be done says so itself.
  view.setBigUint64(at + 8, 0xffffffffffffffffn, true);
  return errno.success;
}

function parts(buffer: ArrayBuffer, vectors: number, count: number): Uint8Array[] {
  const view = new DataView(buffer);
  return Array.from({ length: count }, (_, index) => {
    const at = vectors + 8 * index;
    return new Uint8Array(buffer, view.getUint32(at, true), view.getUint32(at + 4, true));
  });
}

const subscriptionSize = 48;
const eventSize = 32;

/** Sleeps until the nearest of the clocks that are waited for, and tells of that one. Streams are never waited for this way. */
function waitForClock(view: DataView, from: number, to: number, count: number, done: number): number {
  const clocks = Array.from({ length: count }, (_, index) => from + index * subscriptionSize)
    .filter((at) => view.getUint8(at + 8) === 0)
    .map((at) => ({ userdata: view.getBigUint64(at, true), wait: waitOf(view, at) }))
    .sort((a, b) => a.wait - b.wait);
  const [first] = clocks;
  view.setUint32(done, first === undefined ? 0 : 1, true);
  if (first === undefined) return errno.success;
  if (first.wait > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, first.wait);
  for (let offset = 0; offset < eventSize; offset++) view.setUint8(to + offset, 0);
  view.setBigUint64(to, first.userdata, true);
  return errno.success;
}

/** Milliseconds. */
function waitOf(view: DataView, at: number): number {
  const timeout = view.getBigUint64(at + 24, true);
  const absolute = view.getUint16(at + 40, true) === 1;
  const rest = absolute ? timeout - nanoseconds(view.getUint32(at + 16, true)) : timeout;
  return Math.max(0, Number(rest) / 1e6);
}
