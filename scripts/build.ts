import { rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { dynamicCommonJs } from './bundle/dynamic-commonjs.ts';
import { lazyLibraries } from './bundle/lazy-libraries.ts';
import { leanClientNode } from './bundle/lean-client-node.ts';
import { lightBuiltins } from './bundle/light-builtins.ts';
import { addStart, toScripts } from './bundle/scripts.ts';
import { shelve } from './bundle/shelves.ts';
import { copyEngine, provideEngine } from './helm-engine/build.ts';
import { buildStorefront, sizesText } from './storefront.ts';

const root = join(import.meta.dirname, '..');

/** Files by the names that they get. */
type Program = Record<string, string>;

/** What is built together shares chunks: each of these is run by itself. */
const programs: readonly Program[] = [
  { main: 'src/main.ts' },
  { supervise: 'src/adapters/sandbox/supervise.ts' },
  { 'wasm-worker': 'src/adapters/render/helm/wasm-worker.ts' },
];

/**
 * Makes dist/: start.js, which loads the others with their compiled code, main.js, supervise.js (the process that looks after a
 * sandbox), wasm-worker.js (the thread that charts are rendered in where there is no helper for the platform), and flat beside them
 * the parts that are loaded only when a command needs them. Everything is in there; the catalog, the schemas and the sandbox's sources of programs are found from the package's folder,
 * one above dist/.
 */
export async function bundle(outdir: string, ...given: readonly Program[]): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const all: Metafile = { inputs: {}, outputs: {} };
  for (const program of given.length > 0 ? given : programs) {
    const { inputs, outputs } = await buildOne(outdir, program);
    Object.assign(all.inputs, inputs);
    Object.assign(all.outputs, outputs);
  }
  await addStart(outdir, await toScripts(outdir));
  return all;
}

async function buildOne(outdir: string, entryPoints: Program): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    chunkNames: '[name]-[hash]',
    // Names stay, so that a stack trace under -v can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'external',
    metafile: true,
    logLevel: 'warning',
    plugins: [shelve(), leanClientNode(), lazyLibraries(), lightBuiltins(), dynamicCommonJs()],
  });
  return metafile;
}

/** Puts the engine for Helm charts into dist/helm, built where its sources changed. */
export async function addEngine(dist: string): Promise<string> {
  const folder = await provideEngine({
    cache: join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'appstore'),
    environment: process.env,
    signal: new AbortController().signal,
    tell: (line) => console.error(line),
  });
  if (folder === undefined)
    return 'dist/helm: left out, charts need it: there is no Go on PATH to build it with';
  const files = await copyEngine(folder, join(dist, 'helm'));
  const sizes = await Promise.all(
    files.map(async (file) => `${file} ${kilobytes((await stat(join(dist, 'helm', file))).size)}`),
  );
  return `dist/helm: ${sizes.join(', ')}`;
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}

if (import.meta.main) {
  const dist = join(root, 'dist');
  const { outputs } = await bundle(dist);
  const scripts = Object.entries(outputs).filter(([file]) => file.endsWith('.js'));
  const total = scripts.reduce((sum, [, output]) => sum + output.bytes, 0);
  const main = outputs['dist/main.js']?.bytes ?? 0;
  console.log(`dist/: ${scripts.length} files, ${kilobytes(total)}; main.js ${kilobytes(main)}`);
  console.log(sizesText(await buildStorefront(join(dist, 'storefront'))));
  console.log(await addEngine(dist));
}
