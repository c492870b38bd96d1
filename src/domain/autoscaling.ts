import { isObject, type JsonObject } from './json.ts';
import { displayId, type KubeObject, type ObjectId, parseApiVersion, refOf } from './objects.ts';

/** Kinds that set `replicas` of the workload that `spec.scaleTargetRef` names. */
export const autoscalerKinds = [
  { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' },
  { group: 'keda.sh', kind: 'ScaledObject' },
] as const;

/** A workload whose `replicas` belong to an autoscaler. */
export interface AutoscaledWorkload {
  readonly target: ObjectId;
  /** `Kind/namespace/name` of the autoscaler. */
  readonly by: string;
}

/**
 * Workloads that autoscalers among these objects, rendered or live, set the `replicas` of. A target without kind or apiVersion is
 * a Deployment of apps/v1, as KEDA defines it. A VPA changes pods, not the workload, and is none of them.
 */
export function autoscaledWorkloads(objects: readonly KubeObject[]): AutoscaledWorkload[] {
  return objects.flatMap((object) => {
    const ref = refOf(object);
    const scales = autoscalerKinds.some((known) => known.group === ref.group && known.kind === ref.kind);
    const target: unknown = scales && isObject(object.spec) ? object.spec.scaleTargetRef : undefined;
    return isObject(target) && typeof target.name === 'string'
      ? [{ target: targetOf(target, target.name, ref.namespace), by: displayId(ref) }]
      : [];
  });
}

function targetOf(target: JsonObject, name: string, namespace: string): ObjectId {
  const apiVersion = typeof target.apiVersion === 'string' ? target.apiVersion : 'apps/v1';
  const kind = typeof target.kind === 'string' ? target.kind : 'Deployment';
  return { group: parseApiVersion(apiVersion).group, kind, namespace, name };
}

/** A copy without `spec.replicas`: what is not applied is not ours, so the autoscaler keeps it. */
export function withoutReplicas(object: KubeObject): KubeObject {
  if (!isObject(object.spec) || object.spec.replicas === undefined) return object;
  const { replicas: _replicas, ...spec } = object.spec;
  return { ...object, spec };
}
