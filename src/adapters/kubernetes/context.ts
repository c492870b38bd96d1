import { AppstoreError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { nearest } from '../../domain/near.ts';
import type { Endpoint } from './dial.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';

/** What one context of a kubeconfig says. */
export interface ChosenContext {
  readonly context: string;
  readonly namespace: string;
  /** Address as the kubeconfig has it, for people. */
  readonly server: string;
  readonly endpoint: Endpoint;
  readonly proxy: URL | undefined;
  readonly cluster: JsonObject;
  readonly user: JsonObject;
  readonly userName: string;
  readonly clusterName: string;
}

/** Chooses a context and checks it. Throws CONTEXT_UNKNOWN (with all there are) or KUBECONFIG_INVALID. */
export function chooseContext(
  config: Kubeconfig,
  options: {
    readonly context?: string;
    readonly namespace?: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): ChosenContext {
  const name = options.context ?? config.currentContext;
  const context = config.contexts.get(name);
  if (context === undefined) throw unknownContext(config, name, options.context !== undefined);
  const clusterName = text(context.cluster);
  const cluster = config.clusters.get(clusterName);
  if (cluster === undefined) {
    throw invalid(
      config,
      `context "${name}" names the cluster "${clusterName}", which is not in the kubeconfig`,
    );
  }
  const userName = text(context.user);
  const user = config.users.get(userName);
  if (user === undefined && userName !== '') {
    throw invalid(config, `context "${name}" names the user "${userName}", which is not in the kubeconfig`);
  }
  const server = parseServer(config, clusterName, text(cluster.server));
  return {
    context: name,
    namespace: options.namespace || text(context.namespace) || 'default',
    server: text(cluster.server),
    endpoint: endpointOf(server, cluster),
    proxy: chooseProxy(config, clusterName, server, cluster, options.env),
    cluster,
    user: user ?? {},
    userName,
    clusterName,
  };
}

function parseServer(config: Kubeconfig, cluster: string, server: string): URL {
  if (server === '') throw invalid(config, `cluster "${cluster}" has no \`server\``);
  const url = URL.parse(server.includes('://') ? server : `https://${server}`);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw invalid(config, `cluster "${cluster}": \`server\` is not an http or https address: ${server}`);
  }
  return url;
}

function endpointOf(server: URL, cluster: JsonObject): Endpoint {
  const secure = server.protocol === 'https:';
  const serverName = text(cluster['tls-server-name']);
  return {
    secure,
    host: server.hostname.replace(/^\[|\]$/g, ''),
    port: Number(server.port) || (secure ? 443 : 80),
    basePath: server.pathname.replace(/\/+$/, ''),
    ...(serverName === '' ? {} : { serverName }),
    insecure: cluster['insecure-skip-tls-verify'] === true,
  };
}

function chooseProxy(
  config: Kubeconfig,
  cluster: string,
  server: URL,
  body: JsonObject,
  env: Readonly<Record<string, string | undefined>>,
): URL | undefined {
  try {
    return proxyFor(server, text(body['proxy-url']), env);
  } catch (error) {
    throw invalid(
      config,
      `cluster "${cluster}": the address of the proxy (proxy-url or HTTPS_PROXY) is none`,
      error,
    );
  }
}

function unknownContext(config: Kubeconfig, name: string, asked: boolean): AppstoreError {
  const all = [...config.contexts.keys()].sort();
  const listed = all.length === 0 ? 'it has no contexts at all' : `there are: ${all.join(', ')}`;
  const what =
    name === ''
      ? 'no current context is set'
      : `${asked ? 'no' : 'the current context has no'} context "${name}"`;
  const near = nearest(name, all);
  const hint = near.length === 0 ? {} : { hint: `Did you mean \`--context ${near[0]}\`?` };
  return new AppstoreError('CONTEXT_UNKNOWN', `${where(config)}: ${what}; ${listed}`, hint);
}

function invalid(config: Kubeconfig, what: string, cause?: unknown): AppstoreError {
  const file = config.files[0];
  return new AppstoreError('KUBECONFIG_INVALID', `${where(config)}: ${what}`, {
    ...(file === undefined ? {} : { place: { file } }),
    cause,
  });
}

function where(config: Kubeconfig): string {
  return config.files.length === 0 ? 'in-cluster configuration' : config.files.join(', ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
