import { readFile } from 'node:fs/promises';
import { AppstoreError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { isSandboxCluster } from '../../domain/sandbox.ts';
import type { ClusterDirectory, ClusterInfo } from '../../services/cluster-directory.ts';
import { type ConnectOptions, connectTo } from './connect.ts';
import { chooseContext } from './context.ts';
import { type Kubeconfig, parseKubeconfig, readKubeconfig } from './kubeconfig.ts';

/** A cluster by its address and certificate authority alone: whoever asks brings what proves it. */
export interface NamedCluster {
  readonly name: string;
  readonly server: string;
  /** A PEM file that is read anew with each connection. */
  readonly caFile?: string;
  /** PEM. */
  readonly ca?: string;
}

type Surroundings = Omit<ConnectOptions, 'kubeconfig' | 'context' | 'namespace' | 'token'>;

/**
 * The contexts of the kubeconfig, each with its own user: for whoever started the program, on their machine. Read anew with each question,
 * as a command would.
 */
export function contextDirectory(
  surroundings: Surroundings & Pick<ConnectOptions, 'kubeconfig' | 'context'>,
): ClusterDirectory {
  const read = async (): Promise<Kubeconfig> => {
    const config = await readKubeconfig(surroundings);
    if (config !== undefined) return config;
    throw new AppstoreError('KUBECONFIG_MISSING', 'there is no kubeconfig');
  };
  return {
    async list() {
      const config = await read();
      const first = surroundings.context ?? config.currentContext;
      const names = [...config.contexts.keys()].sort();
      return names.flatMap((name) => infoOf(config, name, first, surroundings));
    },
    async connect(name, credential, line) {
      if (credential.kind !== 'own') throw foreign();
      const config = await read();
      if (!config.contexts.has(name)) throw unknownCluster(name, [...config.contexts.keys()]);
      return connectTo(config, { ...surroundings, ...line, context: name });
    },
  };
}

/** A context that names what is not there is none. */
function infoOf(
  config: Kubeconfig,
  context: string,
  first: string,
  { env }: Surroundings,
): readonly ClusterInfo[] {
  try {
    const { server, clusterName } = chooseContext(config, { context, env });
    const simulated = isSandboxCluster({ name: clusterName, server });
    return [{ name: context, server, default: context === first, simulated }];
  } catch {
    return [];
  }
}

/** Clusters that are spoken to with the token of whoever asks, and with nothing else. The first one stands for none. */
export function tokenDirectory(
  clusters: readonly NamedCluster[],
  surroundings: Surroundings,
): ClusterDirectory {
  return {
    list: async () =>
      clusters.map(({ name, server }, at) => ({
        name,
        server,
        default: at === 0,
        simulated: isSandboxCluster({ name, server }),
      })),
    async connect(name, credential, line) {
      const cluster = clusters.find((one) => one.name === name);
      if (cluster === undefined)
        throw unknownCluster(
          name,
          clusters.map((one) => one.name),
        );
      if (credential.kind !== 'token') throw foreign();
      return connectTo(configOf(cluster), { ...surroundings, ...line, token: credential.token });
    },
  };
}

/**
 * The cluster of a service account that asks in the name of others. Whom it may name is decided by RBAC, and before that by who calls this.
 */
export function accountDirectory(account: Kubeconfig, surroundings: Surroundings): ClusterDirectory {
  const { currentContext: context } = account;
  return {
    list: async () => infoOf(account, context, context, surroundings),
    async connect(name, credential, line) {
      if (name !== context) throw unknownCluster(name, [context]);
      if (credential.kind !== 'impersonate' || credential.user === '') throw foreign();
      const { user: as, groups } = credential;
      const users = new Map<string, JsonObject>();
      for (const [key, user] of account.users) users.set(key, { ...user, as, 'as-groups': [...groups] });
      return connectTo({ ...account, users }, { ...surroundings, ...line });
    },
  };
}

/** Without a user: nothing but the caller's token can ever be sent. */
function configOf({ name, server, ca, caFile }: NamedCluster): Kubeconfig {
  const cluster: JsonObject = {
    server,
    ...(caFile === undefined ? {} : { 'certificate-authority': caFile }),
    ...(ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
  };
  return {
    files: [],
    currentContext: name,
    contexts: new Map([[name, { cluster: name, user: '' }]]),
    clusters: new Map([[name, cluster]]),
    users: new Map(),
  };
}

/**
 * Clusters from a file in the form of a kubeconfig that holds nothing but addresses and certificate authorities. Throws KUBECONFIG_MISSING,
 * KUBECONFIG_INVALID where it holds anything else: the server would act with that, or read files that it names.
 */
export async function readClusterFile(file: string): Promise<readonly NamedCluster[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppstoreError('KUBECONFIG_MISSING', `${file}: cannot be read`, { place: { file }, cause });
  });
  const config = await parseKubeconfig(file, text);
  const [user] = config.users.keys();
  if (user !== undefined) throw refused(file, `user \`${user}\` has credentials`);
  const clusters = [...config.clusters].map(([name, cluster]) => readCluster(file, name, cluster));
  if (clusters.length === 0) throw refused(file, 'it names no cluster');
  return clusters;
}

const allowedFields: ReadonlySet<string> = new Set(['server', 'certificate-authority-data']);

function readCluster(file: string, name: string, cluster: JsonObject): NamedCluster {
  const other = Object.keys(cluster).find((field) => !allowedFields.has(field));
  if (other !== undefined) throw refused(file, `cluster \`${name}\` has \`${other}\``);
  const { server, 'certificate-authority-data': data } = cluster;
  if (typeof server !== 'string') throw refused(file, `cluster \`${name}\` has no \`server\``);
  return {
    name,
    server: checkedServer(name, server),
    ...(typeof data === 'string' ? { ca: Buffer.from(data, 'base64').toString('utf8') } : {}),
  };
}

function refused(file: string, what: string): AppstoreError {
  return new AppstoreError('KUBECONFIG_INVALID', `${file}: ${what}`, {
    place: { file },
    hint: 'A server takes `server` and `certificate-authority-data` of each cluster and nothing else: no user, no `exec`, no auth provider, no path. Whoever asks brings their own token.',
  });
}

/**
 * Reads `name=https://host:port[,ca=FILE]`.
 * @throws AppstoreError USAGE
 */
export function parseCluster(text: string): NamedCluster {
  const [, name, server, caFile] = /^([^=,\s]+)=([^,\s]+)(?:,ca=(.+))?$/.exec(text) ?? [];
  if (name === undefined || server === undefined)
    throw new AppstoreError('USAGE', `\`--cluster ${text}\` cannot be read`, {
      hint: 'Write it like `--cluster prod=https://10.0.0.1:6443,ca=/etc/appstore/prod-ca.crt`.',
    });
  return { name, server: checkedServer(name, server), ...(caFile === undefined ? {} : { caFile }) };
}

/**
 * Whoever starts a server is told what every caller would run into.
 * @throws AppstoreError FILE_UNREADABLE where a certificate authority cannot be read, or is none
 */
export async function checkAuthorities(clusters: readonly NamedCluster[]): Promise<void> {
  for (const { name, caFile } of clusters) {
    if (caFile === undefined) continue;
    const refuse = (what: string, cause?: unknown) =>
      new AppstoreError(
        'FILE_UNREADABLE',
        `${caFile}: the certificate authority of cluster \`${name}\` ${what}`,
        {
          place: { file: caFile },
          cause,
        },
      );
    const text = await readFile(caFile, 'utf8').catch((cause: unknown) => {
      throw refuse('cannot be read', cause);
    });
    if (!text.includes('-----BEGIN CERTIFICATE-----')) throw refuse('is no certificate in PEM form');
  }
}

/** Tokens are sent there: never in the clear, and never with a password of somebody else. */
function checkedServer(name: string, server: string): string {
  const url = URL.parse(server);
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return server;
  throw new AppstoreError(
    'USAGE',
    `cluster \`${name}\`: its address has to begin with https:// and hold no password`,
  );
}

/** The cluster that a pod runs in, without its service account: undefined outside of one. */
export function ownCluster(
  env: Readonly<Record<string, string | undefined>>,
  folder: string = '/var/run/secrets/kubernetes.io/serviceaccount',
): NamedCluster | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) return undefined;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { name: 'in-cluster', server, caFile: `${folder}/ca.crt` };
}

function unknownCluster(name: string, all: readonly string[]): AppstoreError {
  return new AppstoreError('CLUSTER_UNKNOWN', `there is no cluster \`${name}\``, {
    hint: `Name one of: ${[...all].sort().join(', ')}.`,
  });
}

/** A credential of another way to log in must never come here. */
function foreign(): AppstoreError {
  return new AppstoreError('UNAUTHENTICATED', 'this credential is not one that the server may use here');
}
