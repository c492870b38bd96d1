import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/**
 * What V8 made of the program's files, kept between runs: with the functions that ran, which Node's own compile cache leaves out and
 * every run would compile anew (docs/decisions/0056). Nothing here may fail a run: what cannot be read is compiled, and what cannot be
 * written is left.
 */
export interface CodeCache {
  /** The compiled code of a file; undefined where there is none. It fits only where `stamp` is what it was made from. */
  read(file: string, stamp: string): Buffer | undefined;
  /** Notes a file that was loaded. */
  loaded(file: string, stamp: string, script: Script): void;
  /** To be called as the process ends: writes what was compiled, where that is worth it. */
  save(): void;
}

/** Keeps nothing. */
export const noCodeCache: CodeCache = { read: () => undefined, loaded() {}, save() {} };

/** One file in the cache of a command. */
interface Entry {
  readonly file: string;
  readonly stamp: string;
  readonly at: number;
  readonly length: number;
  readonly sum: number;
}

const magic = Buffer.from('appstore code 1\n');
/** V8 copies what does not lie at such an address. */
const alignment = 8;
/** Milliseconds after which the code of a version of the program, or of Node, that nobody ran is deleted. */
const keptFor = 30 * 24 * 3600 * 1000;

/**
 * @param folder That of the user: what lies in it is run.
 * @param key Names the build of the program and everything else that compiled code depends on.
 * @param command What is run: every command has a cache of its own, with just the functions that it needs.
 */
export function codeCache(folder: string, key: string, command: string): CodeCache {
  const place = join(folder, key);
  const file = join(place, `${command}.code`);
  const held = readHeld(file);
  const scripts = new Map<string, Loaded>();
  const isKnown = ([name, { stamp, script }]: [string, Loaded]): boolean =>
    held.get(name)?.stamp === stamp && script.cachedDataRejected === false;
  return {
    read(name, stamp) {
      const found = held.get(name);
      return found?.stamp === stamp && crc32(found.code) === found.sum ? found.code : undefined;
    },
    loaded(name, stamp, script) {
      scripts.set(name, { stamp, script });
    },
    save() {
      try {
        mkdirSync(place, { recursive: true, mode: 0o700 });
        // Whatever ran first is not all that a command can come to: it is gathered in a few runs, ever more seldom.
        const runs = countRun(join(place, `${command}.runs`));
        if ([...scripts].every(isKnown) && !isPowerOfTwo(runs)) return;
        const made = [...scripts].map(([name, { stamp, script }]) => {
          const code = script.createCachedData();
          return { name, stamp, code, sum: crc32(code) };
        });
        const others = [...held]
          .filter(([name]) => !scripts.has(name))
          .map(([name, one]) => ({ name, ...one }));
        replaceFile(file, pack([...made, ...others]));
        if (runs === 1) dropOld(folder, key);
      } catch {
        // The next run compiles as this one did.
      }
    },
  };
}

interface Loaded {
  readonly stamp: string;
  readonly script: Script;
}

interface Held {
  readonly stamp: string;
  readonly code: Buffer;
  /** CRC-32 of the code: V8 does not check it, and dies of code with one wrong bit. */
  readonly sum: number;
}

/** A file that is cut, or of somebody else, is none. */
function readHeld(file: string): ReadonlyMap<string, Held> {
  try {
    if (!isOurs(dirname(file)) || !isOurs(file)) return new Map();
    const bytes = readFileSync(file);
    const end = bytes.length - magic.length - 4;
    const whole = magic.equals(bytes.subarray(0, magic.length)) && magic.equals(bytes.subarray(end + 4));
    if (!whole) return new Map();
    const table: readonly Entry[] = JSON.parse(bytes.toString('latin1', end - bytes.readUInt32LE(end), end));
    return new Map(
      table.map(({ file: name, stamp, at, length, sum }) => [
        name,
        { stamp, sum, code: bytes.subarray(at, at + length) },
      ]),
    );
  } catch {
    return new Map();
  }
}

/** What lies there is run: it must not be another user's, who could have written anything. */
function isOurs(path: string): boolean {
  return process.getuid === undefined || statSync(path).uid === process.getuid();
}

/** Mark, the code of every file, where it lies, the length of that, mark: a file that was cut is known by its end. */
function pack(files: readonly (Held & { readonly name: string })[]): Buffer {
  const parts: Buffer[] = [magic];
  let at = magic.length;
  const table = files.map(({ name, stamp, code, sum }): Entry => {
    const entry = { file: name, stamp, at, length: code.length, sum };
    const gap = Buffer.alloc((alignment - (code.length % alignment)) % alignment);
    parts.push(code, gap);
    at += code.length + gap.length;
    return entry;
  });
  const text = Buffer.from(JSON.stringify(table), 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([...parts, text, length, magic]);
}

/** The runs of a command so far, this one included: as many bytes as its file has. */
function countRun(file: string): number {
  appendFileSync(file, '.', { mode: 0o600 });
  return statSync(file).size;
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}

/** Other runs read it meanwhile: they see the old file or the new one, whole. */
function replaceFile(file: string, bytes: Buffer): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, bytes, { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Folders of other versions that were not used for long. */
function dropOld(folder: string, key: string): void {
  for (const name of readdirSync(folder)) {
    const place = join(folder, name);
    if (name !== key && Date.now() - statSync(place).mtimeMs > keptFor)
      rmSync(place, { recursive: true, force: true });
  }
}
