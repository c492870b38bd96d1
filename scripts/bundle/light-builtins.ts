import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

const NAMESPACE = 'light-builtins';

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An `import` of one reads every export to make a module namespace, and
 * with that loads what hides behind getters: for `node:http` the WebSocket of undici, 17 ms of every command that talks to a
 * cluster, for nothing (measured with Node 24.21). What is loaded by `import()` stays with Node: there
 * the names have to be those of a module namespace.
 */
export function lightBuiltins(): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /^[a-z_:/0-9]+$/ }, ({ path, kind }) =>
        (kind === 'import-statement' || kind === 'require-call') && isBuiltin(path)
          ? { path, namespace: NAMESPACE }
          : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
        loader: 'js',
      }));
    },
  };
}
