import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

const SHELF = 'shelf';
const DOOR = 'shelf-door';

/**
 * What is loaded together, and what is there besides once it is: no module is shared by some shelves alone that does not lie below
 * them all. The last one has whatever is named nowhere here.
 */
const below = {
  /** For commands that ask no cluster. */
  local: [],
  /** For those that look at what is installed. */
  look: [],
  /** Changes of an installation. */
  change: ['look'],
  /** Packages of other machines. */
  web: ['local'],
  rest: ['change', 'web'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Shelf = keyof typeof below;

/** What every command has loaded by then. */
const start = 'src/cli/run.ts';

/**
 * Parts of our own that are seldom needed, and so are loaded by themselves, with the shelf that is there by then: no module is
 * shared by some of them alone, which would be a chunk of its own.
 */
const seldom: Readonly<Record<string, Shelf>> = {
  'src/adapters/catalog/archive/open-archive.ts': 'web',
  'src/adapters/catalog/helm/catalog.ts': 'web',
  'src/adapters/catalog/helm/local-index.ts': 'web',
  'src/adapters/catalog/helm/update.ts': 'web',
  'src/adapters/catalog/oci/catalog.ts': 'web',
  'src/adapters/catalog/oci/docker-config.ts': 'web',
  'src/adapters/catalog/oci/pull.ts': 'web',
  'src/adapters/catalog/trust/keyless-sign.ts': 'web',
  'src/adapters/catalog/trust/keyless-verify.ts': 'web',
  'src/adapters/catalog/trust/public-root.ts': 'web',
  'src/adapters/kubernetes/exec-plugin.ts': 'look',
  'src/adapters/kubernetes/http1.ts': 'look',
  'src/adapters/kubernetes/oidc.ts': 'look',
  'src/adapters/kubernetes/port-forward.ts': 'look',
  'src/adapters/kubernetes/tunnel.ts': 'look',
  'src/adapters/kubernetes/upgrade.ts': 'look',
  'src/adapters/render/helm/renderer.ts': 'local',
  'src/adapters/render/helm/wasm.ts': 'local',
  'src/adapters/sandbox/sandboxes.ts': 'local',
  'src/cli/commands/complete.ts': 'local',
  'src/cli/commands/completion.ts': 'local',
  'src/cli/commands/version.ts': 'local',
  'src/cli/saved-run.ts': 'change',
  // With the library that serves HTTP, which nothing else needs.
  'src/server/context.ts': 'rest',
  'src/domain/app-yaml.ts': 'local',
  'src/domain/render-app.ts': 'local',
};

const commands = (...names: readonly string[]) => names.map((name) => `src/cli/commands/${name}.ts`);

/** What lies on the shelves. */
const contents: Readonly<Record<Exclude<Shelf, 'rest'>, readonly string[]>> = {
  local: [
    ...commands('search', 'show', 'values', 'template', 'images'),
    ...commands('catalog-add', 'catalog-list', 'catalog-remove', 'catalog-update'),
    'src/adapters/catalog/config/added.ts',
    'src/adapters/catalog/config/store.ts',
    'src/adapters/catalog/folder.ts',
    'src/adapters/catalog/locations.ts',
    'src/adapters/render/app-yaml.ts',
    'src/adapters/render/helm/lazy-renderer.ts',
    'src/cli/progress/spinner-block.ts',
    'src/cli/report-error.ts',
    'src/domain/oci-reference.ts',
    'src/domain/yaml-source.ts',
    'src/domain/yaml-write.ts',
    // Of `look` and `web` alone, they would be a chunk of their own.
    'src/adapters/kubernetes/deadline.ts',
    'src/adapters/kubernetes/proxy.ts',
  ],
  look: [
    ...commands('list', 'status', 'history', 'get'),
    'src/adapters/kubernetes/connect.ts',
    'src/adapters/kubernetes/http2.ts',
    'src/adapters/kubernetes/records.ts',
  ],
  change: [
    ...commands('install', 'upgrade', 'rollback', 'remove', 'plan'),
    'src/adapters/kubernetes/discovery-cache.ts',
  ],
  web: [
    'src/adapters/catalog/dependencies/fetch.ts',
    'src/adapters/catalog/dependencies/sources.ts',
    'src/adapters/catalog/git/access.ts',
    'src/adapters/catalog/git/catalog.ts',
    'src/adapters/catalog/git/location.ts',
    'src/adapters/catalog/git/smart/objects.ts',
    'src/adapters/catalog/helm/fetch-version.ts',
    'src/adapters/catalog/helm/kept-index.ts',
    'src/adapters/catalog/http-location.ts',
    'src/adapters/catalog/http/settings-for.ts',
    'src/adapters/catalog/oci/update.ts',
    'src/adapters/catalog/site/update.ts',
    'src/adapters/catalog/trust/change-pins.ts',
    'src/adapters/catalog/trust/signed-registry.ts',
    'src/adapters/catalog/trust/update-signed.ts',
    'src/adapters/catalog/trust/verify-catalog.ts',
  ],
};

const shelfByFile: ReadonlyMap<string, Shelf> = new Map(
  (['local', 'look', 'change', 'web'] as const).flatMap((shelf) =>
    contents[shelf].map((file) => [file, shelf] as const),
  ),
);

function shelfOf(file: string): Shelf {
  return shelfByFile.get(file) ?? 'rest';
}

/**
 * Puts the parts of our own that are loaded by `import()` into a chunk a shelf, but for what is seldom needed. esbuild makes a chunk of
 * every set of modules that the same lazy parts share: with some seventy lazy parts an upgrade came to 102 files, most of them of a few lines, and to find, read and link them was a quarter
 * of what it took.
 */
export function shelve(): Plugin {
  return {
    name: SHELF,
    async setup(build) {
      const root = build.initialOptions.absWorkingDir ?? '';
      const parts = [...new Set([...(await lazyParts(root)), ...shelfByFile.keys()])]
        .filter((file) => seldom[file] === undefined)
        .sort();
      const places = new Map(parts.map((file, at) => [file, `part${at}`]));
      const on = (shelf: Shelf) => parts.filter((file) => shelfOf(file) === shelf);
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
          ...below[path as Shelf].map((shelf) => `export * as ${shelf} from 'shelf:${shelf}';`),
          `export * as start from ${quoted(root, start)};`,
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
          return `import('shelf:${shelfOf(file)}').then((shelf) => shelf.${place})`;
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
