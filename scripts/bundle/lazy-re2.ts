import { resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

const NAMESPACE = 'lazy-re2';
const file = './re2.cjs';

/**
 * Makes a file of its own of re2js, read with the first pattern that needs it: it is a quarter of what rendering would load, and most
 * patterns of values run on the engine of the language (src/domain/linear-pattern.ts). A pattern is compiled where nobody can wait,
 * so it is a CommonJS file and not an `import()`. Only `RE2JS.compile` is there.
 */
export function lazyRe2(): Plugin {
  return {
    name: NAMESPACE,
    setup({ initialOptions, onResolve, onLoad, onEnd }) {
      onResolve({ filter: /^re2js$/ }, ({ namespace }) =>
        namespace === 'file' ? { path: 're2js', namespace: NAMESPACE } : undefined,
      );
      onResolve({ filter: /^\.\/re2\.cjs$/, namespace: NAMESPACE }, () => ({ path: file, external: true }));
      onLoad({ filter: /.*/, namespace: NAMESPACE }, () => ({
        contents: `export const RE2JS = { compile: (source) => require('${file}').RE2JS.compile(source) };`,
        loader: 'js',
      }));
      onEnd(async () => {
        await build({
          absWorkingDir: import.meta.dirname,
          entryPoints: { re2: 're2js' },
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
