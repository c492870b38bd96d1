import type { FastifyRequest } from 'fastify';
import { AppstoreError } from '../domain/errors.ts';
import type { ClusterInfo } from '../services/cluster-directory.ts';
import type { ClusterDeps } from '../services/requests.ts';
import type { Caller } from './callers/caller.ts';
import type { Metrics } from './metrics.ts';
import type { OperationRegistry } from './operations/registry.ts';
import type { Platform, ServerSettings } from './platform.ts';
import type { ClusterPool } from './pool.ts';
import type { Shelf } from './shelf.ts';

/** What routes work with. */
export interface Services {
  readonly platform: Platform;
  readonly settings: ServerSettings;
  readonly shelf: Shelf;
  readonly pool: ClusterPool;
  readonly operations: OperationRegistry;
  readonly metrics: Metrics;
  /** Aborts when the server is stopped: streams end then. */
  readonly stopped: AbortSignal;
  /** The document of the API. */
  document(): object;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Remembers who a request is from. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/** Who a request is from; undefined where nobody said. */
export function knownCaller(request: FastifyRequest): Caller | undefined {
  return callers.get(request);
}

/** Who a request is from. @throws AppstoreError UNAUTHENTICATED */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller !== undefined) return caller;
  throw new AppstoreError('UNAUTHENTICATED', 'nobody is logged in');
}

/** The cluster that is named, or the one that stands for none. @throws AppstoreError CLUSTER_UNKNOWN */
export async function clusterOf({ platform }: Services, name: string | undefined): Promise<ClusterInfo> {
  const all = await platform.clusters.list();
  const found = all.find((one) => (name === undefined ? one.default : one.name === name)) ?? undefined;
  if (found !== undefined) return found;
  const what = name === undefined ? 'no cluster stands for none' : `there is no cluster \`${name}\``;
  throw new AppstoreError('CLUSTER_UNKNOWN', what, {
    hint: `Name one of: ${all.map((one) => one.name).join(', ')}.`,
  });
}

/** Works with a cluster, the named one or the one that stands for none, with the rights of whoever asks. @throws AppstoreError CLUSTER_UNKNOWN */
export async function onCluster<T>(
  request: FastifyRequest,
  services: Services,
  cluster: string | undefined,
  work: (deps: ClusterDeps, cluster: string) => Promise<T>,
): Promise<T> {
  const { name } = await clusterOf(services, cluster);
  return services.pool.use(name, callerOf(request), (deps) => work(deps, name));
}
