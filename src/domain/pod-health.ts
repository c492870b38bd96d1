import type { CauseCode, Health } from './health.ts';
import type { JsonObject } from './json.ts';
import type { KubeObject } from './objects.ts';
import { conditionOf, conditionText, fieldsAt, lineOf, listOf, numberOr } from './status-of.ts';

/** Why a pod is not ready, from its own status. */
export interface PodTrouble {
  readonly cause: CauseCode;
  /** One line. */
  readonly reason: string;
  /** The container that it is about; absent where it is the pod. */
  readonly container?: string;
}

/** What a message means, first match wins. */
interface MessageRow {
  readonly pattern: RegExp;
  readonly cause: CauseCode;
  readonly reason: string;
}

/** Answers of registries and nodes to a failed pull, as kubelet passes them on. */
const pullMessages: readonly MessageRow[] = [
  {
    pattern:
      /unauthorized|authentication required|authorization failed|no basic auth|access denied|denied:|forbidden|status(?: code)? 40[13]/i,
    cause: 'IMAGE_PULL_AUTH',
    reason: 'registries answer 401 or 403; Docker Hub also for a name that it does not have',
  },
  {
    pattern:
      /timeout|timed out|no such host|connection refused|connection reset|dial tcp|\bEOF\b|tls:|x509|unreachable|too ?many ?requests|status(?: code)? (?:429|50\d)|context deadline/i,
    cause: 'IMAGE_PULL_NETWORK',
    reason: 'the registry was not reached, or it is busy: trying again helps',
  },
  {
    pattern:
      /not found|manifest unknown|name unknown|does not exist|no matching manifest|status(?: code)? 404/i,
    cause: 'IMAGE_PULL_NOT_FOUND',
    reason: 'the registry was asked and does not have it',
  },
];

/** Waiting reasons of kubelet (pkg/kubelet/images, pkg/kubelet/container) and what they mean. */
const waitingReasons: Readonly<Record<string, (message: string) => CauseCode>> = {
  ErrImagePull: (message) => pullCause(message),
  ImagePullBackOff: (message) => pullCause(message),
  ErrImageNeverPull: () => 'IMAGE_PULL_NOT_FOUND',
  RegistryUnavailable: () => 'IMAGE_PULL_NETWORK',
  InvalidImageName: () => 'IMAGE_NAME_INVALID',
  CrashLoopBackOff: () => 'CRASH_LOOP',
  CreateContainerConfigError: () => 'CONFIG_INVALID',
  CreateContainerError: () => 'CONFIG_INVALID',
  RunContainerError: () => 'CONFIG_INVALID',
};

/** The scheduler's words, for example `0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.` */
const schedulerMessages: readonly MessageRow[] = [
  {
    pattern: /persistentvolumeclaim|PersistentVolume|volume node affinity|unbound|storageclass/i,
    cause: 'VOLUME_UNBOUND',
    reason: 'a claim is missing, unbound, or its volume is on another node',
  },
  { pattern: /Insufficient cpu/i, cause: 'UNSCHEDULABLE_CPU', reason: 'no node has the CPU left' },
  { pattern: /Insufficient memory/i, cause: 'UNSCHEDULABLE_MEMORY', reason: 'no node has the memory left' },
];

/** What the API server says when pods of a controller are refused (ReplicaFailure condition, FailedCreate event). */
const refusalMessages: readonly MessageRow[] = [
  {
    pattern: /exceeded quota|failed quota/i,
    cause: 'QUOTA_EXCEEDED',
    reason: 'admission plugin ResourceQuota',
  },
  {
    pattern: /serviceaccount ".*" not found|error looking up service account/i,
    cause: 'CONFIG_INVALID',
    reason: 'admission plugin ServiceAccount: the account may still come',
  },
  {
    pattern: /forbidden|denied|violates PodSecurity|admission webhook|failed calling webhook|policy/i,
    cause: 'ADMISSION_DENIED',
    reason: 'pod security, a policy or a webhook',
  },
];

function meaningOf(rows: readonly MessageRow[], message: string): CauseCode | undefined {
  return rows.find((row) => row.pattern.test(message))?.cause;
}

/** Why an image was not pulled; NOT_READY where the message does not say. */
export function pullCause(message: string): CauseCode {
  return meaningOf(pullMessages, message) ?? 'NOT_READY';
}

/** Why pods were refused; undefined where the message is about something else. */
export function refusalCause(message: string): CauseCode | undefined {
  return meaningOf(refusalMessages, message);
}

/** Why a pod found no node. */
export function schedulingCause(message: string): CauseCode {
  return meaningOf(schedulerMessages, message) ?? 'UNSCHEDULABLE';
}

/** Statuses of all containers of a pod, those that start first, first. */
export function containerStatuses(pod: KubeObject): JsonObject[] {
  const status = fieldsAt(pod, 'status');
  return [...listOf(status.initContainerStatuses), ...listOf(status.containerStatuses)];
}

function containerTrouble(container: JsonObject): PodTrouble | undefined {
  const name = String(container.name ?? '');
  const waiting = fieldsAt(container, 'state', 'waiting');
  const ended = {
    ...fieldsAt(container, 'lastState', 'terminated'),
    ...fieldsAt(container, 'state', 'terminated'),
  };
  const reason = lineOf(waiting.reason);
  const message = lineOf(waiting.message);
  const cause = waitingReasons[reason]?.(message);
  const outOfMemory = ended.reason === 'OOMKilled' && container.ready !== true;
  if (outOfMemory && (cause === 'CRASH_LOOP' || cause === undefined)) {
    return {
      cause: 'OOM_KILLED',
      reason: `container ${name} was killed: it used more memory than its limit`,
      container: name,
    };
  }
  if (cause === 'CRASH_LOOP') {
    const code = ended.exitCode === undefined ? '' : `, exit code ${ended.exitCode}`;
    return {
      cause,
      reason: `container ${name} keeps ending (${numberOr(container.restartCount, 0)} restarts${code})`,
      container: name,
    };
  }
  if (cause === undefined) return undefined;
  return {
    cause,
    reason: `container ${name}: ${message === '' ? reason : `${reason}: ${message}`}`,
    container: name,
  };
}

/** `SchedulerError`: the scheduler could not even look, for example where the storage class of a claim does not exist. */
const noNode: ReadonlySet<string> = new Set(['Unschedulable', 'SchedulerError']);

function schedulingTrouble(pod: KubeObject): PodTrouble | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status !== 'False' || !noNode.has(scheduled.reason)) return undefined;
  return { cause: schedulingCause(scheduled.message), reason: `unschedulable: ${conditionText(scheduled)}` };
}

/** Why a pod is not ready, as far as its status tells; undefined where it says nothing bad. */
export function podTrouble(pod: KubeObject): PodTrouble | undefined {
  for (const container of containerStatuses(pod)) {
    const trouble = containerTrouble(container);
    if (trouble !== undefined) return trouble;
  }
  return schedulingTrouble(pod);
}

/** Exit codes of a container that was told to end: kubelet does so for a liveness probe too, which then says more. */
const toldToEnd: ReadonlySet<unknown> = new Set([0, 137, 143]);

/** A container that runs just now and has ended badly at least twice before: what `podTrouble` shows a moment later. */
export function crashBetween(pod: KubeObject): PodTrouble | undefined {
  for (const container of containerStatuses(pod)) {
    const { exitCode } = fieldsAt(container, 'lastState', 'terminated');
    const restarts = numberOr(container.restartCount, 0);
    if (container.ready === true || restarts < 2 || exitCode === undefined || toldToEnd.has(exitCode))
      continue;
    const name = String(container.name ?? '');
    const reason = `container ${name} keeps ending (${restarts} restarts, exit code ${exitCode})`;
    return { cause: 'CRASH_LOOP', reason, container: name };
  }
  return undefined;
}

/** Health of a pod (kstatus `podConditions`). */
export function podHealth(pod: KubeObject): Health {
  const phase = fieldsAt(pod, 'status').phase;
  if (phase === 'Succeeded') return { status: 'current', reason: 'completed' };
  const trouble = podTrouble(pod);
  if (phase === 'Failed')
    return { status: 'failed', reason: failedReason(pod, trouble), cause: trouble?.cause ?? 'ERROR' };
  if (phase === 'Running' && conditionOf(pod, 'Ready')?.status === 'True')
    return { status: 'current', reason: 'ready' };
  if (trouble === undefined) return { status: 'in-progress', reason: waitingText(pod) };
  const looping = containerStatuses(pod).some(
    (container) => fieldsAt(container, 'state', 'waiting').reason === 'CrashLoopBackOff',
  );
  return { status: looping ? 'failed' : 'in-progress', reason: trouble.reason, cause: trouble.cause };
}

/** The same of a pod that is there to run to its end: being ready is not it, and a failure is for good. */
export function endHealth(pod: KubeObject): Health {
  const health = podHealth(pod);
  if (fieldsAt(pod, 'status').phase === 'Failed') return { ...health, cause: 'JOB_FAILED' };
  return health.status === 'current' && health.reason === 'ready'
    ? { status: 'in-progress', reason: 'running' }
    : health;
}

function failedReason(pod: KubeObject, trouble: PodTrouble | undefined): string {
  const status = fieldsAt(pod, 'status');
  return trouble?.reason ?? (lineOf(status.message) || lineOf(status.reason) || 'the pod failed');
}

/** What a pod that is not in trouble waits for, in words. */
function waitingText(pod: KubeObject): string {
  const waiting = containerStatuses(pod).filter((container) => container.ready !== true);
  const first = waiting.find((container) => fieldsAt(container, 'state').terminated === undefined);
  if (first === undefined)
    return `pod is ${String(fieldsAt(pod, 'status').phase ?? 'Pending').toLowerCase()}`;
  const state = lineOf(fieldsAt(first, 'state', 'waiting').reason);
  return state === '' ? `container ${first.name} is not ready yet` : `container ${first.name}: ${state}`;
}
