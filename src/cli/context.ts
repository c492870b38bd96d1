import { randomFillSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, hostname, userInfo } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import type { CatalogFolders } from '../adapters/catalog/config/added.ts';
import type { CatalogSurroundings } from '../adapters/catalog/surroundings.ts';
import type { ConnectOptions } from '../adapters/kubernetes/connect.ts';
import type { EngineOptions } from '../adapters/render/helm/choose.ts';
import { helperPackage } from '../adapters/render/helm/helper-package.ts';
import { HELM_CATALOG, LOCAL_CATALOG } from '../domain/catalog-names.ts';
import { AppstoreError } from '../domain/errors.ts';
import type { ServeOptions, Serving } from '../server/context.ts';
import type { CatalogMaker } from '../services/catalog-maker.ts';
import type { CatalogStore } from '../services/catalog-store.ts';
import { laterRenderer } from '../services/later-renderer.ts';
import type { PackageFolders } from '../services/lint.ts';
import type { Catalog, Clock, Cluster, HelmReleases, Random, Records, Renderer } from '../services/ports.ts';
import type { BrowseDeps, ChangeDeps, WriteDeps } from '../services/requests.ts';
import { onlySigned } from '../services/require-signed.ts';
import type { Sandboxes } from '../services/sandboxes.ts';
import { canAsk, type Io } from './io.ts';
import type { Options } from './options.ts';

/** Version of this program. */
export const programVersion: string = packageJson.version;

/** What stands in for what the composition root would make; tests use it. */
export interface Overrides {
  readonly catalogs?: readonly Catalog[];
  readonly renderers?: readonly Renderer[];
  readonly connect?: (options: Options) => Promise<Cluster>;
  readonly records?: (cluster: Cluster) => Records;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly openBrowser?: (url: string) => Promise<void>;
  readonly sandboxes?: Sandboxes;
}

/**
 * The composition root: what commands stand on, made when first asked for. Only this file knows which adapters there are.
 */
export interface Context {
  readonly clock: Clock;
  readonly random: Random;
  /** Another context with these options, that stops with this signal. */
  derive(options: Options, signal: AbortSignal): Context;
  /** Tells when the connection to the cluster is lost and restored from now on. */
  onConnection(listener: ConnectionListener): void;
  /** From now on, for so many milliseconds, a server that answered before and is away is asked again and again. */
  rideOut(milliseconds: number): void;
  browse(): Promise<BrowseDeps>;
  /** The catalogs that the user added. */
  catalogStore(): Promise<CatalogStore>;
  /** Makes catalogs for others. */
  catalogMaker(): Promise<CatalogMaker>;
  /** Renderers for packages that nobody at this machine chose: charts see no file, no environment and no network in them. */
  isolatedRenderers(): Promise<readonly Renderer[]>;
  /** Folders of packages on this machine. */
  packageFolders(): Promise<PackageFolders>;
  /** Connects once. Throws KUBECONFIG_MISSING, CONTEXT_UNKNOWN, CLUSTER_UNREACHABLE ... */
  cluster(): Promise<WriteDeps>;
  /** The same, with the catalogs: most commands that look at what is installed need none. */
  change(): Promise<ChangeDeps>;
  /** The same for what takes its package from the record: without catalogs, and nothing that renders is loaded before it is needed. */
  changeStored(): Promise<ChangeDeps>;
  /** Helm's own releases on that cluster. */
  helmReleases(): Promise<HelmReleases>;
  /** Names of the contexts that there are, for completion. */
  contexts(): Promise<readonly string[]>;
  openBrowser(url: string): Promise<void>;
  sandboxes(): Promise<Sandboxes>;
  /** Begins to listen. Throws USAGE, KUBECONFIG_MISSING, KUBECONFIG_INVALID, PORT_TAKEN. */
  serve(options: ServeOptions): Promise<Serving>;
  /** User, host and process, for the record. */
  holder(): string;
  close(): Promise<void>;
}

type ConnectionListener = (state: 'lost' | 'restored', reason: string) => void;

/** Makes the context of one run. Nothing is loaded or connected yet. */
export function createContext(io: Io, options: Options, overrides: Overrides = {}): Context {
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? systemRandom;
  let heard: ConnectionListener = () => {};
  let patientUntil = 0;
  const connect =
    overrides.connect ??
    ((given) =>
      connectCluster(io, given, {
        onConnection: (state, reason) => heard(state, reason),
        patientUntil: () => patientUntil,
      }));
  const connected = once(() => connect(options));
  let used = false;
  const renderers = once(async () => overrides.renderers ?? openRenderers(io));
  const browse = once(async () => ({
    ...(overrides.catalogs === undefined
      ? await openCatalogs(io, options, clock)
      : { catalogs: overrides.catalogs, requireSigned: false }),
    renderers: await renderers(),
  }));
  // Once for all that a server reads anew: what it takes to start WebAssembly is then there.
  const isolatedRenderers = once(async () => overrides.renderers ?? openRenderers(io, { isolated: true }));
  const cluster = async () => {
    used = true;
    const found = await connected();
    const records = await (overrides.records ?? openRecords)(found);
    return { cluster: found, records, clock, random, ...lockSettings(io) };
  };
  return {
    clock,
    random,
    isolatedRenderers,
    derive: (given, signal) => createContext({ ...io, signal }, given, overrides),
    onConnection(listener) {
      heard = listener;
    },
    rideOut(milliseconds) {
      patientUntil = performance.now() + milliseconds;
    },
    browse,
    catalogStore: () => openCatalogStore(io, clock),
    catalogMaker: () => openCatalogMaker(io, clock),
    packageFolders: () => openPackageFolders(io),
    cluster,
    async change() {
      const deps = await cluster();
      const { catalogs: all, renderers: opened, requireSigned } = await browse();
      const catalogs = requireSigned || options.requireSigned === true ? onlySigned(all) : all;
      return { ...deps, catalogs, renderers: opened };
    },
    changeStored: async () => ({ ...(await cluster()), catalogs: [], renderers: [laterRenderer(renderers)] }),
    async helmReleases() {
      used = true;
      const { clusterHelmReleases } = await import('../adapters/kubernetes/helm-releases.ts');
      return clusterHelmReleases(await connected());
    },
    contexts: () => listContexts(io, options),
    openBrowser: overrides.openBrowser ?? ((url) => openInBrowser(io.platform, url)),
    sandboxes: async () => overrides.sandboxes ?? openSandboxes(io),
    async serve(given) {
      const { serve } = await import('../server/context.ts');
      const world = {
        version: programVersion,
        env: io.env,
        home: io.env.HOME ?? homedir(),
        cwd: io.cwd,
        cacheDir: cacheFolder(io),
        clock,
        random,
        userName: userName(),
        ...lockSettings(io),
        ...storefrontFolder(),
        browse: async () => ({
          ...(await withoutLocations(io, options, overrides, clock)),
          renderers: await isolatedRenderers(),
        }),
        catalogStore: () => openCatalogStore(io, clock),
      };
      return serve(world, given);
    },
    holder: () => `${userName()}@${hostname()} (process ${process.pid})`,
    async close() {
      if (used) await (await connected().catch(() => undefined))?.close();
    },
  };
}

/** The catalogs for a server, read anew: those that have a name. What is opened by its location is for whoever sits at this machine. */
async function withoutLocations(
  io: Io,
  options: Options,
  overrides: Overrides,
  clock: Clock,
): Promise<Pick<BrowseDeps, 'catalogs'>> {
  const { catalogs, requireSigned } =
    overrides.catalogs === undefined
      ? await openCatalogs(io, options, clock)
      : { catalogs: overrides.catalogs, requireSigned: false };
  const named = catalogs.filter(({ name }) => name !== LOCAL_CATALOG);
  return { catalogs: requireSigned ? onlySigned(named) : named };
}

/** `APPSTORE_LOCK_SECONDS`: how long a lock lasts without being renewed. */
function lockSettings(io: Io): { readonly lockSeconds?: number } {
  const text = io.env.APPSTORE_LOCK_SECONDS ?? '';
  if (text === '') return {};
  const lockSeconds = Number(text);
  if (/^[1-9]\d{0,2}$/.test(text) && lockSeconds <= 300) return { lockSeconds };
  throw new AppstoreError('USAGE', `APPSTORE_LOCK_SECONDS is \`${text}\``, {
    hint: 'It takes whole seconds from 1 to 300.',
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  async sleep(milliseconds, signal) {
    const { setTimeout: sleep } = await import('node:timers/promises');
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
};

const systemRandom: Random = { bytes: (count) => randomFillSync(new Uint8Array(count)) };

/** The built-in catalog, further folders (`--catalog`, APPSTORE_CATALOG), and packages that are named by their folder. */
async function openCatalogs(
  io: Io,
  options: Options,
  clock: Clock,
): Promise<{ readonly catalogs: readonly Catalog[]; readonly requireSigned: boolean }> {
  const [{ openFolderCatalog }, { openLocations }, { openAdded }] = await Promise.all([
    import('../adapters/catalog/folder.ts'),
    import('../adapters/catalog/locations.ts'),
    import('../adapters/catalog/config/added.ts'),
  ]);
  const added = await openAdded(catalogFolders(io), surroundings(io, clock));
  const fromEnv = (io.env.APPSTORE_CATALOG ?? '').split(delimiter).filter((folder) => folder !== '');
  const folders = [
    ...new Set([...(options.catalog ?? []), ...fromEnv].map((folder) => resolve(io.cwd, folder))),
  ];
  const named = nameFolders(folders);
  const both = named.find(({ name }) => added.catalogs.some((catalog) => catalog.name === name));
  if (both !== undefined)
    throw new AppstoreError('USAGE', `${both.folder}: a catalog \`${both.name}\` was added already`, {
      hint: `A catalog is called like its folder: rename it, or remove the other with \`appstore catalog remove ${both.name}\`.`,
    });
  const catalogs = [
    openFolderCatalog('builtin', join(packageRoot(), 'catalog')),
    ...named.map(({ name, folder }) => openFolderCatalog(name, folder)),
    ...added.catalogs,
    openLocations(
      io.cwd,
      added.locations,
      options.dependencyUpdate === true ? added.addDependencies : undefined,
    ),
  ];
  return { catalogs, requireSigned: added.requireSigned };
}

/** Where the user's catalogs are kept (XDG base directories). */
function catalogFolders(io: Io): CatalogFolders {
  const home = io.env.HOME ?? homedir();
  return {
    config: join(io.env.XDG_CONFIG_HOME || join(home, '.config'), 'appstore'),
    cache: cacheFolder(io),
  };
}

async function openCatalogStore(io: Io, clock: Clock): Promise<CatalogStore> {
  const { localCatalogs } = await import('../adapters/catalog/config/store.ts');
  return localCatalogs(catalogFolders(io), surroundings(io, clock));
}

async function openPackageFolders(io: Io): Promise<PackageFolders> {
  const { localFolders } = await import('../adapters/catalog/site/folders.ts');
  return localFolders(io.cwd);
}

async function openCatalogMaker(io: Io, clock: Clock): Promise<CatalogMaker> {
  const { localMaker } = await import('../adapters/catalog/site/maker.ts');
  return localMaker(catalogFolders(io), surroundings(io, clock));
}

/** What catalogs may know of this machine. */
function surroundings(io: Io, clock: Clock): CatalogSurroundings {
  return {
    cwd: io.cwd,
    home: io.env.HOME ?? homedir(),
    environment: io.env,
    userAgent: `appstore/${programVersion}`,
    now: () => clock.now(),
  };
}

/** A catalog folder is known by its last part; two of the same name cannot be told apart in a reference. */
function nameFolders(folders: readonly string[]): readonly { name: string; folder: string }[] {
  const named = folders.map((folder) => ({ name: catalogName(folder), folder }));
  const double = named.find(({ name }, index) => named.findIndex((other) => other.name === name) !== index);
  if (double !== undefined)
    throw new AppstoreError('USAGE', `${double.folder}: two catalogs would be called \`${double.name}\``, {
      hint: 'A catalog is called like its folder: rename one of them.',
    });
  return named;
}

const reservedNames: ReadonlySet<string> = new Set(['builtin', LOCAL_CATALOG, HELM_CATALOG]);

function catalogName(folder: string): string {
  const last = folder.split(/[\\/]/).findLast((part) => part !== '') ?? 'root';
  const name = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' || reservedNames.has(name) ? `${name === '' ? 'catalog' : name}-folder` : name;
}

/** The built storefront, as far as it was built: from the sources alone the server has no pages. */
function storefrontFolder(): { readonly storefront?: string } {
  const folder = join(packageRoot(), 'dist', 'storefront');
  return existsSync(join(folder, 'manifest.json')) ? { storefront: folder } : {};
}

/** The folder of the package: the built file stands in `dist/`, the sources in `src/cli/`. */
function packageRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith(join('src', 'cli')) ? dirname(dirname(here)) : dirname(here);
}

async function openRenderers(
  io: Io,
  more: Pick<EngineOptions, 'isolated'> = {},
): Promise<readonly Renderer[]> {
  const [{ appYamlRenderer }, { lazyChartRenderer }] = await Promise.all([
    import('../adapters/render/app-yaml.ts'),
    import('../adapters/render/helm/lazy-renderer.ts'),
  ]);
  return [appYamlRenderer(programVersion), lazyChartRenderer({ ...engineOptions(io), ...more })];
}

/** `APPSTORE_HELM_ENGINE`: `native` or `wasm`; the helper of this platform where there is one, unless told. */
function engineOptions(io: Io): EngineOptions {
  const root = packageRoot();
  const places = {
    folder: join(root, 'dist', 'helm'),
    helper: () => packagedHelper(root),
    worker: isBuilt()
      ? join(root, 'dist', 'wasm-worker.js')
      : join(root, 'src', 'adapters', 'render', 'helm', 'wasm-worker.ts'),
  };
  const build = io.env.APPSTORE_HELM_ENGINE ?? '';
  if (build === '') return places;
  if (build === 'native' || build === 'wasm') return { ...places, build };
  throw new AppstoreError('USAGE', `APPSTORE_HELM_ENGINE is \`${build}\``, {
    hint: 'It takes `native` or `wasm`.',
  });
}

/** Where npm put the package with the helper of this platform; undefined where it did not (`--omit=optional`, another platform). */
function packagedHelper(root: string): string | undefined {
  const { name, file } = helperPackage(process.platform, process.arch);
  try {
    return join(dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`)), file);
  } catch {
    return undefined;
  }
}

function isBuilt(): boolean {
  return !dirname(fileURLToPath(import.meta.url)).endsWith(join('src', 'cli'));
}

async function openRecords(cluster: Cluster): Promise<Records> {
  const { clusterRecords } = await import('../adapters/kubernetes/records.ts');
  return clusterRecords(cluster);
}

async function connectCluster(
  io: Io,
  options: Options,
  line: Pick<ConnectOptions, 'onConnection' | 'patientUntil'>,
): Promise<Cluster> {
  const { connect } = await import('../adapters/kubernetes/connect.ts');
  return connect({
    env: io.env,
    cwd: io.cwd,
    home: io.env.HOME ?? homedir(),
    cacheDir: cacheFolder(io),
    userAgent: `appstore/${programVersion}`,
    interactive: canAsk(io, options),
    early: true,
    ...line,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    ...(options.context === undefined ? {} : { context: options.context }),
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
  });
}

/** Sandboxes live under the user's cache folder. The built file has its supervisor beside it. */
async function openSandboxes(io: Io): Promise<Sandboxes> {
  const { localSandboxes } = await import('../adapters/sandbox/sandboxes.ts');
  const root = packageRoot();
  return localSandboxes({
    folders: { cache: cacheFolder(io) },
    assets: join(root, 'src', 'adapters', 'sandbox', 'programs'),
    supervisor: isBuilt()
      ? join(root, 'dist', 'supervise.js')
      : join(root, 'src', 'adapters', 'sandbox', 'supervise.ts'),
    environment: io.env,
  });
}

function cacheFolder(io: Io): string {
  return join(io.env.XDG_CACHE_HOME || join(io.env.HOME ?? homedir(), '.cache'), 'appstore');
}

async function listContexts(io: Io, options: Options): Promise<readonly string[]> {
  const { readKubeconfig } = await import('../adapters/kubernetes/kubeconfig.ts');
  const config = await readKubeconfig({
    env: io.env,
    cwd: io.cwd,
    home: io.env.HOME ?? homedir(),
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
  });
  return [...(config?.contexts.keys() ?? [])].sort();
}

/** The program that opens an address, by platform. None of them is a shell, so that no part of the address is a command. */
const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

async function openInBrowser(platform: string, url: string): Promise<void> {
  const { spawn } = await import('node:child_process');
  const [command = 'xdg-open', ...args] = openers[platform] ?? ['xdg-open'];
  await new Promise<void>((done, failed) => {
    const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
    child.once('error', failed);
    child.once('spawn', () => {
      child.unref();
      done();
    });
  });
}

/** Answered by the system; some containers run as a user that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
