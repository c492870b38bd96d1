import { AppstoreError, type Problem } from '../domain/errors.ts';
import type { KubeObject, ObjectId } from '../domain/objects.ts';
import type { PendingOperation } from '../domain/release.ts';
import type { OpenLink } from '../domain/rendered.ts';
import { requireRecord } from './inspect.ts';
import { maskedLink } from './links.ts';
import type { Cluster } from './ports.ts';
import { recordMask } from './record-mask.ts';
import type { ClusterDeps, InstallationName } from './requests.ts';
import { newestRevision } from './state.ts';

/** Where an app is reached: an address, or a pod and port to forward to. */
export interface OpenTarget {
  readonly link: OpenLink;
  /** The same with secrets masked. */
  readonly shown: OpenLink;
  /** What stands before the path of the link, without a slash at its end; absent where the link is whole or a port is to be forwarded. */
  readonly base?: string;
  readonly pod?: ObjectId;
  /** Port of the pod. */
  readonly port?: number;
  readonly pending?: PendingOperation;
  /** What is to be told of it. */
  readonly problems: readonly Problem[];
}

/** The first address that an installation offers. Throws NOTHING_TO_OPEN where there is none, or no pod is ready. */
export async function findOpen(
  deps: ClusterDeps,
  name: InstallationName,
  signal: AbortSignal,
): Promise<OpenTarget> {
  const record = await requireRecord(deps, name, signal);
  const content = await deps.records.revision(record, newestRevision(record), signal);
  const [link] = content.rendered.open;
  if (link === undefined) {
    throw new AppstoreError('NOTHING_TO_OPEN', `${record.app} has no page to open`, {
      hint: `\`appstore get ${name.name} notes -n ${name.namespace}\` tells how it is used.`,
    });
  }
  const { mask, problems } = await recordMask(deps, record, signal);
  const pending = record.pending === undefined ? {} : { pending: record.pending };
  const target = { link, shown: maskedLink(link, mask), problems, ...pending };
  if (link.url !== undefined) return target;
  if (link.service === undefined)
    throw new AppstoreError('NOTHING_TO_OPEN', `${record.app} names neither an address nor a service`);
  return { ...target, ...(await wayTo(deps.cluster, name.namespace, link.service, signal)) };
}

/** The whole address of a link. */
export function addressOf({ url, service }: OpenLink, base: string): string {
  return url ?? `${base}${(service?.path ?? '').replace(/^\/*/, '/')}`;
}

type ServiceTarget = NonNullable<OpenLink['service']>;

/** By the address that a load balancer gave it, else by a port of a pod behind it. */
async function wayTo(
  cluster: Cluster,
  namespace: string,
  target: ServiceTarget,
  signal: AbortSignal,
): Promise<{ base: string } | { pod: ObjectId; port: number }> {
  const where = `Service/${namespace}/${target.name}`;
  const service = await cluster.get(
    { group: '', version: 'v1', kind: 'Service', namespace, name: target.name },
    signal,
  );
  if (service === undefined) throw new AppstoreError('NOTHING_TO_OPEN', `${where}: it does not exist`);
  const address = balancedAddress(service);
  if (address !== undefined && typeof target.port === 'number') {
    return { base: `${target.scheme}://${address}:${target.port}` };
  }
  const port = servicePort(service, target.port);
  if (port === undefined)
    throw new AppstoreError('NOTHING_TO_OPEN', `${where}: it has no port ${target.port}`);
  const selector = Object.entries((service.spec?.selector ?? {}) as Record<string, string>);
  const labelSelector = selector.map(([key, value]) => `${key}=${value}`).join(',');
  const pods = await cluster.list(
    { group: '', version: 'v1', kind: 'Pod' },
    { namespace, labelSelector, signal },
  );
  const pod = pods.items.find(isReady);
  if (selector.length === 0 || pod === undefined)
    throw new AppstoreError('NOTHING_TO_OPEN', `${where}: no pod behind it is ready`);
  const number = containerPort(pod, port);
  if (number === undefined)
    throw new AppstoreError('NOTHING_TO_OPEN', `${where}: its pods name no port \`${port}\``);
  return { pod: { group: '', kind: 'Pod', namespace, name: pod.metadata.name }, port: number };
}

/** The first address of a Service of type LoadBalancer, once it has one; IPv6 in brackets, as URLs have it. */
function balancedAddress({ status }: KubeObject): string | undefined {
  const { loadBalancer } = (status ?? {}) as {
    loadBalancer?: { ingress?: readonly { ip?: string; hostname?: string }[] };
  };
  const { hostname, ip } = loadBalancer?.ingress?.[0] ?? {};
  return hostname ?? (ip?.includes(':') === true ? `[${ip}]` : ip);
}

/** The target port of a service's port, by number or name; a number where the service names none. */
function servicePort(service: KubeObject, wanted: number | string): number | string | undefined {
  const ports = (service.spec?.ports ?? []) as {
    name?: string;
    port: number;
    targetPort?: number | string;
  }[];
  const found = ports.find((port) => port.port === wanted || port.name === wanted);
  return found === undefined ? undefined : (found.targetPort ?? found.port);
}

function containerPort(pod: KubeObject, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  const containers = (pod.spec?.containers ?? []) as {
    ports?: { name?: string; containerPort: number }[];
  }[];
  return containers.flatMap((container) => container.ports ?? []).find((one) => one.name === port)
    ?.containerPort;
}

function isReady(pod: KubeObject): boolean {
  const conditions = (pod.status?.conditions ?? []) as { type: string; status: string }[];
  const ready = conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return ready && pod.metadata.deletionTimestamp === undefined;
}
