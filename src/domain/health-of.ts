import type { Health } from './health.ts';
import { type GroupKind, type KubeObject, parseApiVersion } from './objects.ts';
import { isCustomKind } from './order.ts';
import { endHealth, podHealth } from './pod-health.ts';
import { conditionOf, conditionText, fieldsAt } from './status-of.ts';
import {
  daemonSetHealth,
  deploymentHealth,
  jobHealth,
  replicaSetHealth,
  statefulSetHealth,
} from './workload-health.ts';

/** What the object itself does not say. */
export interface HealthContext {
  /** The kind has a status subresource (discovery), so a controller is expected to write a status. */
  readonly hasStatusSubresource?: boolean;
  /** Milliseconds since the object was written. */
  readonly ageMs?: number;
  /** The claim's StorageClass binds when the first pod that uses the claim is scheduled. */
  readonly waitsForConsumer?: boolean;
  /** A pod is waited for until it ends, not until it is ready (hooks). */
  readonly toCompletion?: boolean;
}

/** How long a custom resource without a status is waited for, milliseconds: its controller may be starting. */
const observationTime = 30_000;

const current = (reason = ''): Health => ({ status: 'current', reason });
const alwaysCurrent = (): Health => current();

/** Rules by kind, from kubernetes-sigs/cli-utils pkg/kstatus/status `core.go`. */
const rules: Readonly<Record<string, (object: KubeObject, context: HealthContext) => Health>> = {
  '/ConfigMap': alwaysCurrent,
  '/Secret': alwaysCurrent,
  'batch/CronJob': alwaysCurrent,
  'policy/PodDisruptionBudget': alwaysCurrent,
  '/Service': serviceHealth,
  '/PersistentVolumeClaim': claimHealth,
  '/Pod': (pod, { toCompletion }) => (toCompletion === true ? endHealth(pod) : podHealth(pod)),
  'apps/Deployment': deploymentHealth,
  'apps/ReplicaSet': replicaSetHealth,
  'apps/StatefulSet': statefulSetHealth,
  'apps/DaemonSet': daemonSetHealth,
  'batch/Job': jobHealth,
  'apiextensions.k8s.io/CustomResourceDefinition': definitionHealth,
  // Not in kstatus, which would take it for current; argoproj/gitops-engine pkg/health/health_apiservice.go.
  'apiregistration.k8s.io/APIService': apiServiceHealth,
};

/**
 * True for kinds that are ready as soon as they are written: those whose rule says so, and built-in kinds that have no condition
 * `Ready`. They are neither watched nor read while waiting.
 */
export function isReadyWhenWritten(kind: GroupKind): boolean {
  const rule = rules[`${kind.group}/${kind.kind}`];
  return rule === undefined ? !isCustomKind(kind) : rule === alwaysCurrent;
}

/** Health of one object by its own words. The first rule that fits wins; those for every kind come first. */
export function healthOf(object: KubeObject, context: HealthContext = {}): Health {
  const { group } = parseApiVersion(object.apiVersion);
  const rule = rules[`${group}/${object.kind}`];
  return commonHealth(object) ?? rule?.(object, context) ?? otherHealth(object, context);
}

function commonHealth(object: KubeObject): Health | undefined {
  if (object.metadata.deletionTimestamp !== undefined) {
    const held = object.metadata.finalizers?.join(', ') ?? '';
    const reason = held === '' ? 'being deleted' : `being deleted, held by ${held}`;
    return { status: 'terminating', reason, cause: 'TERMINATING' };
  }
  const { generation } = object.metadata;
  const observed = fieldsAt(object, 'status').observedGeneration;
  if (generation !== undefined && observed !== undefined && generation !== observed) {
    return { status: 'in-progress', reason: 'its controller has not seen the change yet' };
  }
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return { status: 'in-progress', reason: conditionText(reconciling) };
  const stalled = conditionOf(object, 'Stalled');
  return stalled?.status === 'True'
    ? { status: 'failed', reason: conditionText(stalled), cause: 'ERROR' }
    : undefined;
}

/** The external address is reported, never required: on bare metal it never comes. */
function serviceHealth(object: KubeObject): Health {
  const spec = fieldsAt(object, 'spec');
  const unassigned = spec.type === 'LoadBalancer' && (spec.clusterIP ?? '') === '';
  return unassigned ? { status: 'in-progress', reason: 'has no cluster address yet' } : current();
}

/** The scheduler writes this on a claim when a pod that uses it has got a node. */
const selectedNode = 'volume.kubernetes.io/selected-node';

function claimHealth(object: KubeObject, context: HealthContext): Health {
  const phase = String(fieldsAt(object, 'status').phase ?? 'Pending');
  if (phase === 'Bound') return current('bound');
  const used = object.metadata.annotations?.[selectedNode] !== undefined;
  if (context.waitsForConsumer === true && !used && phase === 'Pending') {
    return current('binds when a pod uses it');
  }
  return phase === 'Lost'
    ? { status: 'in-progress', reason: 'its volume is lost', cause: 'VOLUME_UNBOUND' }
    : { status: 'in-progress', reason: 'not bound yet' };
}

function definitionHealth(object: KubeObject): Health {
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False') return { status: 'failed', reason: conditionText(names), cause: 'CONFLICT' };
  const established = conditionOf(object, 'Established');
  if (established?.status === 'False' && established.reason !== 'Installing') {
    return { status: 'failed', reason: conditionText(established), cause: 'ERROR' };
  }
  return established?.status === 'True'
    ? current('established')
    : { status: 'in-progress', reason: 'not established yet' };
}

/**
 * An API whose server does not answer is more than a part that is not ready: discovery is incomplete for everybody, and the
 * namespace controller deletes no namespace until it knows everything in it.
 */
function apiServiceHealth(object: KubeObject): Health {
  const available = conditionOf(object, 'Available');
  if (available?.status === 'True') return current('available');
  if (available === undefined) return { status: 'in-progress', reason: 'nobody has asked its server yet' };
  const why = [available.reason, available.message].filter((text) => text !== '').join(': ');
  return {
    status: 'in-progress',
    reason: `its API does not answer (${why}), and until it does no namespace can be deleted`,
  };
}

function otherHealth(object: KubeObject, context: HealthContext): Health {
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'True') return current('ready');
  if (ready !== undefined) return { status: 'in-progress', reason: conditionText(ready) };
  const silent = context.hasStatusSubresource === true && object.status === undefined;
  if (!silent) return current();
  return (context.ageMs ?? 0) < observationTime
    ? { status: 'in-progress', reason: 'no controller has written a status yet' }
    : { status: 'current', reason: 'not observed: no controller has written a status', notObserved: true };
}
