import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

const NAMESPACE = 'dynamic-commonjs';

/**
 * Gives a CommonJS package that is loaded by `import()` the names that Node gives it. esbuild makes a chunk of it that has a
 * default export alone, so that `const { parse } = await import('yaml')` works from the sources and fails in the bundle.
 */
export function dynamicCommonJs(): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /^[@a-z]/ }, async ({ path, kind, importer, resolveDir, namespace }) => {
        if (kind !== 'dynamic-import' || path.startsWith('node:')) return undefined;
        const found = await build.resolve(path, { kind: 'require-call', importer, resolveDir, namespace });
        const wrapped = found.errors.length === 0 && !found.external && (await isCommonJs(found.path));
        return wrapped ? { path: found.path, namespace: NAMESPACE } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => {
        const names = Object.keys(await import(pathToFileURL(path).href)).filter(
          (name) => /^[\w$]+$/.test(name) && name !== 'default',
        );
        const source = `const all = require(${JSON.stringify(path)}); export default all;`;
        const contents = `${source} export const { ${names.join(', ')} } = all;`;
        return { contents, loader: 'js', resolveDir: dirname(path) };
      });
    },
  };
}

/** As Node decides it: by the ending, else by the nearest package.json. */
async function isCommonJs(file: string): Promise<boolean> {
  const ending = extname(file);
  if (ending !== '.js') return ending === '.cjs';
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) return JSON.parse(text).type !== 'module';
  }
  return true;
}
