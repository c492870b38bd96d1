import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, transform } from 'esbuild';
import { lightBuiltins } from './light-builtins.ts';

const target = 'node24';

/**
 * Makes CommonJS of the ES modules in a folder, under the same names: what V8 compiled of a script can be kept with the functions that
 * ran, of an ES module it cannot (docs/decisions/0056). esbuild itself cuts only ES modules into parts.
 *
 * @returns A digest of all of them
 */
export async function toScripts(folder: string): Promise<string> {
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  const digest = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith('.js')) continue;
    const file = join(folder, name);
    const { code } = await transform(await readFile(file, 'utf8'), {
      format: 'cjs',
      platform: 'node',
      target,
      minifyWhitespace: true,
      minifySyntax: true,
      supported: { 'dynamic-import': false },
      define: { 'import.meta.url': 'locationOfThis', 'import.meta.dirname': '__dirname' },
      sourcefile: name,
    });
    const located = code.includes('locationOfThis')
      ? `const locationOfThis=require("node:url").pathToFileURL(__filename).href;${code}`
      : code;
    const plain = located.replace(/[^\0-\x7f]/g, escaped);
    await writeFile(file, plain);
    digest.update(`${name} ${plain.length}\n${plain}`);
  }
  return digest.digest('hex');
}

/** Files are read as if they had nothing but ASCII. esbuild writes so, but for regular expressions, where this means the same. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Adds start.js, which loads the others.
 *
 * @param digest Of these: what was compiled of other ones is of no use
 */
export async function addStart(folder: string, digest: string): Promise<void> {
  await build({
    absWorkingDir: join(import.meta.dirname, '../..'),
    entryPoints: { start: 'src/start.ts' },
    outdir: folder,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target,
    define: { BUILD: JSON.stringify(digest.slice(0, 16)) },
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'warning',
    plugins: [lightBuiltins()],
  });
}
