import { AppstoreError } from '../domain/errors.ts';
import { displayId, type KubeObject, type ObjectId, type ObjectRef, refOf } from '../domain/objects.ts';
import { containerStatuses } from '../domain/pod-health.ts';
import { runsPods } from '../domain/pods-of.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { fieldsAt, listOf, numberOr } from '../domain/status-of.ts';
import { findBeneath } from './beneath.ts';
import type { Cluster } from './ports.ts';

/** Whose logs are wanted. */
export interface LogSelection {
  /** `Kind/name` of the installation or beneath it; everything where absent. The case of the kind does not matter. */
  readonly object?: string;
  readonly container?: string;
}

/** One container of a pod that has, or had, a log. */
export interface LogTarget {
  readonly pod: ObjectRef;
  readonly container: string;
  /** Different for every run of it. */
  readonly run: string;
  readonly started: boolean;
  readonly running: boolean;
}

/**
 * The containers that are meant, in the order of pods and of their specs. Init containers that are through are left out unless
 * named. Throws OBJECT_NOT_FOUND, FORBIDDEN.
 */
export async function logTargets(
  cluster: Cluster,
  record: InstallationRecord,
  selection: LogSelection,
  signal: AbortSignal,
): Promise<LogTarget[]> {
  const pods = await podsOf(cluster, record, selection.object, signal);
  const targets = pods.flatMap((pod) => containersOf(pod, selection.container));
  if (selection.container === undefined || targets.length > 0 || pods.length === 0) return targets;
  const names = [...new Set(pods.flatMap(containerNames))].join(', ');
  throw new AppstoreError(
    'OBJECT_NOT_FOUND',
    `${record.name} in namespace ${record.namespace}: no pod has a container ${selection.container}; there are ${names}`,
  );
}

async function podsOf(
  cluster: Cluster,
  record: InstallationRecord,
  object: string | undefined,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  if (object === undefined) return (await findBeneath(cluster, record.inventory, signal)).pods;
  const roots = record.inventory.filter((entry) => isNamed(entry, object));
  if (roots.length > 0) return (await findBeneath(cluster, roots, signal)).pods;
  const { pods } = await findBeneath(cluster, record.inventory, signal);
  const found = pods.filter((pod) => isNamed({ kind: 'Pod', name: pod.metadata.name }, object));
  if (found.length > 0) return found;
  throw notFound(record, object, pods);
}

function isNamed(id: Pick<ObjectId, 'kind' | 'name'>, object: string): boolean {
  const slash = object.indexOf('/');
  return (
    id.kind.toLowerCase() === object.slice(0, slash).toLowerCase() && id.name === object.slice(slash + 1)
  );
}

function notFound(record: InstallationRecord, object: string, pods: readonly KubeObject[]): AppstoreError {
  const named = [...record.inventory.filter(runsPods), ...pods.map(refOf)].slice(0, 20);
  const known = named.map(({ kind, name }) => `${kind}/${name}`).join(', ') || 'nothing that runs pods';
  return new AppstoreError(
    'OBJECT_NOT_FOUND',
    `${record.name} in namespace ${record.namespace} has no ${object}; it has ${known}`,
  );
}

function containersOf(pod: KubeObject, wanted: string | undefined): LogTarget[] {
  const statuses = new Map(containerStatuses(pod).map((status) => [String(status.name), status]));
  return containerNames(pod).flatMap((name) => {
    const status = statuses.get(name) ?? {};
    const ended = fieldsAt(status, 'state', 'terminated');
    if (wanted === undefined ? isInit(pod, name) && ended.exitCode === 0 : wanted !== name) return [];
    const waiting = status.state === undefined || fieldsAt(status, 'state').waiting !== undefined;
    const restarts = numberOr(status.restartCount, 0);
    const run = `${pod.metadata.uid} ${name} ${restarts}`;
    const running = fieldsAt(status, 'state').running !== undefined;
    // While it waits to be started again, its log is that of the run that ended.
    const started = !waiting || fieldsAt(status, 'lastState').terminated !== undefined;
    return [{ pod: refOf(pod), container: name, run, started, running }];
  });
}

function containerNames(pod: KubeObject): string[] {
  const spec = fieldsAt(pod, 'spec');
  return [...listOf(spec.initContainers), ...listOf(spec.containers)].map((container) =>
    String(container.name),
  );
}

function isInit(pod: KubeObject, name: string): boolean {
  return listOf(fieldsAt(pod, 'spec').initContainers).some((container) => container.name === name);
}

/** The name of a target in messages. */
export function targetName({ pod, container }: Pick<LogTarget, 'pod' | 'container'>): string {
  return `${displayId(pod)} container ${container}`;
}
