import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { dynamicCommonJs } from './bundle/dynamic-commonjs.ts';
import { lazyRe2 } from './bundle/lazy-re2.ts';
import { leanClientNode } from './bundle/lean-client-node.ts';
import { lightBuiltins } from './bundle/light-builtins.ts';

const root = join(import.meta.dirname, '..');

const entries: Readonly<Record<string, string>> = {
  main: 'src/main.ts',
  supervise: 'src/adapters/sandbox/supervise.ts',
};

/**
 * CommonJS packages call `require` for Node's own modules; an ES module has none by itself. The name is one that no module
 * declares.
 */
const banner =
  "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);";

/**
 * Makes dist/: main.js, supervise.js (the process that looks after a sandbox), and flat beside them the parts that are loaded
 * only when a command needs them. Everything is in there; the catalog, the schemas and the sandbox's sources of programs are
 * found from the package's folder, one above dist/.
 */
export async function bundle(outdir: string, entryPoints = entries): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { ...entryPoints },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    chunkNames: '[name]-[hash]',
    banner: { js: banner },
    // Names stay, so that a stack trace under -v can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'external',
    metafile: true,
    logLevel: 'warning',
    plugins: [leanClientNode(), lazyRe2(), lightBuiltins(), dynamicCommonJs()],
  });
  return metafile;
}

if (import.meta.main) {
  const { outputs } = await bundle(join(root, 'dist'));
  const scripts = Object.entries(outputs).filter(([file]) => file.endsWith('.js'));
  const total = scripts.reduce((sum, [, output]) => sum + output.bytes, 0);
  const main = outputs['dist/main.js']?.bytes ?? 0;
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1000)} kB`;
  console.log(`dist/: ${scripts.length} files, ${kilobytes(total)}; main.js ${kilobytes(main)}`);
}
