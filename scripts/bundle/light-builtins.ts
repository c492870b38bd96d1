import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'esbuild';

const NAMESPACE = 'light-builtins';

/**
 * What is loaded when one of its names is used, not before: it takes long, and stands in chunks that most commands use nothing of it
 * from. commander imports node:child_process for commands that are programs of their own, which none of ours is.
 */
const lazy: ReadonlySet<string> = new Set(
  [
    'child_process',
    'crypto',
    'dns/promises',
    'fs/promises',
    'http',
    'http2',
    'https',
    'net',
    'readline',
    'sqlite',
    'tls',
    'worker_threads',
    'zlib',
  ].flatMap((name) => [name, `node:${name}`]),
);

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
          ? {
              path,
              namespace: NAMESPACE,
              suffix: `?${relative(root, importer)}`,
              pluginData: { kind, importer },
            }
          : undefined,
      );
      build.onLoad(
        { filter: /.*/, namespace: NAMESPACE },
        async ({ path, pluginData: { kind, importer } }) => {
          const named = kind === 'import-statement';
          if (lazy.has(path)) {
            const names = named ? importedNames(await readFile(importer, 'utf8'), path) : undefined;
            return { contents: lazily(path, names), loader: 'js' };
          }
          return { contents: named ? byName(path) : `module.exports = ${loading(path)};`, loader: 'js' };
        },
      );
    },
  };
}

function loading(path: string): string {
  return `process.getBuiltinModule(${JSON.stringify(path)})`;
}

/**
 * An ES module with the names of the built-in one. A name that nobody imports is dropped by the bundler and never read: reading is
 * what loads the module behind it (`TextDecoder` and `diff` of `node:util`, the streams of `node:fs`), and so does looking at its
 * property descriptor, as esbuild's own wrapper for CommonJS does for every name.
 */
function byName(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) =>
    /^[A-Za-z_$][\w$]*$/.test(name),
  );
  const declared = names.filter((name) => name !== 'default' && name !== 'all' && name !== 'read');
  return [
    `const all = /* @__PURE__ */ (() => ${loading(path)})();`,
    'const read = (name) => all[name];',
    'export default all;',
    ...declared.map((name) => `const $${name} = /* @__PURE__ */ read(${JSON.stringify(name)});`),
    `export { ${declared.map((name) => `$${name} as ${name}`).join(', ')} };`,
  ].join('\n');
}

/** What a file imports of a module; undefined where it imports it whole. Each name takes a while to define, and there are many. */
function importedNames(source: string, path: string): readonly string[] | undefined {
  const all = [...source.matchAll(/^import\s([^;]*?)\sfrom\s*['"]([^'"]*)['"]/gm)].filter(
    ([, , from]) => from === path,
  );
  const lists = all.map(([, what = '']) => /^(?:type\s+)?\{([^}]*)\}$/.exec(what.trim())?.[1]);
  if (lists.length === 0 || lists.includes(undefined)) return undefined;
  return lists.flatMap((list = '') =>
    list
      .split(',')
      .map((name) => name.trim().replace(/\s+as\s.*$/s, ''))
      .filter((name) => name !== '' && !name.startsWith('type ')),
  );
}

/** The same names, as getters. */
function lazily(
  path: string,
  names: readonly string[] = Object.keys(process.getBuiltinModule(path) ?? {}),
): string {
  return `for (const name of ${JSON.stringify(names)})
    Object.defineProperty(exports, name, { enumerable: true, get: () => ${loading(path)}[name] });`;
}
