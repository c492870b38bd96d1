import type { CauseCode, Health } from './health.ts';
import type { KubeObject } from './objects.ts';
import { refusalCause } from './pod-health.ts';
import { conditionOf, conditionText, fieldsAt, numberOr } from './status-of.ts';

/** One thing that a workload must have reached: true means not yet. */
type Step = readonly [unfinished: boolean, reason: string];

function pods(count: number, which = ''): string {
  return `${count} ${which}${count === 1 ? 'pod' : 'pods'}`;
}

function firstUnfinished(steps: readonly Step[], done: string): Health {
  const step = steps.find(([unfinished]) => unfinished);
  return step === undefined
    ? { status: 'current', reason: done }
    : { status: 'in-progress', reason: step[1] };
}

/** Pods are refused: the reason matters more than the count that does not rise. */
function refusedPods(object: KubeObject): Health | undefined {
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status !== 'True') return undefined;
  const cause: CauseCode | undefined = refusalCause(failure.message);
  return {
    status: 'in-progress',
    reason: `pods cannot be created: ${conditionText(failure)}`,
    ...(cause === undefined ? {} : { cause }),
  };
}

/** kstatus `deploymentConditions`. */
export function deploymentHealth(object: KubeObject): Health {
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return { status: 'failed', reason: conditionText(progressing), cause: 'PROGRESS_DEADLINE' };
  }
  return refusedPods(object) ?? firstUnfinished(deploymentSteps(object), 'ready');
}

function deploymentSteps(object: KubeObject): Step[] {
  const spec = fieldsAt(object, 'spec');
  const status = fieldsAt(object, 'status');
  const wanted = numberOr(spec.replicas, 1);
  const total = numberOr(status.replicas, 0);
  const updated = numberOr(status.updatedReplicas, 0);
  const available = numberOr(status.availableReplicas, 0);
  const ready = numberOr(status.readyReplicas, 0);
  const progressing = conditionOf(object, 'Progressing');
  const rolledOut = progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable';
  return [
    [wanted > total, `${total}/${wanted} created`],
    [wanted > updated, `${updated}/${wanted} updated`],
    [total > wanted, `${pods(total - wanted, 'old ')} still running`],
    [updated > available, `${available}/${updated} available`],
    [wanted > ready, `${ready}/${wanted} ready`],
    [!rolledOut && spec.progressDeadlineSeconds !== undefined, 'the rollout is not complete'],
    [conditionOf(object, 'Available')?.status !== 'True', 'not available yet'],
  ];
}

/** kstatus `replicasetConditions`. */
export function replicaSetHealth(object: KubeObject): Health {
  const status = fieldsAt(object, 'status');
  const wanted = numberOr(fieldsAt(object, 'spec').replicas, 1);
  const total = numberOr(status.replicas, 0);
  const labelled = numberOr(status.fullyLabeledReplicas, 0);
  const available = numberOr(status.availableReplicas, 0);
  const ready = numberOr(status.readyReplicas, 0);
  return (
    refusedPods(object) ??
    firstUnfinished(
      [
        [wanted > labelled, `${labelled}/${wanted} created`],
        [wanted > available, `${available}/${wanted} available`],
        [wanted > ready, `${ready}/${wanted} ready`],
        [total > wanted, `${pods(total - wanted)} too many`],
      ],
      'ready',
    )
  );
}

/**
 * kstatus `statefulsetConditions`. With `OnDelete` an update is never rolled out by itself, so it is not waited for; at a first
 * install (generation 1) there is nothing to roll out and the ready replicas count.
 */
export function statefulSetHealth(object: KubeObject): Health {
  const spec = fieldsAt(object, 'spec');
  const onDelete = fieldsAt(spec, 'updateStrategy').type === 'OnDelete';
  if (onDelete && object.metadata.generation !== 1) {
    return { status: 'current', reason: 'pods are replaced when they are deleted (OnDelete)' };
  }
  const steps = [...replicaSteps(object), ...(onDelete ? [] : rolloutSteps(object))];
  return firstUnfinished(steps, 'ready');
}

function replicaSteps(object: KubeObject): Step[] {
  const status = fieldsAt(object, 'status');
  const wanted = numberOr(fieldsAt(object, 'spec').replicas, 1);
  const total = numberOr(status.replicas, 0);
  const ready = numberOr(status.readyReplicas, 0);
  return [
    [wanted > total, `${total}/${wanted} created`],
    [wanted > ready, `${ready}/${wanted} ready`],
    [total > wanted, `${pods(total - wanted, 'old ')} still running`],
  ];
}

function rolloutSteps(object: KubeObject): Step[] {
  const spec = fieldsAt(object, 'spec');
  const status = fieldsAt(object, 'status');
  const wanted = numberOr(spec.replicas, 1);
  const partition = fieldsAt(spec, 'updateStrategy', 'rollingUpdate').partition;
  if (typeof partition === 'number') {
    const updated = numberOr(status.updatedReplicas, 0);
    return [[updated < wanted - partition, `${updated}/${wanted - partition} updated`]];
  }
  const current = numberOr(status.currentReplicas, 0);
  return [
    [wanted > current, `${current}/${wanted} of the current revision`],
    [status.currentRevision !== status.updateRevision, 'the rollout is not complete'],
  ];
}

/** kstatus `daemonsetConditions`. */
export function daemonSetHealth(object: KubeObject): Health {
  const status = fieldsAt(object, 'status');
  const wanted = status.desiredNumberScheduled;
  const observed = object.metadata.generation !== undefined && status.observedGeneration !== undefined;
  if (!observed || typeof wanted !== 'number') {
    return { status: 'in-progress', reason: 'its controller has not looked at it yet' };
  }
  const counts = {
    created: numberOr(status.currentNumberScheduled, 0),
    updated: numberOr(status.updatedNumberScheduled, 0),
    available: numberOr(status.numberAvailable, 0),
    ready: numberOr(status.numberReady, 0),
  };
  return firstUnfinished(
    Object.entries(counts).map(([word, count]): Step => [wanted > count, `${count}/${wanted} ${word}`]),
    'ready',
  );
}

/** kstatus `jobConditions`, stricter: a Job must finish. */
export function jobHealth(object: KubeObject): Health {
  const failed = conditionOf(object, 'Failed');
  if (conditionOf(object, 'Complete')?.status === 'True') return { status: 'current', reason: 'completed' };
  if (failed?.status === 'True')
    return { status: 'failed', reason: conditionText(failed), cause: 'JOB_FAILED' };
  if (conditionOf(object, 'Suspended')?.status === 'True' && fieldsAt(object, 'spec').suspend === true) {
    return { status: 'current', reason: 'suspended' };
  }
  const status = fieldsAt(object, 'status');
  const done = numberOr(status.succeeded, 0);
  return {
    status: 'in-progress',
    reason: `${done}/${numberOr(fieldsAt(object, 'spec').completions, 1)} completed, ${numberOr(status.active, 0)} running`,
  };
}
