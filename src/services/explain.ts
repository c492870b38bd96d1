import { type ClusterEvent, eventText, readEvent } from '../domain/cluster-event.ts';
import type { EvidenceLine } from '../domain/diagnosis.ts';
import { AppstoreError } from '../domain/errors.ts';
import type { CauseCode, Health } from '../domain/health.ts';
import { type KubeObject, refOf } from '../domain/objects.ts';
import { containerStatuses, type PodTrouble, podTrouble } from '../domain/pod-health.ts';
import { newestPods, runsPods } from '../domain/pods-of.ts';
import { conditionOf, conditionsOf, conditionText, fieldsAt, numberOr } from '../domain/status-of.ts';
import { cleanText } from '../domain/text.ts';
import type { Cluster } from './ports.ts';

/** Why an object is not healthy. Safe to show on a terminal; secrets are not masked yet. */
export interface Explanation {
  readonly cause: CauseCode;
  /** One line. */
  readonly reason: string;
  readonly evidence: readonly EvidenceLine[];
}

/** Log lines shown of a failing container. */
const logLines = 10;
/** Characters read of a log, and kept of its end. Cut between lines alone: half a secret would not be masked. */
const mostRead = 256 * 1024;
const mostKept = 8 * 1024;
/** Warnings shown of one object, the latest. */
const eventsShown = 3;

/**
 * Gathers why an object is not healthy: its bad conditions, the newest pods behind it, their warnings and the last log lines of
 * the container that fails. What may not be read is left out. Throws only the reason of an aborted signal.
 */
export async function explain(
  cluster: Cluster,
  object: KubeObject,
  health: Health,
  signal?: AbortSignal,
): Promise<Explanation> {
  const pod = await failingPod(cluster, object, signal);
  const trouble = pod === undefined ? undefined : podTrouble(pod);
  const subjects = pod === undefined || pod.metadata.uid === object.metadata.uid ? [object] : [object, pod];
  const warnings = (
    await Promise.all(subjects.map((subject) => warningsOf(cluster, subject, signal)))
  ).flat();
  const log = pod === undefined ? [] : await logOf(cluster, pod, trouble, signal);
  return {
    ...verdict(health, trouble, warnings),
    evidence: [
      ...badConditions(object),
      ...warnings.map(
        (event): EvidenceLine => ({ ref: event.about, source: 'event', text: eventText(event) }),
      ),
      ...log,
    ],
  };
}

function verdict(
  health: Health,
  trouble: PodTrouble | undefined,
  warnings: readonly ClusterEvent[],
): Pick<Explanation, 'cause' | 'reason'> {
  const probe = warnings.findLast((event) => event.reason === 'Unhealthy');
  const vague =
    health.cause === undefined || health.cause === 'PROGRESS_DEADLINE' || health.cause === 'NOT_READY';
  if (trouble !== undefined && vague)
    return { cause: trouble.cause, reason: `${health.reason}; ${trouble.reason}` };
  if (probe !== undefined && vague)
    return { cause: 'PROBE_FAILING', reason: `${health.reason}; ${probe.message}` };
  return { cause: health.cause ?? 'NOT_READY', reason: health.reason };
}

/** The answer, or nothing where it is refused or cannot be had: evidence is never worth failing for. */
async function orNothing<T>(answer: Promise<T>, nothing: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AppstoreError) return nothing;
    throw error;
  }
}

async function failingPod(
  cluster: Cluster,
  object: KubeObject,
  signal: AbortSignal | undefined,
): Promise<KubeObject | undefined> {
  const ref = refOf(object);
  if (ref.kind === 'Pod' && ref.group === '') return object;
  const labels = Object.entries(fieldsAt(object, 'spec', 'selector', 'matchLabels'));
  if (!runsPods(ref) || labels.length === 0) return undefined;
  const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(',');
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const scope = { namespace: ref.namespace, labelSelector, ...(signal === undefined ? {} : { signal }) };
  const pods = await orNothing(cluster.list(kind, scope), { items: [], resourceVersion: '' });
  const newest = newestPods(pods.items, ref);
  return (
    newest.find((pod) => podTrouble(pod) !== undefined) ??
    newest.find((pod) => conditionOf(pod, 'Ready')?.status !== 'True')
  );
}

async function warningsOf(
  cluster: Cluster,
  object: KubeObject,
  signal: AbortSignal | undefined,
): Promise<ClusterEvent[]> {
  const { uid, namespace } = object.metadata;
  if (uid === undefined || namespace === undefined) return [];
  const kind = { group: '', version: 'v1', kind: 'Event' };
  const scope = {
    namespace,
    fieldSelector: `involvedObject.uid=${uid}`,
    ...(signal === undefined ? {} : { signal }),
  };
  const events = await orNothing(cluster.list(kind, scope), { items: [], resourceVersion: '' });
  return events.items
    .map(readEvent)
    .filter((event) => event.warning)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .slice(-eventsShown);
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

async function logOf(
  cluster: Cluster,
  pod: KubeObject,
  trouble: PodTrouble | undefined,
  signal: AbortSignal | undefined,
): Promise<EvidenceLine[]> {
  const statuses = containerStatuses(pod);
  const failing =
    statuses.find((status) => status.name === trouble?.container) ??
    statuses.find((status) => status.ready !== true && numberOr(status.restartCount, 0) > 0);
  if (failing === undefined) return [];
  const waiting = fieldsAt(failing, 'state').waiting !== undefined;
  const previous = waiting && numberOr(failing.restartCount, 0) > 0;
  if (waiting && !previous) return [];
  const options = {
    container: String(failing.name),
    tailLines: logLines,
    previous,
    ...(signal === undefined ? {} : { signal }),
  };
  const text = lastPart(
    cleanText(await orNothing(cluster.logs(refOf(pod), options), ''), mostRead).trimEnd(),
  );
  return text === '' ? [] : [{ ref: refOf(pod), source: 'log', text }];
}

function lastPart(text: string): string {
  if (text.length <= mostKept) return text;
  const next = text.indexOf('\n', text.length - mostKept);
  return next < 0 ? '(one line, too long to show)' : text.slice(next + 1);
}
