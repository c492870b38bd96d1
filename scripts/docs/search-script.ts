import { buildSync } from 'esbuild';

/** The search of every catalog (src/domain/search.ts) as a script of the pages of a site: `appSearch.rankApps`. */
export function searchScriptModule(): string {
  const { outputFiles } = buildSync({
    stdin: {
      contents: "export { rankApps } from './search.ts';",
      resolveDir: new URL('../../src/domain', import.meta.url).pathname,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'appSearch',
    target: 'es2022',
    minify: true,
  });
  return `// Made from src/domain/search.ts by \`npm run docs\`: the pages of a site search as every catalog does.

export const searchScript = ${JSON.stringify(outputFiles[0]?.text ?? '')};
`;
}
