/** The storefront's files: `dist/storefront/`, with names that say what is in them, packed for the wire beforehand. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src', 'storefront');

/** Bytes that a first visit may load, packed (docs/storefront.md). */
export const firstLoadLimit = 60_000;

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'browser',
  target: ['es2023', 'chrome123', 'firefox128', 'safari17.5'],
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  minify: true,
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** A file of the storefront, as it is and as it goes over the wire. */
export interface BuiltFile {
  readonly name: string;
  readonly bytes: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** What was built. `first`: the files that the first page loads, the English texts and the style sheet among them. */
export interface BuiltStorefront {
  readonly files: readonly BuiltFile[];
  readonly first: readonly string[];
}

/**
 * Makes the storefront in a folder of its own.
 *
 * @throws Error where a first visit would load more than `firstLoadLimit` bytes
 */
export async function buildStorefront(outdir: string): Promise<BuiltStorefront> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const { metafile, outputFiles } = await build({
    ...common,
    entryPoints: { main: 'src/storefront/main.tsx', style: 'src/storefront/styles/storefront.css' },
    outdir,
    splitting: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    plugins: [linearPatterns()],
  });
  // It runs before the page is drawn, so that it is no module: those wait.
  const atOnce = await build({
    ...common,
    entryPoints: { early: 'src/storefront/early.ts' },
    outdir,
    format: 'iife',
  });
  const made = new Map(
    [...outputFiles, ...atOnce.outputFiles].map(({ path, contents }) => [
      basename(path),
      Buffer.from(contents),
    ]),
  );
  const icon = await readFile(join(source, 'icon.svg'));
  const iconName = `icon-${digestOf(icon)}.svg`;
  made.set(iconName, icon);
  const main = entryName(metafile, 'src/storefront/main.tsx');
  const style = entryName(metafile, 'src/storefront/styles/storefront.css');
  const early = entryName(atOnce.metafile, 'src/storefront/early.ts');
  const page = await readFile(join(source, 'index.html'), 'utf8');
  const names: Readonly<Record<string, string>> = { icon: iconName, early, style, main };
  const index = page.replace(/\{\{(\w+)\}\}/g, (_, name: string) => `/assets/${names[name] ?? ''}`);
  made.set('index.html', Buffer.from(index));
  const files = await Promise.all([...made].map(([name, content]) => written(outdir, name, content)));
  const english = entryName(metafile, 'src/storefront/i18n/en.ts');
  const loaded = [...reachedFrom(metafile, main), ...reachedFrom(metafile, english)];
  const all = ['index.html', iconName, early, style, ...new Set(loaded)];
  const bytes = files.filter(({ name }) => all.includes(name)).reduce((sum, file) => sum + file.gzip, 0);
  if (bytes > firstLoadLimit)
    throw new Error(`the storefront's first load is ${bytes} bytes with gzip, more than ${firstLoadLimit}`);
  await writeFile(join(outdir, 'manifest.json'), `${JSON.stringify({ first: all, files }, undefined, 2)}\n`);
  return { files, first: all };
}

/** The file itself, and packed where packing makes it smaller. */
async function written(outdir: string, name: string, content: Buffer): Promise<BuiltFile> {
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(content, { level: 9 }),
    promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  ]);
  await Promise.all([
    writeFile(join(outdir, name), content),
    ...(zipped.length < content.length ? [writeFile(join(outdir, `${name}.gz`), zipped)] : []),
    ...(brotli.length < content.length ? [writeFile(join(outdir, `${name}.br`), brotli)] : []),
  ]);
  return { name, bytes: content.length, gzip: zipped.length, brotli: brotli.length };
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase();
}

/** The file that was made of a source. */
function entryName(metafile: Metafile, entry: string): string {
  const found = Object.entries(metafile.outputs).find(([, output]) => output.entryPoint === entry);
  if (found === undefined) throw new Error(`nothing was built of ${entry}`);
  return basename(found[0]);
}

/** A file and all that it loads at once; what is loaded later is left out. */
function reachedFrom(metafile: Metafile, name: string): string[] {
  const found = Object.entries(metafile.outputs).find(([path]) => basename(path) === name);
  const next = (found?.[1].imports ?? []).filter(({ kind }) => kind === 'import-statement');
  return [name, ...next.flatMap(({ path }) => reachedFrom(metafile, basename(path)))];
}

/**
 * In the browser the library of linear patterns stands for itself only in `form/re2.ts`, which fetches it where it is needed; everybody
 * else gets that module in its place.
 */
function linearPatterns(): Plugin {
  const shim = join(source, 'form', 're2.ts');
  return {
    name: 'linear-patterns',
    setup({ onResolve }) {
      onResolve({ filter: /^re2js$/ }, ({ importer }) => (importer === shim ? undefined : { path: shim }));
    },
  };
}

/** One line for people: what is loaded at first, and what there is in all. */
export function sizesText({ files, first }: BuiltStorefront): string {
  const sum = (list: readonly BuiltFile[], size: 'gzip' | 'brotli') =>
    `${(list.reduce((total, file) => total + file[size], 0) / 1000).toFixed(1)} kB`;
  const loaded = files.filter(({ name }) => first.includes(name));
  return `dist/storefront: ${files.length} files; first load ${sum(loaded, 'gzip')} with gzip, ${sum(loaded, 'brotli')} with brotli`;
}

if (import.meta.main) {
  const made = await buildStorefront(join(root, 'dist', 'storefront'));
  console.log(sizesText(made));
  if (process.argv.includes('-v'))
    for (const { name, bytes, gzip: zipped } of made.files.toSorted((a, b) => b.gzip - a.gzip))
      console.log(`  ${name.padEnd(36)} ${String(bytes).padStart(8)} ${String(zipped).padStart(8)}`);
}
