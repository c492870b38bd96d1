import type { KubeObject } from '../domain/objects.ts';
import { runsPods } from '../domain/pods-of.ts';
import { fieldsAt } from '../domain/status-of.ts';
import { type ObserveDeps, type Observer, observe } from './observe.ts';
import type { PodEvidence } from './pod-evidence.ts';
import type { Until } from './until.ts';
import type { WaitBoard } from './wait-board.ts';
import type { CrashLogs } from './wait-logs.ts';

const podKind = { group: '', version: 'v1', kind: 'Pod' };
const eventKind = { group: '', version: 'v1', kind: 'Event' };

/**
 * Begins to look at pods and events in every namespace where a workload or claim is not ready; false where there is none yet.
 * Pods carry no label of ours, so they are chosen by what the selectors of the workloads have in common.
 */
export function observePods(wait: {
  readonly work: ObserveDeps<KubeObject>;
  readonly until: Until;
  readonly board: WaitBoard;
  readonly pods: PodEvidence;
  readonly logs: CrashLogs;
  /** Server time (RFC 3339) from which pods belong to this operation. */
  readonly since: string;
  check(): void;
}): boolean {
  const explained = wait.board
    .unready()
    .filter(({ ref }) => runsPods(ref) || ref.kind === 'PersistentVolumeClaim');
  const namespaces = [...new Set(explained.map(({ ref }) => ref.namespace))];
  for (const namespace of namespaces) {
    const workloads = explained.flatMap((item) =>
      item.ref.namespace === namespace && runsPods(item.ref) && item.object !== undefined
        ? [item.object]
        : [],
    );
    const labelSelector = commonSelector(workloads);
    const target = labelSelector === '' ? { namespace } : { namespace, labelSelector };
    const review = () => {
      wait.board.review();
      wait.check();
    };
    const done = () => wait.board.settled();
    const podsTarget = { ...target, kind: podKind };
    const eventsTarget = { namespace, kind: eventKind };
    if (workloads.length > 0)
      wait.until.start((signal) =>
        observe(wait.work, podsTarget, podObserver(wait, namespace, review, done), signal),
      );
    wait.until.start((signal) =>
      observe(wait.work, eventsTarget, eventObserver(wait.pods, review, done), signal),
    );
  }
  return namespaces.length > 0;
}

function podObserver(
  { pods, logs, since }: Pick<Parameters<typeof observePods>[0], 'pods' | 'logs' | 'since'>,
  namespace: string,
  review: () => void,
  done: () => boolean,
): Observer<KubeObject> {
  return {
    listed: (items) => {
      pods.podsListed(items, namespace);
      for (const pod of items) if ((pod.metadata.creationTimestamp ?? '') >= since) logs.look(pod);
      review();
    },
    changed: (pod) => {
      pods.podChanged(pod);
      logs.look(pod);
      review();
    },
    deleted: (pod) => {
      pods.podDeleted(pod);
      review();
    },
    // Who may not read pods still sees what the workloads themselves say.
    unreadable: () => undefined,
    done,
  };
}

function eventObserver(pods: PodEvidence, review: () => void, done: () => boolean): Observer<KubeObject> {
  return {
    listed: (items) => {
      for (const item of items) pods.eventSeen(item, true);
      review();
    },
    changed: (item) => {
      pods.eventSeen(item, false);
      review();
    },
    deleted: () => undefined,
    unreadable: () => undefined,
    done,
  };
}

/** The labels that the selectors of all workloads share, as a label selector; `''` where they share none. */
function commonSelector(workloads: readonly KubeObject[]): string {
  const [first, ...rest] = workloads.map((object) => fieldsAt(object, 'spec', 'selector', 'matchLabels'));
  return Object.entries(first ?? {})
    .filter(([key, value]) => rest.every((labels) => labels[key] === value))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
