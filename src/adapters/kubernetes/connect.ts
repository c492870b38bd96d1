import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { AppstoreError } from '../../domain/errors.ts';
import { isObject } from '../../domain/json.ts';
import { isSandboxCluster } from '../../domain/sandbox.ts';
import type { Cluster } from '../../services/ports.ts';
import { kubeConfigCredentials } from './client-node.ts';
import { apiCluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import { type ChosenContext, chooseContext } from './context.ts';
import {
  type CredentialSource,
  type Credentials,
  cachedCredentials,
  type TlsMaterial,
} from './credentials.ts';
import { dial } from './dial.ts';
import { discovery } from './discovery.ts';
import type { DiscoveryCache } from './discovery-cache.ts';
import { inClusterConfig } from './in-cluster.ts';
import { type Kubeconfig, readKubeconfig } from './kubeconfig.ts';
import { growingLane, lane } from './lane.ts';
import { isLoopback } from './proxy.ts';
import { transport } from './transport.ts';
import type { Upgrade } from './upgrade.ts';

export interface ConnectOptions {
  /** `--kubeconfig`; else KUBECONFIG, `~/.kube/config`, the service account of the pod. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
  /** Environment: KUBECONFIG, the proxies, what plugins get, DISABLE_HTTP2 as kubectl reads it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Folder from which relative paths of `kubeconfig` and KUBECONFIG count. */
  readonly cwd: string;
  /** Where discovery is kept between commands; only in memory where absent. */
  readonly cacheDir?: string;
  readonly userAgent: string;
  /** True where a credential plugin may ask a person on the terminal. */
  readonly interactive?: boolean;
  /** The connection is made while the caller goes on, where no program has to be run for it: a request is sure to come. */
  readonly early?: boolean;
  /** Told when the server is lost in the middle of something, and when it answers again. */
  readonly onConnection?: (state: 'lost' | 'restored', reason: string) => void;
  /** Until when, on the clock of `performance`, an outage of a server that answered before is ridden out. */
  readonly patientUntil?: () => number;
  /** Asked for the token of every request, instead of what the configuration says of its user. */
  readonly token?: () => Promise<string>;
  /** Where a pod has its service account; for tests. */
  readonly serviceAccountFolder?: string;
}

/** Watches on one connection, no more than either protocol has room for: a watch that waited for room would never begin. */
const WATCHES = 32;

/**
 * Reads the configuration and makes a cluster of it. No request is sent and no plugin is run before the first question. Throws
 * KUBECONFIG_MISSING, KUBECONFIG_INVALID, CONTEXT_UNKNOWN.
 */
export async function connect(options: ConnectOptions): Promise<Cluster> {
  return connectTo(await findConfig(options), options);
}

/** The same with a configuration that is at hand. */
export async function connectTo(config: Kubeconfig, options: ConnectOptions): Promise<Cluster> {
  const chosen = chooseContext(config, options);
  const credentials = credentialsOf(chosen, options);
  const sockets = socketsOf(chosen, credentials, options);
  const shared = {
    credentials,
    server: chosen.server,
    proxy: chosen.proxy,
    basePath: chosen.endpoint.basePath,
    headers: headersOf(chosen, options),
  };
  const main = lane(sockets.open);
  if (options.early === true && !runsProgram(chosen)) {
    main.begin();
    // What the caller does next would hold the handshake up.
    await handshakeBegins();
  }
  const wire = transport({
    ...shared,
    main,
    streams: growingLane(sockets.open, WATCHES),
    onConnection: options.onConnection ?? (() => undefined),
    patientUntil: options.patientUntil ?? (() => 0),
  });
  const cache = options.cacheDir === undefined ? undefined : cacheOf(chosen, options.cacheDir);
  const target = {
    context: chosen.context,
    server: chosen.server,
    namespace: chosen.namespace,
    simulated: isSandboxCluster({ name: chosen.clusterName, server: chosen.server }),
  };
  const upgrade: Upgrade = async (request) => {
    const { upgrader } = await import('./upgrade.ts');
    return upgrader({ ...shared, dial: (signal) => sockets.dial(['http/1.1'], signal) })(request);
  };
  return apiCluster(target, { transport: wire, discovery: discovery(wire, cache) }, upgrade);
}

/** Two turns of the event loop after a socket was asked for, the handshake is on its way, if the server is near. */
function handshakeBegins(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}

async function findConfig(options: ConnectOptions): Promise<Kubeconfig> {
  const config =
    (await readKubeconfig(options)) ??
    (options.kubeconfig === undefined
      ? await inClusterConfig(options.env, options.serviceAccountFolder)
      : undefined);
  if (config !== undefined) return config;
  const looked = options.kubeconfig ?? (options.env.KUBECONFIG || join(options.home, '.kube', 'config'));
  throw new AppstoreError(
    'KUBECONFIG_MISSING',
    `${looked}: no kubeconfig there, and this is no pod of a cluster`,
  );
}

/** Credential plugins may ask a person, and the providers of clouds call their program. */
function runsProgram({ user }: ChosenContext): boolean {
  return user.exec !== undefined || user['auth-provider'] !== undefined;
}

function credentialsOf(chosen: ChosenContext, options: ConnectOptions): Credentials {
  const standard = kubeConfigCredentials(chosen);
  const base = async () => (await standard.read()).credential.tls;
  if (options.token !== undefined) return later(Promise.resolve(tokenSource(options.token, base)));
  const { exec, 'auth-provider': provider } = chosen.user;
  // Loaded only for those who have one.
  if (isObject(exec)) {
    const surroundings = { env: options.env, interactive: options.interactive ?? false };
    const plugin = import('./exec-plugin.ts');
    return later(plugin.then((module) => module.execCredentials(chosen, exec, base, surroundings)));
  }
  if (isObject(provider) && provider.name === 'oidc') {
    return later(import('./oidc.ts').then((module) => module.oidcCredentials(chosen, provider.config, base)));
  }
  return cachedCredentials(standard);
}

/** Whose token it is keeps it fresh: it is asked for with each request. */
function tokenSource(
  token: () => Promise<string>,
  base: () => Promise<TlsMaterial>,
): Required<CredentialSource> {
  const read = async () => ({
    credential: { headers: { authorization: `Bearer ${await token()}` }, tls: await base() },
    expires: 0,
  });
  return { read, refresh: read };
}

function later(source: Promise<Required<CredentialSource>>): Credentials {
  return cachedCredentials({
    read: async () => (await source).read(),
    refresh: async () => (await source).refresh(),
  });
}

function socketsOf(chosen: ChosenContext, credentials: Credentials, { env }: ConnectOptions) {
  const { endpoint, proxy } = chosen;
  const dialWith = async (protocols: readonly string[], signal: AbortSignal): Promise<Socket> => {
    const { tls: material } = await credentials.current();
    return dial(endpoint, { material, proxy, protocols, signal });
  };
  const protocols = env.DISABLE_HTTP2 || !endpoint.secure ? ['http/1.1'] : ['h2', 'http/1.1'];
  const open = async (ended: AbortSignal): Promise<Connection> => {
    const dialing = dialWith(protocols, ended);
    // What most servers speak is loaded while this one answers.
    if (protocols[0] === 'h2') void handshakeBegins().then(() => process.getBuiltinModule('node:http2'));
    const socket = await dialing;
    if ((socket as Partial<TLSSocket>).alpnProtocol === 'h2') {
      const { openHttp2 } = await import('./http2.ts');
      return openHttp2(socket as TLSSocket, authority(chosen), ended);
    }
    const { openHttp1 } = await import('./http1.ts');
    return openHttp1(socket, () => dialWith(['http/1.1'], ended));
  };
  return { dial: dialWith, open };
}

function authority({ endpoint }: ChosenContext): string {
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return endpoint.port === (endpoint.secure ? 443 : 80) ? host : `${host}:${endpoint.port}`;
}

/** Packing an answer costs the server more time than sending it over loopback, and less than over any network. */
function headersOf(chosen: ChosenContext, { userAgent }: ConnectOptions): Record<string, string> {
  const packed = isLoopback(chosen.endpoint.host) ? {} : { 'accept-encoding': 'gzip' };
  return { host: authority(chosen), 'user-agent': userAgent, ...packed };
}

/** Loaded with the first question that needs discovery: most commands have none. */
function cacheOf(chosen: ChosenContext, folder: string): DiscoveryCache {
  const ca = chosen.cluster['certificate-authority-data'] ?? chosen.cluster['certificate-authority'];
  const open = async () => {
    const { discoveryCache } = await import('./discovery-cache.ts');
    return discoveryCache(join(folder, 'discovery'), chosen.server, typeof ca === 'string' ? ca : '');
  };
  return { read: async () => (await open()).read(), write: async (found) => (await open()).write(found) };
}
