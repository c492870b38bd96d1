import { type ClusterEvent, eventText } from '../domain/cluster-event.ts';
import type { EvidenceLine } from '../domain/diagnosis.ts';
import type { CauseCode, Health } from '../domain/health.ts';
import { idKey, type KubeObject, type ObjectRef, refOf } from '../domain/objects.ts';
import { crashBetween, type PodTrouble, podTrouble, refusalCause } from '../domain/pod-health.ts';
import { conditionsOf, conditionText } from '../domain/status-of.ts';
import { findClaim } from './explain-claim.ts';
import { logOf } from './explain-log.ts';
import { failingPod, warningsOf } from './explain-reads.ts';
import type { NodeRooms } from './node-room.ts';
import type { Cluster } from './ports.ts';

/** Why an object is not healthy. Safe to show on a terminal; secrets are not masked yet. */
export interface Explanation {
  readonly cause: CauseCode;
  /** One line, of the object. */
  readonly reason: string;
  /** Where it comes from: the claim that a pod waits for, the pod behind a workload, or the object itself. */
  readonly root: { readonly ref: ObjectRef; readonly reason: string };
  /** What stands between the root and the object, nearest to the root first; the object last where it is not the root. */
  readonly affects: readonly ObjectRef[];
  readonly evidence: readonly EvidenceLine[];
}

interface ExplainOptions {
  readonly signal?: AbortSignal | undefined;
  /** Counts what the nodes have left, for pods that find no node. */
  readonly rooms?: NodeRooms;
}

/** Causes that say only that something is not ready. */
const vagueCauses: ReadonlySet<CauseCode> = new Set(['NOT_READY', 'PROGRESS_DEADLINE', 'TIMEOUT']);

/** True where a cause says only that something is not ready, and not why. */
export function isVague(cause: CauseCode | undefined): boolean {
  return cause === undefined || vagueCauses.has(cause);
}

/** Causes that a workload has from its pods. */
const podCauses: ReadonlySet<CauseCode> = new Set([
  'IMAGE_PULL_NOT_FOUND',
  'IMAGE_PULL_AUTH',
  'IMAGE_PULL_NETWORK',
  'IMAGE_NAME_INVALID',
  'CRASH_LOOP',
  'OOM_KILLED',
  'CONFIG_INVALID',
  'PROBE_FAILING',
  'UNSCHEDULABLE_CPU',
  'UNSCHEDULABLE_MEMORY',
  'UNSCHEDULABLE',
  'VOLUME_UNBOUND',
]);

/** True where the cause may come from the pods behind the object. */
function isOfPods(cause: CauseCode | undefined): boolean {
  return cause === undefined || isVague(cause) || podCauses.has(cause);
}

/**
 * Gathers why an object is not healthy: its bad conditions, the newest pods behind it, the claims that they wait for, their
 * warnings and the last log lines of the container that fails. What may not be read is left out. Throws only the reason of an
 * aborted signal.
 */
export async function explain(
  cluster: Cluster,
  object: KubeObject,
  health: Health,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const { signal } = options;
  const pod = await failingPod(cluster, object, signal);
  const found = pod === undefined ? undefined : (podTrouble(pod) ?? crashBetween(pod));
  const isItself = pod === undefined || pod.metadata.uid === object.metadata.uid;
  const subjects = isItself ? [object] : [object, pod];
  const warnings = (
    await Promise.all(subjects.map((subject) => warningsOf(cluster, subject, signal)))
  ).flat();
  const refusal = found === undefined ? refusalOf(warnings) : undefined;
  const trouble = found ?? refusal ?? troubleOfEvents(warnings);
  const claim = await findClaim(cluster, object, pod, trouble, signal);
  const room = await roomLines(options, pod, trouble);
  const judged = verdict(health, claim?.trouble ?? trouble, room);
  // A pod that has nothing to say of its own is no root: its owner knows as much.
  const speaks = trouble !== undefined && refusal === undefined && isOfPods(health.cause);
  const behind = [claim?.ref, speaks && pod !== undefined ? refOf(pod) : undefined];
  return {
    cause: judged.cause,
    reason: judged.reason,
    ...rootOf(object, behind, { own: judged.reason, behind: judged.detail }),
    evidence: [
      ...badConditions(object),
      ...[...warnings, ...(claim?.warnings ?? [])].map(eventLine),
      ...room,
      ...(pod === undefined ? [] : await logOf(cluster, pod, found, signal)),
    ],
  };
}

function eventLine(event: ClusterEvent): EvidenceLine {
  return { ref: event.about, source: 'event', text: eventText(event) };
}

type Verdict = Pick<Explanation, 'cause' | 'reason'> & { readonly detail: string };

function verdict(health: Health, trouble: PodTrouble | undefined, room: readonly EvidenceLine[]): Verdict {
  const withNumbers = (text: string) => [text, ...room.map((line) => line.text)].join('; ');
  if (trouble !== undefined && isVague(health.cause)) {
    const detail = withNumbers(trouble.reason);
    return { cause: trouble.cause, reason: `${health.reason}; ${detail}`, detail };
  }
  const same = trouble !== undefined && trouble.cause === health.cause;
  const reason = withNumbers(health.reason);
  return {
    cause: health.cause ?? 'NOT_READY',
    reason,
    detail: same ? withNumbers(trouble.reason) : reason,
  };
}

/** What events say of pods that are refused before they are. */
function refusalOf(warnings: readonly ClusterEvent[]): PodTrouble | undefined {
  for (const event of warnings.toReversed()) {
    const cause = event.reason === 'FailedCreate' ? refusalCause(event.message) : undefined;
    if (cause !== undefined) return { cause, reason: `pods cannot be created: ${event.message}` };
  }
  return undefined;
}

/** What events say of a pod where its status does not: a probe that fails, a volume that cannot be mounted. */
function troubleOfEvents(warnings: readonly ClusterEvent[]): PodTrouble | undefined {
  const probe = warnings.findLast((event) => event.reason === 'Unhealthy');
  if (probe !== undefined) return { cause: 'PROBE_FAILING', reason: probe.message };
  const mount = warnings.findLast((event) => ['FailedMount', 'FailedAttachVolume'].includes(event.reason));
  return mount === undefined ? undefined : { cause: mountCause(mount.message), reason: eventText(mount) };
}

function mountCause(message: string): CauseCode {
  return /(secret|configmap) ".*" not found/i.test(message) ? 'CONFIG_INVALID' : 'VOLUME_UNBOUND';
}

async function roomLines(
  { rooms }: ExplainOptions,
  pod: KubeObject | undefined,
  trouble: PodTrouble | undefined,
): Promise<EvidenceLine[]> {
  const kinds = { UNSCHEDULABLE_CPU: 'cpu', UNSCHEDULABLE_MEMORY: 'memory' } as const;
  const kind = kinds[trouble?.cause as keyof typeof kinds];
  if (rooms === undefined || pod === undefined || kind === undefined) return [];
  const line = await rooms.explain(pod, kind);
  return line === undefined ? [] : [line];
}

/** The chain from the root to the object, each once. */
function rootOf(
  object: KubeObject,
  behind: readonly (ObjectRef | undefined)[],
  reasons: { readonly own: string; readonly behind: string },
): Pick<Explanation, 'root' | 'affects'> {
  const own = refOf(object);
  const chain = [...behind.filter((ref) => ref !== undefined), own];
  const [first = own, ...affects] = new Map(chain.map((ref) => [idKey(ref), ref])).values();
  return {
    root: { ref: first, reason: affects.length === 0 ? reasons.own : reasons.behind },
    affects,
  };
}

/** Conditions that say that something is wrong, by their usual meaning. */
function badConditions(object: KubeObject): EvidenceLine[] {
  const bad = conditionsOf(object).filter(
    ({ type, status }) =>
      (status === 'True' && ['ReplicaFailure', 'Stalled', 'Failed'].includes(type)) ||
      (status === 'False' &&
        ['Available', 'Progressing', 'Ready', 'Established', 'NamesAccepted'].includes(type)),
  );
  return bad.map((condition) => ({
    ref: refOf(object),
    source: 'condition',
    text: `${condition.type}=${condition.status}: ${conditionText(condition)}`,
  }));
}
