import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { codeCache } from '../../src/start/code-cache.ts';
import { scriptLoader } from '../../src/start/load-scripts.ts';

let folder = '';
let program = '';
let caches = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'code-'));
  program = join(folder, 'program');
  caches = join(folder, 'caches');
  await mkdir(program);
  await writeFile(join(program, 'main.js'), main);
  await writeFile(join(program, 'part.js'), 'exports.times = (a, b) => a * b;');
  await writeFile(join(program, 'late.js'), 'exports.late = () => "late";');
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const main = `const part = require('./part.js');
exports.answer = () => part.times(6, 7);
exports.late = () => require('./late.js').late();
exports.where = () => [__filename, __dirname, require('node:path').sep];`;

interface Main {
  answer(): number;
  late(): string;
  where(): string[];
}

/** One run of the program. Answers which files came from the cache. */
function run(use: (main: Main) => unknown = ({ answer }) => expect(answer()).toBe(42)): string[] {
  const cache = codeCache(caches, 'key', 'command');
  const known: string[] = [];
  const load = scriptLoader(program, {
    ...cache,
    loaded(file: string, stamp: string, script: Script) {
      if (script.cachedDataRejected === false) known.push(file);
      cache.loaded(file, stamp, script);
    },
  });
  use(load('main.js') as Main);
  cache.save();
  return known;
}

const kept = () => join(caches, 'key', 'command.code');

test('a file is like one of Node', () => {
  run((main) => expect(main.where()).toEqual([join(program, 'main.js'), program, '/']));
});

test('what was compiled is there for the next run, with the functions that ran', async () => {
  expect(run(() => {})).toEqual([]);
  const { size } = await stat(kept());
  expect(run()).toEqual(['main.js', 'part.js']);
  expect((await stat(kept())).size).toBeGreaterThan(size);
});

test('what a later run loads comes to the rest, which stays', () => {
  run();
  run((main) => expect(main.late()).toBe('late'));
  expect(run()).toEqual(['main.js', 'part.js']);
  expect(run((main) => main.late())).toEqual(['main.js', 'part.js', 'late.js']);
});

test('it is written ever more seldom', async () => {
  const written: number[] = [];
  for (let at = 1; at <= 9; at++) {
    const before = await readFile(kept()).catch(() => undefined);
    const { ino } = before === undefined ? { ino: 0 } : await stat(kept());
    run();
    if ((await stat(kept())).ino !== ino) written.push(at);
  }
  expect(written).toEqual([1, 2, 4, 8]);
});

test('another file of the same size is compiled anew', async () => {
  run();
  await writeFile(join(program, 'part.js'), 'exports.times = (a, b) => a - b;');
  expect(run((main) => expect(main.answer()).toBe(-1))).toEqual(['main.js']);
  expect(run((main) => expect(main.answer()).toBe(-1))).toEqual(['main.js', 'part.js']);
});

test('every command, version and Node has its own', async () => {
  run();
  expect(codeCache(caches, 'key', 'other').read('main.js', await stampOf('main.js'))).toBeUndefined();
  expect(codeCache(caches, 'other', 'command').read('main.js', await stampOf('main.js'))).toBeUndefined();
  expect(codeCache(caches, 'key', 'command').read('main.js', await stampOf('main.js'))).toBeDefined();
});

async function stampOf(name: string): Promise<string> {
  const { size, mtimeMs } = await stat(join(program, name));
  return `${size} ${mtimeMs}`;
}

describe('a damaged cache is none', () => {
  const middle = (bytes: Buffer) => Math.floor(bytes.length / 2);
  const flipped = (at: (bytes: Buffer) => number) => (bytes: Buffer) => {
    const place = at(bytes);
    bytes[place] = (bytes[place] ?? 0) ^ 4;
    return bytes;
  };
  test.each<readonly [string, (bytes: Buffer) => Buffer]>([
    ['empty', () => Buffer.alloc(0)],
    ['its mark alone', (bytes) => bytes.subarray(0, 16)],
    ['cut in the middle', (bytes) => bytes.subarray(0, middle(bytes))],
    ['without its last byte', (bytes) => bytes.subarray(0, -1)],
    ['zeroes', (bytes) => Buffer.alloc(bytes.length)],
    ['zeroes from the middle on', (bytes) => bytes.fill(0, middle(bytes))],
    ['another beginning', flipped(() => 3)],
    ['another end', flipped((bytes) => bytes.length - 3)],
    ['a length beyond everything', flipped((bytes) => bytes.length - 17)],
    ['a table that is no JSON', flipped((bytes) => bytes.length - 21)],
    ['text', () => Buffer.from('not code at all '.repeat(99))],
  ])('%s', async (_what, damage) => {
    run();
    await writeFile(kept(), damage(await readFile(kept())));
    expect(run()).toEqual([]);
    expect(run()).toEqual(['main.js', 'part.js']);
  });

  test('one wrong bit of the code of one file, wherever it is', async () => {
    run();
    const whole = await readFile(kept());
    const table = JSON.parse(whole.toString('latin1', whole.lastIndexOf('[{'), whole.lastIndexOf('}]') + 2));
    const [first] = table as { at: number; length: number; file: string }[];
    if (first === undefined) throw new Error('no file');
    for (let step = 0; step < 40; step++) {
      const bytes = Buffer.from(whole);
      const place = first.at + Math.floor((first.length * step) / 40);
      bytes[place] = (bytes[place] ?? 0) ^ (1 << (step % 8));
      await writeFile(kept(), bytes);
      expect(run()).toEqual(['main.js', 'part.js'].filter((name) => name !== first.file));
    }
  });

  test('of another user', () => {
    run();
    const uid = process.getuid?.() ?? 0;
    vi.spyOn(process, 'getuid').mockReturnValue(uid + 1);
    expect(run()).toEqual([]);
  });
});

test('where nothing can be written nothing is', async () => {
  await writeFile(caches, 'a file');
  expect(run()).toEqual([]);
  expect(run()).toEqual([]);
  expect(await readFile(caches, 'utf8')).toBe('a file');
});

test('it is for its user alone, and leaves no drafts', async () => {
  run();
  run();
  expect((await stat(join(caches, 'key'))).mode & 0o777).toBe(0o700);
  expect((await stat(kept())).mode & 0o777).toBe(0o600);
  expect((await readdir(join(caches, 'key'))).sort()).toEqual(['command.code', 'command.runs']);
});

test('a draft that a killed run left is not in the way for long', async () => {
  run();
  await rm(kept());
  await writeFile(`${kept()}.${process.pid}`, 'half');
  run();
  run();
  expect(run()).toEqual(['main.js', 'part.js']);
  expect((await readdir(join(caches, 'key'))).sort()).toEqual(['command.code', 'command.runs']);
});

test('what versions left that nobody runs any more goes', async () => {
  const day = 24 * 3600;
  for (const [name, days] of [
    ['old', 40],
    ['recent', 20],
  ] as const) {
    await mkdir(join(caches, name), { recursive: true });
    await writeFile(join(caches, name, 'list.code'), 'x');
    await chmod(join(caches, name), 0o700);
    const at = Date.now() / 1000 - days * day;
    await utimes(join(caches, name), at, at);
  }
  run();
  expect((await readdir(caches)).sort()).toEqual(['key', 'recent']);
});
