import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';

const NAMESPACE = 'light-builtins';

/**
 * What is loaded when one of its names is used, not before. commander imports node:child_process for commands that are programs of
 * their own, which none of ours is.
 */
const lazy: ReadonlySet<string> = new Set(['node:child_process', 'child_process']);

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An `import` of one reads every export to make a module namespace, and
 * with that loads what hides behind getters: for `node:http` the WebSocket of undici, 17 ms of every command that talks to a
 * cluster, for nothing (measured with Node 24.21). What is loaded by `import()` stays with Node: there
 * the names have to be those of a module namespace.
 *
 * Every file that imports one has lines of its own for it: lines that all share would be a chunk of their own, and to find and
 * read a chunk costs more than the lines.
 */
export function lightBuiltins(): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      const root = build.initialOptions.absWorkingDir ?? '';
      build.onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path, kind, importer }) =>
        (kind === 'import-statement' || kind === 'require-call') && isBuiltin(path)
          ? { path, namespace: NAMESPACE, suffix: `?${relative(root, importer)}` }
          : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: lazy.has(path) ? lazily(path) : `module.exports = ${loading(path)};`,
        loader: 'js',
      }));
    },
  };
}

function loading(path: string): string {
  return `process.getBuiltinModule(${JSON.stringify(path)})`;
}

/** The same names, as getters. */
function lazily(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {});
  return `for (const name of ${JSON.stringify(names)})
    Object.defineProperty(exports, name, { enumerable: true, get: () => ${loading(path)}[name] });`;
}
