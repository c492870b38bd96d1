import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { engineFiles } from '../../src/adapters/render/helm/choose.ts';
import { findOnPath, isExecutable } from '../../src/adapters/sandbox/find-programs.ts';
import { withLock } from '../../src/adapters/sandbox/lock.ts';
import { limitMemory } from './memory-limit.ts';

const root = join(import.meta.dirname, '..', '..');
const sources = join(root, 'src', 'helm', 'engine');

/** The most that a chart in WebAssembly gets. */
const wasmMemory = 512 * 1024 * 1024;

export interface BuildOptions {
  /** The user's cache of this product; what is built is kept there by what it is built from. */
  readonly cache: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  tell(line: string): void;
}

/** Folder in the cache that holds both builds of the engine, built where it does not; undefined where there is no Go to build with. */
export async function provideEngine(options: BuildOptions): Promise<string | undefined> {
  const parent = join(options.cache, 'helm-engine');
  const folder = join(parent, await stamp());
  if (await isBuilt(folder)) return folder;
  const go = await findOnPath('go', options.environment.PATH);
  if (go === undefined) return undefined;
  await mkdir(folder, { recursive: true });
  const wait = (_: number | undefined, seconds: number) => {
    if (seconds % 10 === 0) options.tell('another process builds the engine for Helm charts: waiting');
  };
  await withLock(parent, 'engine', { signal: options.signal, onWait: wait }, async () => {
    if (await isBuilt(folder)) return;
    options.tell('building the engine for Helm charts, once');
    await buildBoth(go, folder, options);
  });
  return folder;
}

/** Puts both builds into a folder, and tells their names. */
export async function copyEngine(from: string, to: string): Promise<readonly string[]> {
  const files = Object.values(engineFiles);
  await mkdir(to, { recursive: true });
  for (const file of files) await copyFile(join(from, file), join(to, file));
  return files;
}

/** The module is made last: where it is, all is. */
async function isBuilt(folder: string): Promise<boolean> {
  return (
    (await isExecutable(join(folder, engineFiles.native))) &&
    (await readFile(join(folder, engineFiles.wasm)).then(
      () => true,
      () => false,
    ))
  );
}

/** All that the result depends on: the sources, and how they are built (this folder). */
async function stamp(): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of [sources, import.meta.dirname]) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) {
      hash.update(`${file.slice(root.length)}\0`).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function buildBoth(go: string, folder: string, options: BuildOptions): Promise<void> {
  const native = join(folder, `${engineFiles.native}.part`);
  const wasm = join(folder, `${engineFiles.wasm}.part`);
  await compile(go, native, {}, options);
  await compile(go, wasm, { GOOS: 'wasip1', GOARCH: 'wasm' }, options);
  await writeFile(wasm, limitMemory(await readFile(wasm), wasmMemory));
  await rename(native, join(folder, engineFiles.native));
  await rename(wasm, join(folder, engineFiles.wasm));
}

/** Builds the helper for another platform, by Go's names for it (`go tool dist list`). Throws Error where Go fails, or is not there. */
export async function crossBuild(
  output: string,
  target: { readonly GOOS: string; readonly GOARCH: string },
  options: BuildOptions,
): Promise<void> {
  const go = await findOnPath('go', options.environment.PATH);
  if (go === undefined) throw new Error('there is no go on PATH to build the engine for Helm charts with');
  await compile(go, output, target, options);
}

async function compile(
  go: string,
  output: string,
  target: Readonly<Record<string, string>>,
  options: BuildOptions,
): Promise<void> {
  const args = [
    'build',
    '-mod=readonly',
    '-trimpath',
    '-buildvcs=false',
    '-ldflags',
    '-s -w',
    '-o',
    output,
    '.',
  ];
  const child = spawn(go, args, {
    cwd: sources,
    env: { ...options.environment, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '', ...target },
    stdio: ['ignore', 'inherit', 'inherit'],
    signal: options.signal,
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(`go build of the engine for Helm charts ended with exit code ${code}`);
}
