import { resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const NAMESPACE = 'lazy-library';

/**
 * Libraries that are needed where nobody can wait for an `import()`, and by most commands not at all: YAML and the comparing of
 * versions. Of one in parts the files are told that its names come from: whole, it takes twice as long as what is used of it.
 */
export const libraries: Readonly<Record<string, 'whole' | Readonly<Record<string, string>>>> = {
  'js-yaml': 'whole',
  semver: {
    coerce: 'semver/functions/coerce.js',
    parse: 'semver/functions/parse.js',
    Range: 'semver/classes/range.js',
    valid: 'semver/functions/valid.js',
  },
};

/**
 * The engine for patterns of others is as large as all that rendering would load, and most patterns of values run on the engine of the
 * language (src/domain/linear-pattern.ts): it has a file of its own, which costs more to find and read than a part of a chunk.
 */
const apart = 're2js';

/**
 * Evaluates them when one of their names is first used: no module may use one while it is itself loaded. So they are taken as CommonJS,
 * which can be had without waiting. What other packages import of them is left as it is.
 */
export function lazyLibraries(): Plugin {
  return {
    name: NAMESPACE,
    setup({ initialOptions, onResolve, onLoad, onEnd }) {
      const all = [...Object.keys(libraries), apart].join('|');
      onResolve({ filter: new RegExp(`^(${all})$`) }, ({ path, namespace, importer }) =>
        namespace === 'file' && !/[/\\]node_modules[/\\]/.test(importer)
          ? { path, namespace: NAMESPACE }
          : undefined,
      );
      onResolve({ filter: /^\.\/.*\.cjs$/, namespace: NAMESPACE }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /.*/, namespace: NAMESPACE }, async ({ path }) => ({
        contents: getters(await sources(path)),
        loader: 'js',
        resolveDir: import.meta.dirname,
      }));
      onEnd(async () => {
        await build({
          absWorkingDir: import.meta.dirname,
          entryPoints: { [apart]: apart },
          outdir: resolve(initialOptions.absWorkingDir ?? '', initialOptions.outdir ?? ''),
          outExtension: { '.js': '.cjs' },
          bundle: true,
          format: 'cjs',
          platform: 'node',
          target: initialOptions.target ?? 'node24',
          minifyWhitespace: true,
          minifySyntax: true,
          legalComments: 'external',
          logLevel: 'warning',
        });
      });
    },
  };
}

/** Where each name of a library comes from, as an expression. */
async function sources(library: string): Promise<readonly (readonly [name: string, source: string])[]> {
  const parts = libraries[library] ?? 'whole';
  if (parts !== 'whole') return Object.entries(parts).map(([name, file]) => [name, `require('${file}')`]);
  const from = library === apart ? `./${apart}.cjs` : library;
  const names = Object.keys(await import(library)).filter(
    (name) => /^[\w$]+$/.test(name) && name !== 'default',
  );
  return names.map((name) => [name, `require('${from}').${name}`]);
}

function getters(from: Awaited<ReturnType<typeof sources>>): string {
  return from
    .map(
      ([name, source]) =>
        `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => ${source} });`,
    )
    .join('\n');
}
