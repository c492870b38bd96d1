import { type ClusterEvent, eventText, readEvent } from '../domain/cluster-event.ts';
import type { CauseCode } from '../domain/health.ts';
import type { KubeObject, ObjectId } from '../domain/objects.ts';
import {
  containerStatuses,
  type PodTrouble,
  podTrouble,
  pullCause,
  refusalCause,
} from '../domain/pod-health.ts';
import { newestPods } from '../domain/pods-of.ts';
import { conditionOf, fieldsAt, numberOr } from '../domain/status-of.ts';
import type { Emit } from './events.ts';

/** Why a workload is not ready, with the figures that the table of failing early asks for. */
export interface WorkloadTrouble extends Pick<PodTrouble, 'cause' | 'reason'> {
  readonly pulls: number;
  readonly restarts: number;
  readonly settledRestarts: number;
  readonly scalingUp: boolean;
}

/** Remembers what pods and events of a namespace tell while an installation is waited for. */
export interface PodEvidence {
  /** All the pods of a namespace. */
  podsListed(pods: readonly KubeObject[], namespace: string): void;
  podChanged(pod: KubeObject): void;
  podDeleted(pod: KubeObject): void;
  /** `old`: it was there before the watch began, so it may be about an earlier operation. */
  eventSeen(event: KubeObject, old: boolean): void;
  /** Something of the installation became ready: restarts count anew. */
  progressed(): void;
  troubleOf(workload: ObjectId): WorkloadTrouble | undefined;
  /** The claim waits for a pod that uses it. */
  waitsForConsumer(claim: ObjectId): boolean;
}

/** One pod, and what its status alone does not keep. */
interface PodMemory {
  pod: KubeObject;
  /** Restarts by container from which is counted. */
  restartsBefore: Map<string, number>;
  /** It was there before the operation, which wrote nothing, and nothing became ready since. */
  settled: boolean;
  pulls: number;
  /** The last trouble with an image: kubelet forgets the registry's answer while it backs off. */
  pull: PodTrouble | undefined;
  pulling: boolean;
}

/** Runs that last so long are progress, milliseconds. */
const longRun = 60_000;

/** What events say of a pod that its status does not. */
const podEvents: Readonly<Record<string, CauseCode>> = {
  Unhealthy: 'PROBE_FAILING',
  FailedMount: 'VOLUME_UNBOUND',
  FailedAttachVolume: 'VOLUME_UNBOUND',
  FailedCreatePodSandBox: 'NOT_READY',
};

/** What the volume controller and provisioners say of a claim that they cannot bind (pkg/controller/volume/events). */
const claimEvents: ReadonlySet<string> = new Set([
  'ProvisioningFailed',
  'FailedBinding',
  'ClaimLost',
  'ClaimMisbound',
  'VolumeMismatch',
]);

const noFigures = { pulls: 0, restarts: 0, settledRestarts: 0, scalingUp: false };

function troubleOfClaim(trouble: PodTrouble | undefined): WorkloadTrouble | undefined {
  return trouble === undefined ? undefined : { ...trouble, ...noFigures };
}

/**
 * @param options.since Server time (RFC 3339) from which pods belong to this operation: their restarts count from zero.
 * @param options.untouched The operation wrote nothing: what was there before has had its chance.
 * @param options.isOurs Whether an event about this object is to be shown.
 */
export function createPodEvidence(options: {
  readonly since: string;
  readonly untouched?: boolean;
  readonly emit: Emit;
  isOurs(about: ObjectId, pod: KubeObject | undefined): boolean;
}): PodEvidence {
  const pods = new Map<string, PodMemory>();
  const hints = new Map<string, PodTrouble>();
  const refused = new Map<string, PodTrouble>();
  const scalingUp = new Set<string>();
  const waitingClaims = new Set<string>();
  const claims = new Map<string, PodTrouble>();
  const shown = new Set<string>();

  const podChanged = (pod: KubeObject): void => {
    const uid = keyOf(pod);
    const memory = pods.get(uid) ?? newMemory(pod, options);
    pods.set(uid, memory);
    remember(memory, pod);
  };

  const show = (event: ClusterEvent, pod: KubeObject | undefined): void => {
    const key = `${event.uid}/${eventText(event)}`;
    if (!event.warning || shown.has(key) || !options.isOurs(event.about, pod)) return;
    shown.add(key);
    options.emit({ type: 'evidence', ref: event.about, source: 'event', text: eventText(event) });
  };

  return {
    podsListed: (items, namespace) => {
      const there = new Set(items.map(keyOf));
      for (const [key, memory] of pods) {
        if (memory.pod.metadata.namespace === namespace && !there.has(key)) pods.delete(key);
      }
      for (const pod of items) podChanged(pod);
    },
    podChanged,
    podDeleted: (pod) => {
      pods.delete(keyOf(pod));
    },
    eventSeen: (object, old) => {
      const event = readEvent(object);
      const memory = pods.get(event.uid);
      if (event.reason === 'TriggeredScaleUp') scalingUp.add(event.uid);
      if (event.reason === 'WaitForFirstConsumer') waitingClaims.add(claimKey(event.about));
      if (claimEvents.has(event.reason))
        claims.set(claimKey(event.about), { cause: 'VOLUME_UNBOUND', reason: eventText(event) });
      if (event.about.kind === 'Pod') notePodEvent(event, memory, hints);
      if (event.reason === 'FailedCreate' && !old) noteRefusal(event, refused);
      if (!old || memory !== undefined) show(event, memory?.pod);
    },
    progressed: () => {
      for (const memory of pods.values()) {
        memory.restartsBefore = restartsOf(memory.pod);
        memory.settled = false;
      }
    },
    troubleOf: (workload) => {
      if (workload.kind === 'PersistentVolumeClaim') return troubleOfClaim(claims.get(claimKey(workload)));
      const newest = newestPods(
        [...pods.values()].map((memory) => memory.pod),
        workload,
      );
      const memories = newest.flatMap((pod) => pods.get(keyOf(pod)) ?? []);
      const found = memories.flatMap((memory) => troubleOfPod(memory, hints) ?? []).sort(gravestFirst)[0];
      const refusal = newest.length === 0 ? refused.get(`${workload.kind}/${workload.name}`) : undefined;
      const trouble = refusal ?? found;
      if (trouble === undefined) return undefined;
      return {
        cause: trouble.cause,
        reason: trouble.reason,
        pulls: Math.max(0, ...memories.map((memory) => memory.pulls)),
        restarts: Math.max(0, ...memories.map(restartsSince)),
        settledRestarts: Math.max(0, ...memories.map(settledRestarts)),
        scalingUp: newest.some((pod) => scalingUp.has(pod.metadata.uid ?? '')),
      };
    },
    waitsForConsumer: (claim) => waitingClaims.has(claimKey(claim)),
  };
}

function keyOf(pod: KubeObject): string {
  return pod.metadata.uid ?? pod.metadata.name;
}

function claimKey(claim: Pick<ObjectId, 'namespace' | 'name'>): string {
  return `${claim.namespace}/${claim.name}`;
}

function newMemory(
  pod: KubeObject,
  { since, untouched }: { readonly since: string; readonly untouched?: boolean },
): PodMemory {
  const ofThisOperation = (pod.metadata.creationTimestamp ?? '') >= since;
  return {
    pod,
    restartsBefore: ofThisOperation ? new Map() : restartsOf(pod),
    settled: untouched === true && !ofThisOperation,
    pulls: 0,
    pull: undefined,
    pulling: true,
  };
}

function remember(memory: PodMemory, pod: KubeObject): void {
  memory.pod = pod;
  const trouble = podTrouble(pod);
  const states = containerStatuses(pod).map((container) => fieldsAt(container, 'state', 'waiting').reason);
  const failing =
    states.includes('ErrImagePull') || (memory.pulls === 0 && states.includes('ImagePullBackOff'));
  if (failing && memory.pulling) memory.pulls++;
  memory.pulling = !failing;
  if (trouble?.cause.startsWith('IMAGE_PULL')) memory.pull = trouble;
  for (const container of containerStatuses(pod)) {
    if (ranLong(container)) {
      memory.restartsBefore.set(String(container.name), numberOr(container.restartCount, 0));
    }
  }
}

function restartsOf(pod: KubeObject): Map<string, number> {
  return new Map(
    containerStatuses(pod).map((container) => [String(container.name), numberOr(container.restartCount, 0)]),
  );
}

function ranLong(container: ReturnType<typeof containerStatuses>[number]): boolean {
  const last = fieldsAt(container, 'lastState', 'terminated');
  const ran = Date.parse(String(last.finishedAt)) - Date.parse(String(last.startedAt));
  return ran >= longRun;
}

function restartsSince(memory: PodMemory): number {
  const counts = [...restartsOf(memory.pod)].map(
    ([container, restarts]) => restarts - (memory.restartsBefore.get(container) ?? 0),
  );
  return Math.max(0, ...counts);
}

/** A container whose last run was a long one has ended once, whatever its count. */
function settledRestarts({ pod, settled }: PodMemory): number {
  if (!settled) return 0;
  const counts = containerStatuses(pod)
    .filter((container) => !ranLong(container))
    .map((container) => numberOr(container.restartCount, 0));
  return Math.max(0, ...counts);
}

function notePodEvent(
  event: ClusterEvent,
  memory: PodMemory | undefined,
  hints: Map<string, PodTrouble>,
): void {
  if (event.reason === 'Failed' && /pull image/i.test(event.message)) {
    const cause = pullCause(event.message);
    hints.set(event.uid, { cause, reason: eventText(event) });
    if (memory !== undefined) memory.pulls = Math.max(memory.pulls, event.count);
    return;
  }
  const cause = event.warning ? podEvents[event.reason] : undefined;
  if (cause === undefined) return;
  const missing = /(secret|configmap) ".*" not found/i.test(event.message);
  hints.set(event.uid, { cause: missing ? 'CONFIG_INVALID' : cause, reason: eventText(event) });
}

function noteRefusal(event: ClusterEvent, refused: Map<string, PodTrouble>): void {
  const cause = refusalCause(event.message);
  if (cause === undefined) return;
  refused.set(`${event.about.kind}/${event.about.name}`, {
    cause,
    reason: `pods cannot be created: ${event.message}`,
  });
}

/** The trouble of a pod: its status first, completed by what events said; undefined where it is ready. */
function troubleOfPod(memory: PodMemory, hints: ReadonlyMap<string, PodTrouble>): PodTrouble | undefined {
  if (conditionOf(memory.pod, 'Ready')?.status === 'True') return undefined;
  const trouble = podTrouble(memory.pod);
  const hint = hints.get(memory.pod.metadata.uid ?? '');
  if (trouble === undefined) return hint;
  if (trouble.cause !== 'NOT_READY') return trouble;
  return memory.pull ?? (hint?.cause.startsWith('IMAGE_PULL') ? hint : trouble);
}

/** What says more about the cause comes first. */
function gravestFirst(a: PodTrouble, b: PodTrouble): number {
  const vague = (trouble: PodTrouble) => Number(trouble.cause === 'NOT_READY');
  return vague(a) - vague(b);
}
