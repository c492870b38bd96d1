import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import {
  accountDirectory,
  checkAuthorities,
  contextDirectory,
  type NamedCluster,
  ownCluster,
  parseCluster,
  readClusterFile,
  tokenDirectory,
} from '../adapters/kubernetes/directory.ts';
import { inClusterConfig } from '../adapters/kubernetes/in-cluster.ts';
import { clusterRecords } from '../adapters/kubernetes/records.ts';
import { AppstoreError } from '../domain/errors.ts';
import { publicKeyOf, refusePrivateKey } from '../services/approval.ts';
import type { CatalogStore } from '../services/catalog-store.ts';
import type { ClusterDirectory } from '../services/cluster-directory.ts';
import type { Clock, Random } from '../services/ports.ts';
import type { BrowseDeps } from '../services/requests.ts';
import { whoAmI } from '../services/who-am-i.ts';
import { bearerCallers } from './callers/bearer.ts';
import type { Callers } from './callers/caller.ts';
import { claimsOf } from './callers/id-token.ts';
import { type LoopbackCallers, loopbackCallers } from './callers/loopback.ts';
import { type OidcOptions, oidcSetup } from './callers/oidc-setup.ts';
import { boundedWhoIs, type WhoIs } from './callers/who-is.ts';
import { serveMetrics } from './metrics-server.ts';
import { refreshCatalogs } from './refresh.ts';
import { type AppServer, buildServer } from './server.ts';

/** What the command line knows of the machine and of the person who starts the server. */
export interface ServeSurroundings {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly cwd: string;
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly userName: string;
  readonly lockSeconds?: number;
  /** The folder with the built storefront; absent where it was not built. */
  readonly storefront?: string;
  browse(): Promise<BrowseDeps>;
  catalogStore(): Promise<CatalogStore>;
}

/** What `appstore serve` was told. */
export interface ServeOptions {
  readonly auth: 'kubeconfig' | 'token' | 'oidc';
  /** With `oidc`; files relative to the working directory. */
  readonly oidc?: OidcOptions;
  readonly listen: string;
  readonly port: number;
  /** Where `/metrics` is answered instead; 0: any port that is free. */
  readonly metricsPort?: number;
  readonly kubeconfig?: string;
  readonly context?: string;
  /** `name=https://host[,ca=FILE]` */
  readonly clusters: readonly string[];
  readonly clusterFile?: string;
  readonly publicUrl?: string;
  readonly requestsPerMinute: number;
  /** Milliseconds. */
  readonly grace: number;
  /** Milliseconds between two readings of the added catalogs; 0: never. */
  readonly catalogRefresh: number;
  /** PEM files: a private key that approvals are signed with, and public ones of others whose approvals count. */
  readonly approvalKey?: string;
  readonly approvedBy: readonly string[];
  /** Told each link to log in with that comes after the first: for the terminal alone. */
  readonly newLink: (serving: Pick<Serving, 'address' | 'link'>) => void;
  readonly log: { write(line: string): void };
  readonly logLevel: 'debug' | 'info' | 'warn';
}

/** A server that listens. */
export interface Serving {
  /** Where it listens. */
  readonly address: string;
  /** What a person opens once; absent where callers bring a token. */
  readonly link?: string;
  /** Where the metrics are, where they have a port of their own. */
  readonly metrics?: string;
  stop(): Promise<void>;
}

/**
 * The composition root of the server: what it stands on, and then the server itself.
 * @throws AppstoreError USAGE, KUBECONFIG_MISSING, KUBECONFIG_INVALID, PORT_TAKEN
 */
export async function serve(world: ServeSurroundings, options: ServeOptions): Promise<Serving> {
  const loopback = options.auth === 'kubeconfig';
  if (loopback && !isLoopback(options.listen))
    throw new AppstoreError(
      'USAGE',
      'with the user of the kubeconfig a server listens on this machine alone',
      {
        hint: 'Leave out `--listen`, or let callers bring their own rights: `--auth token`.',
      },
    );
  // Refused in every way of asking, although on this machine alone nobody comes by another address.
  const named = publicOrigins(options.publicUrl);
  const clusters = await clustersOf(world, options);
  // What is wrong with the configuration is told to whoever starts the server.
  await clusters.list();
  // Cookies know no ports: another server of the same person has another name for its own.
  const cookie = `appstore-${Buffer.from(world.random.bytes(6)).toString('hex')}`;
  let { port } = options;
  let address = '';
  const tell = (path: string) => options.newLink({ address, link: `${address}${path}` });
  const own = loopback ? loopbackCallers(world, { name: world.userName, cookie, tell }) : undefined;
  const callers = own ?? (await callersOf(world, options, clusters));
  const server = await buildServer(
    {
      ...world,
      clusters,
      callers,
      browse: () => world.browse(),
      catalogStates: async () => (await world.catalogStore()).list(),
      records: async (cluster) => clusterRecords(cluster),
      host: hostname(),
    },
    {
      origins: () => (loopback ? loopbackOrigins(port) : named),
      requestsPerMinute: options.requestsPerMinute,
      grace: options.grace,
      ...(await approvalKeys(world, options)),
      log: options.log,
      logLevel: options.logLevel,
      metricsApart: options.metricsPort !== undefined,
      ...(world.storefront === undefined ? {} : { storefront: world.storefront }),
    },
  );
  address = await listen(server, options);
  port = Number(new URL(address).port) || port;
  // Before anybody can come without one.
  const link = linkOf(own, address);
  const metrics = await metricsOf(server, options);
  const stopRefreshing = refreshing(world, server, options);
  return {
    address,
    ...link,
    ...(metrics === undefined ? {} : { metrics: metrics.address }),
    async stop() {
      await Promise.all([server.stop(), stopRefreshing()]);
      await metrics?.stop();
    },
  };
}

/** Reads the added catalogs anew from time to time, and tells the log and the metrics what came of it. */
function refreshing(
  { clock, random, catalogStore }: ServeSurroundings,
  { app: { log }, services: { metrics } }: AppServer,
  { catalogRefresh }: ServeOptions,
): () => Promise<void> {
  if (catalogRefresh === 0) return async () => undefined;
  return refreshCatalogs({
    ...{ every: catalogRefresh, clock, random, store: catalogStore },
    told(result) {
      const { name: catalog, outcome } = result;
      metrics.catalog(catalog, outcome);
      if (outcome === 'failed')
        log.warn({ catalog, code: result.error.code, detail: result.error.message }, 'catalog not read');
      else if (outcome === 'read')
        log.info({ catalog, apps: result.apps, versions: result.versions }, 'catalog read');
    },
    failed: (error) => log.error({ err: error }, 'catalogs not read'),
  });
}

/** The metrics on a port of their own, at the same address. They are there until the last operation has ended. */
async function metricsOf({ services, app }: AppServer, { listen: host, metricsPort: port }: ServeOptions) {
  if (port === undefined) return undefined;
  try {
    const { port: taken, stop } = await serveMetrics(services.metrics, { host, port });
    return { address: `http://${host.includes(':') ? `[${host}]` : host}:${taken}/metrics`, stop };
  } catch (error) {
    await app.close();
    throw portTaken(error, port, host);
  }
}

function clustersOf(world: ServeSurroundings, options: ServeOptions): Promise<ClusterDirectory> {
  if (options.auth === 'kubeconfig') return Promise.resolve(contexts(world, options));
  return options.oidc?.impersonate === true ? accountCluster(world, options) : tokenClusters(world, options);
}

/** Callers that prove themselves: by a token, or by a login that is worth one. */
async function callersOf(
  world: ServeSurroundings,
  { auth, oidc, publicUrl }: ServeOptions,
  clusters: ClusterDirectory,
): Promise<Callers> {
  const whoIs = whoIsAt(clusters, world.clock);
  const bearer = bearerCallers(world.clock, whoIs);
  if (auth !== 'oidc' || oidc === undefined) return bearer;
  const identify = async (idToken: string, token: () => Promise<string>) => {
    const credential = { kind: 'token', token } as const;
    return { ...(await whoIs(credential, [`person ${claimsOf(idToken).sub}`])), credential };
  };
  const { clock, random, cwd } = world;
  return oidcSetup({ clock, random, publicUrl, identify, bearer }, withAbsoluteFiles(cwd, oidc));
}

function withAbsoluteFiles(cwd: string, oidc: OidcOptions): OidcOptions {
  const file = <Name extends keyof OidcOptions>(name: Name) =>
    oidc[name] === undefined ? {} : { [name]: absolute(cwd, String(oidc[name])) };
  return {
    ...oidc,
    ...file('clientSecretFile'),
    ...file('caFile'),
    ...file('allowFile'),
    sessionKeyFiles: oidc.sessionKeyFiles.map((one) => absolute(cwd, one)),
  };
}

/** The cluster that the server runs in, with its own account, which asks in the name of whoever is logged in. */
async function accountCluster(
  world: ServeSurroundings,
  { clusters, clusterFile }: ServeOptions,
): Promise<ClusterDirectory> {
  if (clusters.length > 0 || clusterFile !== undefined)
    throw new AppstoreError(
      'USAGE',
      '`--impersonate` is for the cluster that the server runs in, and no other one',
    );
  const account = await inClusterConfig(world.env, accountFolder(world));
  if (account !== undefined) return accountDirectory(account, surroundingsOf(world));
  throw new AppstoreError(
    'USAGE',
    '`--impersonate` needs the token of a service account, and none is mounted here',
  );
}

/** Where a pod has its service account. */
function accountFolder({ env }: ServeSurroundings): string | undefined {
  return env.APPSTORE_SERVICE_ACCOUNT_FOLDER || undefined;
}

function contexts(world: ServeSurroundings, { kubeconfig, context }: ServeOptions): ClusterDirectory {
  return contextDirectory({
    ...surroundingsOf(world),
    cacheDir: world.cacheDir,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
}

/** Those that are named, else the one that the server runs in. */
async function tokenClusters(world: ServeSurroundings, options: ServeOptions): Promise<ClusterDirectory> {
  const inFile =
    options.clusterFile === undefined ? [] : await readClusterFile(absolute(world.cwd, options.clusterFile));
  const named = [...options.clusters.map((text) => withAbsoluteCa(world.cwd, parseCluster(text))), ...inFile];
  const inCluster = ownCluster(world.env, accountFolder(world));
  const all = named.length > 0 ? named : inCluster === undefined ? [] : [inCluster];
  if (all.length === 0)
    throw new AppstoreError('USAGE', 'no cluster is named, and this is no pod of one', {
      hint: 'Name it: `--cluster prod=https://10.0.0.1:6443,ca=/etc/appstore/prod-ca.crt`.',
    });
  const double = all.find(({ name }, at) => all.findIndex((one) => one.name === name) !== at);
  if (double !== undefined) throw new AppstoreError('USAGE', `two clusters are called \`${double.name}\``);
  await checkAuthorities(all);
  return tokenDirectory(all, surroundingsOf(world));
}

function surroundingsOf({ env, home, cwd, version }: ServeSurroundings) {
  return { env, home, cwd, userAgent: `appstore/${version} (serve)`, interactive: false };
}

function withAbsoluteCa(cwd: string, cluster: NamedCluster): NamedCluster {
  const { caFile } = cluster;
  return caFile === undefined ? cluster : { ...cluster, caFile: absolute(cwd, caFile) };
}

function absolute(cwd: string, path: string): string {
  return isAbsolute(path) ? path : join(cwd, path);
}

/** The default cluster says who it takes a caller for. */
function whoIsAt(clusters: ClusterDirectory, clock: Clock): WhoIs {
  return boundedWhoIs(clock, async (credential, signal) => {
    const all = await clusters.list();
    const cluster = await clusters.connect(all.find((one) => one.default)?.name ?? '', credential);
    try {
      return await whoAmI(cluster, signal);
    } finally {
      await cluster.close();
    }
  });
}

async function approvalKeys({ cwd }: ServeSurroundings, { approvalKey, approvedBy }: ServeOptions) {
  const read = async (file: string) => {
    try {
      return await readFile(absolute(cwd, file), 'utf8');
    } catch (cause) {
      throw new AppstoreError('FILE_UNREADABLE', `${file}: it cannot be read`, { place: { file }, cause });
    }
  };
  const others = await Promise.all(
    approvedBy.map(async (file) => {
      const pem = await read(file);
      refusePrivateKey(pem, file);
      return pem;
    }),
  );
  if (approvalKey === undefined) return { approvedBy: others };
  const privateKey = await read(approvalKey);
  return { approvedBy: others, approvalKey: { privateKey, publicKey: publicKeyOf(privateKey) } };
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}

function loopbackOrigins(port: number): readonly string[] {
  return ['127.0.0.1', 'localhost', '[::1]'].map((host) => `http://${host}:${port}`);
}

function publicOrigins(url: string | undefined): readonly string[] {
  if (url === undefined) return [];
  const parsed = URL.parse(url);
  if (parsed !== null && ['http:', 'https:'].includes(parsed.protocol) && parsed.pathname === '/')
    return [parsed.origin];
  throw new AppstoreError('USAGE', `\`--public-url ${url}\` is not the address of a server`, {
    hint: 'Write it like `https://apps.example.org`, without a path.',
  });
}

async function listen({ app }: AppServer, { listen: host, port }: ServeOptions): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw portTaken(error, port, host);
  }
}

function portTaken(error: unknown, port: number, host: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error;
  return new AppstoreError('PORT_TAKEN', `port ${port} of ${host} is taken`, { cause: error });
}

function linkOf(own: LoopbackCallers | undefined, address: string): { readonly link?: string } {
  return own === undefined ? {} : { link: `${address}${own.newLink()}` };
}
