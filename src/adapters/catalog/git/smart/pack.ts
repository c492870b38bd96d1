import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';

/** An object of a repository. */
export interface GitObject {
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly content: Buffer;
}

/** A pack that is damaged, or holds more than is allowed. */
export class PackRefused extends Error {}

export interface PackBounds {
  readonly objects: number;
  /** Of one object, unpacked. */
  readonly objectBytes: number;
  /** Of all together, unpacked. */
  readonly totalBytes: number;
}

const types: Readonly<Record<number, GitObject['type']>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const offsetDelta = 6;
const namedDelta = 7;

interface Packed {
  readonly at: number;
  readonly type: number;
  readonly content: Buffer;
  /** What a delta is one of: the place of another object in the pack, or its name. */
  readonly base?: number | string;
}

/**
 * Reads a pack (gitformat-pack(5)). An object's name is made here of its content, so a server cannot give one for another. Sizes are held
 * against the bounds before anything is unpacked.
 *
 * @throws PackRefused
 */
export function readPack(pack: Buffer, bounds: PackBounds): ReadonlyMap<string, GitObject> {
  const budget = budgetOf(bounds);
  const packed = readPacked(pack, budget, bounds);
  const byPlace = new Map(packed.map((one) => [one.at, one]));
  const made = new Map<number, GitObject>();
  const named = new Map<string, GitObject>();
  const keep = (at: number, object: GitObject) => {
    made.set(at, object);
    named.set(nameOf(object), object);
  };
  for (const { at, type, content } of packed) {
    const known = types[type];
    if (known !== undefined) keep(at, { type: known, content });
  }
  const baseOf = ({ base }: Packed) => (typeof base === 'number' ? made.get(base) : named.get(base ?? ''));
  // A base may stand behind what is made of it, and be made of another itself.
  let open = packed.filter(({ at }) => !made.has(at));
  while (open.length > 0) {
    const left = open.filter((one) => {
      const base = baseOf(one);
      if (base === undefined) return true;
      keep(one.at, { type: base.type, content: applyDelta(base.content, one.content, budget) });
      return false;
    });
    if (left.length === open.length)
      throw new PackRefused('it holds a change of something that is not there');
    open = left;
  }
  if (byPlace.size !== packed.length) throw new PackRefused('it is damaged');
  return named;
}

/** Names of the objects, as git makes them with SHA-1. */
function nameOf({ type, content }: GitObject): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

type Budget = (bytes: number) => void;

function budgetOf({ objectBytes, totalBytes }: PackBounds): Budget {
  let left = totalBytes;
  return (bytes) => {
    left -= bytes;
    if (bytes > objectBytes || left < 0)
      throw new PackRefused(
        `it unpacks to more than ${bytes > objectBytes ? objectBytes : totalBytes} bytes`,
      );
  };
}

function readPacked(pack: Buffer, budget: Budget, { objects }: PackBounds): readonly Packed[] {
  const end = pack.length - 20;
  const isWhole =
    end >= 12 &&
    pack.toString('latin1', 0, 4) === 'PACK' &&
    [2, 3].includes(pack.readUInt32BE(4)) &&
    createHash('sha1').update(pack.subarray(0, end)).digest().equals(pack.subarray(end));
  if (!isWhole) throw new PackRefused('it is damaged or cut off');
  const count = pack.readUInt32BE(8);
  if (count > objects) throw new PackRefused(`it holds more than ${objects} objects`);
  const found: Packed[] = [];
  let at = 12;
  while (found.length < count) {
    const entry = readEntry(pack.subarray(0, end), at, budget);
    found.push(entry.packed);
    at = entry.next;
  }
  return found;
}

function readEntry(
  pack: Buffer,
  at: number,
  budget: Budget,
): { readonly packed: Packed; readonly next: number } {
  let next = at;
  const take = (): number => {
    const byte = pack[next];
    if (byte === undefined) throw new PackRefused('it is cut off');
    next += 1;
    return byte;
  };
  let byte = take();
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  for (let factor = 16; byte >= 128; factor *= 128) {
    byte = take();
    size += (byte & 127) * factor;
  }
  let base: number | string | undefined;
  if (type === offsetDelta) {
    byte = take();
    let back = byte & 127;
    while (byte >= 128) {
      byte = take();
      back = (back + 1) * 128 + (byte & 127);
    }
    base = at - back;
  } else if (type === namedDelta) {
    base = pack.toString('hex', next, next + 20);
    next += 20;
  } else if (types[type] === undefined) throw new PackRefused('it holds an object of no known kind');
  budget(size);
  const { content, bytes } = inflate(pack.subarray(next), size);
  return { packed: { at, type, content, ...(base === undefined ? {} : { base }) }, next: next + bytes };
}

/** Exactly as much as was told; what follows it is the next object. */
function inflate(packed: Buffer, size: number): { readonly content: Buffer; readonly bytes: number } {
  try {
    const options = { maxOutputLength: Math.max(size, 1), info: true } as const;
    const { buffer, engine } = inflateSync(packed, options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (buffer.length === size) return { content: buffer, bytes: engine.bytesWritten };
  } catch {
    // told below
  }
  throw new PackRefused('it is damaged');
}

/** Copies of the base and new bytes, one after the other (gitformat-pack(5), "Deltified representation"). */
function applyDelta(base: Buffer, delta: Buffer, budget: Budget): Buffer {
  let at = 0;
  const take = (): number => {
    const byte = delta[at];
    if (byte === undefined) throw new PackRefused('it is damaged');
    at += 1;
    return byte;
  };
  const number = (): number => {
    let [value, byte] = [0, 128];
    for (let factor = 1; byte >= 128; factor *= 128) {
      byte = take();
      value += (byte & 127) * factor;
    }
    return value;
  };
  if (number() !== base.length) throw new PackRefused('it is damaged');
  const size = number();
  budget(size);
  const made = Buffer.alloc(size);
  let to = 0;
  while (at < delta.length) {
    const code = take();
    const [from, start, length] = code >= 128 ? copied(base, code, take) : [delta, at, code];
    if (code < 128) at += length;
    if (code === 0 || start + length > from.length || to + length > size)
      throw new PackRefused('it is damaged');
    from.copy(made, to, start, start + length);
    to += length;
  }
  if (to !== size) throw new PackRefused('it is damaged');
  return made;
}

/** Bits of the code say which bytes of place and length follow. */
function copied(base: Buffer, code: number, take: () => number): readonly [Buffer, number, number] {
  const read = (bits: readonly number[]) =>
    bits.reduce((value, bit, index) => ((code & bit) === 0 ? value : value + take() * 256 ** index), 0);
  const start = read([1, 2, 4, 8]);
  const length = read([16, 32, 64]);
  return [base, start, length === 0 ? 65_536 : length];
}
