import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

const SHELF = 'shelf';
const DOOR = 'shelf-door';

/**
 * Parts of our own that are seldom needed, and so are loaded by themselves, with the shelf that is there by then: no module is
 * shared by some of them alone, which would be a chunk of its own.
 */
const seldom: Readonly<Record<string, Shelf>> = {
  'src/adapters/catalog/archive/open-archive.ts': 'local',
  'src/adapters/catalog/helm/catalog.ts': 'local',
  'src/adapters/catalog/helm/local-index.ts': 'local',
  'src/adapters/catalog/helm/update.ts': 'local',
  'src/adapters/catalog/http/settings-for.ts': 'local',
  'src/adapters/catalog/http-location.ts': 'local',
  'src/adapters/catalog/oci/catalog.ts': 'local',
  'src/adapters/catalog/oci/docker-config.ts': 'local',
  'src/adapters/catalog/oci/pull.ts': 'local',
  'src/adapters/catalog/trust/keyless-sign.ts': 'local',
  'src/adapters/catalog/trust/keyless-verify.ts': 'local',
  'src/adapters/catalog/trust/public-root.ts': 'local',
  'src/adapters/kubernetes/exec-plugin.ts': 'cluster',
  'src/adapters/kubernetes/http1.ts': 'cluster',
  'src/adapters/kubernetes/oidc.ts': 'cluster',
  'src/adapters/kubernetes/port-forward.ts': 'cluster',
  'src/adapters/kubernetes/tunnel.ts': 'cluster',
  'src/adapters/kubernetes/upgrade.ts': 'cluster',
  'src/adapters/render/helm/renderer.ts': 'local',
  'src/adapters/render/helm/wasm.ts': 'local',
  'src/adapters/sandbox/sandboxes.ts': 'local',
  'src/cli/commands/complete.ts': 'local',
  'src/cli/commands/completion.ts': 'local',
  'src/cli/commands/version.ts': 'local',
  'src/cli/progress/spinner-block.ts': 'local',
  // With the library that serves HTTP, which nothing else needs.
  'src/server/context.ts': 'cluster',
  'src/domain/app-yaml.ts': 'local',
  'src/domain/render-app.ts': 'local',
};

type Shelf = 'local' | 'cluster';

/** What commands need that ask no cluster. Everything else that is loaded lazily is for those that do, and they need this too. */
const local: ReadonlySet<string> = new Set([
  ...['search', 'show', 'values', 'template', 'images'].map((name) => `src/cli/commands/${name}.ts`),
  ...['add', 'list', 'remove', 'update'].map((name) => `src/cli/commands/catalog-${name}.ts`),
  'src/adapters/catalog/config/added.ts',
  'src/adapters/catalog/config/store.ts',
  'src/adapters/catalog/folder.ts',
  'src/adapters/catalog/locations.ts',
  'src/adapters/render/app-yaml.ts',
  'src/adapters/render/helm/lazy-renderer.ts',
  'src/cli/report-error.ts',
  'src/domain/oci-reference.ts',
  'src/domain/yaml-source.ts',
  'src/domain/yaml-write.ts',
]);

/**
 * Puts the parts of our own that are loaded by `import()` into two chunks, one for commands that ask no cluster and one for those that
 * do, but for what is seldom needed. esbuild makes a chunk of every set of modules that the same lazy parts share: with some
 * seventy lazy parts an upgrade came to 102 files, most of them of a few lines, and to find, read and link them was a quarter
 * of what it took.
 */
export function shelve(): Plugin {
  return {
    name: SHELF,
    async setup(build) {
      const root = build.initialOptions.absWorkingDir ?? '';
      const parts = [...(await lazyParts(root))].filter((file) => seldom[file] === undefined).sort();
      const places = new Map(parts.map((file, at) => [file, `part${at}`]));
      const on = (shelf: Shelf) => parts.filter((file) => local.has(file) === (shelf === 'local'));
      build.onResolve({ filter: /^shelf:/ }, ({ path }) => ({
        path: path.slice('shelf:'.length),
        namespace: SHELF,
      }));
      build.onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
        const file = relative(root, resolve(resolveDir, path));
        return kind === 'dynamic-import' && file in seldom ? { path: file, namespace: DOOR } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: SHELF }, ({ path }) => ({
        contents: [
          ...on(path as Shelf).map((file) => `export * as ${places.get(file)} from ${quoted(root, file)};`),
          path === 'cluster' ? "export * as local from 'shelf:local';" : '',
        ].join('\n'),
        resolveDir: root,
      }));
      build.onLoad({ filter: /.*/, namespace: DOOR }, ({ path }) => ({
        contents: `export * from ${quoted(root, path)}; export * as shelf from 'shelf:${seldom[path]}';`,
        resolveDir: root,
      }));
      build.onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const contents = source.replace(lazy, (text, target: string) => {
          const file = relative(root, resolve(dirname(path), target));
          const place = places.get(file);
          if (place === undefined) return text;
          const shelf: Shelf = local.has(file) ? 'local' : 'cluster';
          return `import('shelf:${shelf}').then((shelf) => shelf.${place})`;
        });
        return { contents, loader: 'ts' };
      });
    },
  };
}

/** `import('./x.ts')`, as the house writes it. */
const lazy = /\bimport\('(\.{1,2}\/[^']+\.ts)'\)/g;

/** Every source file that another one loads by `import()`, from the root; not of the storefront, which is built for itself. */
async function lazyParts(root: string): Promise<ReadonlySet<string>> {
  const { glob } = await import('node:fs/promises');
  const found = new Set<string>();
  for await (const file of glob('src/!(storefront)/**/*.ts', { cwd: root })) {
    const source = await readFile(join(root, file), 'utf8');
    for (const [, target = ''] of source.matchAll(lazy))
      found.add(relative(root, resolve(root, dirname(file), target)));
  }
  return found;
}

function quoted(root: string, file: string): string {
  return JSON.stringify(join(root, file));
}
