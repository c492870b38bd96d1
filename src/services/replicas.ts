import {
  type AutoscaledWorkload,
  autoscaledWorkloads,
  autoscalerKinds,
  withoutReplicas,
} from '../domain/autoscaling.ts';
import { begun } from '../domain/begun.ts';
import { ApiError } from '../domain/errors.ts';
import { ownersOf } from '../domain/managed-fields.ts';
import { idKey, type KubeObject } from '../domain/objects.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { ReplicasHandover } from '../domain/plan.ts';
import type { Located } from './locate.ts';
import type { Cluster, ResourceType } from './ports.ts';

/** The objects with `replicas` left out where an autoscaler sets them, and what has to be handed over for that. */
export interface ReplicasPlan {
  readonly located: readonly Located[];
  readonly handovers: readonly ReplicasHandover[];
}

/**
 * Finds the workloads whose `replicas` an autoscaler sets, in the app or in the cluster, and leaves the field out of their
 * apply (NEEDS row 8). Where we own the live field alone it must be handed over first, else it falls back to 1.
 */
export async function planReplicas(
  cluster: Cluster,
  located: readonly Located[],
  namespace: {
    readonly exists: boolean;
    readonly name: string;
    /** The live autoscalers in it. */
    readonly autoscalers: Promise<readonly KubeObject[]>;
  },
  signal: AbortSignal,
): Promise<ReplicasPlan> {
  const scalable = located.filter((one) => one.object.spec?.replicas !== undefined);
  const rendered = autoscaledWorkloads(located.map((one) => one.object));
  const live = namespace.exists
    ? await Promise.all(
        [...new Set(scalable.map((one) => one.ref.namespace))].map((one) =>
          one === namespace.name ? namespace.autoscalers : liveAutoscalers(cluster, one, signal),
        ),
      )
    : [];
  const scaled = new Map(
    [...rendered, ...autoscaledWorkloads(live.flat())].map((found) => [idKey(found.target), found]),
  );
  // The package may have left `replicas` out by itself: the live field is handed over all the same.
  const targets = located.filter((one) => scaled.has(idKey(one.ref)));
  const handovers = namespace.exists
    ? await Promise.all(targets.map((one) => handover(cluster, one, scaled, signal)))
    : [];
  return {
    located: located.map((one) =>
      scaled.has(idKey(one.ref)) ? { ...one, object: withoutReplicas(one.object) } : one,
    ),
    handovers: handovers.filter((one) => one !== undefined),
  };
}

/** The kinds of autoscalers, each as soon as it is known whether the cluster serves it. */
export type AutoscalerTypes = readonly Promise<ResourceType | undefined>[];

/** Asks which kinds of autoscalers the cluster serves. Every failure is told to whoever awaits it. */
export function autoscalerTypes(cluster: Cluster, signal: AbortSignal): AutoscalerTypes {
  return autoscalerKinds.map((kind) => begun(cluster.resourceType(kind, signal)));
}

/** Every autoscaler in a namespace, of any kind that the cluster serves. */
export async function liveAutoscalers(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
  types = autoscalerTypes(cluster, signal),
): Promise<readonly KubeObject[]> {
  const lists = types.map((type) => autoscalersOf(cluster, type, namespace, signal));
  return (await Promise.all(lists)).flat();
}

/** Who may not read autoscalers keeps what the package says; the server then names the conflict if there is one. */
async function autoscalersOf(
  cluster: Cluster,
  asked: AutoscalerTypes[number],
  namespace: string,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const type = await asked;
  if (type === undefined) return [];
  try {
    return (await cluster.list(type, { namespace, signal })).items;
  } catch (error) {
    if (error instanceof ApiError && (error.failure.status === 403 || error.failure.status === 404))
      return [];
    throw error;
  }
}

async function handover(
  cluster: Cluster,
  one: Located,
  scaled: ReadonlyMap<string, AutoscaledWorkload>,
  signal: AbortSignal,
): Promise<ReplicasHandover | undefined> {
  const live = await cluster.getMetadata(one.ref, signal);
  if (live === undefined) return undefined;
  const owners = ownersOf(live.metadata, '.spec.replicas');
  const transfer = owners.length === 1 && owners[0] === fieldManager;
  return { ref: one.ref, by: scaled.get(idKey(one.ref))?.by ?? '', transfer };
}
