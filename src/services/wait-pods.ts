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

interface PodsOptions {
  readonly work: ObserveDeps<KubeObject>;
  readonly until: Until;
  readonly board: WaitBoard;
  readonly pods: PodEvidence;
  readonly logs: CrashLogs;
  /** Server time (RFC 3339) from which pods belong to this operation. */
  readonly since: string;
  check(): void;
}

/** Looks at the pods and events behind what is not ready. */
export interface PodsWatch {
  /**
   * Begins to look in every namespace where a workload or claim is not ready, and looks wider where it does not see the pods of one: it
   * may have been read for the first time, or may have stopped being ready, since the last call.
   */
  look(): void;
}

/** What is looked at in one namespace. */
interface Scope {
  /** Labels by which pods are chosen; undefined where no pods are looked at yet. */
  labels: Labels | undefined;
  stop: AbortController;
}

type Labels = Readonly<Record<string, unknown>>;

export function createPodsWatch(options: PodsOptions): PodsWatch {
  const scopes = new Map<string, Scope>();
  const review = () => {
    options.board.review();
    options.check();
  };
  const done = () => options.board.settled();
  const begin = (namespace: string): Scope => {
    const scope: Scope = { labels: undefined, stop: new AbortController() };
    scopes.set(namespace, scope);
    const target = { namespace, kind: eventKind };
    options.until.start((signal) =>
      observe(options.work, target, eventObserver(options.pods, review, done), signal),
    );
    return scope;
  };
  const widen = (namespace: string, scope: Scope, labels: Labels): void => {
    scope.stop.abort();
    scope.stop = new AbortController();
    scope.labels = labels;
    const labelSelector = selectorText(labels);
    const target = {
      namespace,
      kind: podKind,
      ...(labelSelector === '' ? {} : { labelSelector }),
    };
    const { signal: stopped } = scope.stop;
    options.until.start((signal) =>
      observe(
        options.work,
        target,
        podObserver(options, namespace, review, done),
        AbortSignal.any([signal, stopped]),
      ),
    );
  };
  return {
    look: () => {
      const unready = options.board
        .unready()
        .filter(({ ref }) => runsPods(ref) || ref.kind === 'PersistentVolumeClaim');
      for (const [namespace, items] of Map.groupBy(unready, ({ ref }) => ref.namespace)) {
        const scope = scopes.get(namespace) ?? begin(namespace);
        // Pods carry no label of ours, so they are chosen by what the selectors of the workloads have in common.
        const selectors = items.flatMap(({ ref, object }) =>
          runsPods(ref) && object !== undefined ? [matchLabels(object)] : [],
        );
        const { labels } = scope;
        if (labels !== undefined && selectors.every((selector) => includes(selector, labels))) continue;
        const [first, ...rest] = labels === undefined ? selectors : [labels, ...selectors];
        if (first !== undefined) widen(namespace, scope, rest.reduce(common, first));
      }
    },
  };
}

function podObserver(
  { pods, logs, since }: Pick<PodsOptions, 'pods' | 'logs' | 'since'>,
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

/** The labels that the selector of a workload asks for; none where it asks otherwise. */
function matchLabels(workload: KubeObject): Labels {
  return fieldsAt(workload, 'spec', 'selector', 'matchLabels');
}

function includes(all: Labels, some: Labels): boolean {
  return Object.entries(some).every(([key, value]) => all[key] === value);
}

function common(a: Labels, b: Labels): Labels {
  return Object.fromEntries(Object.entries(a).filter(([key, value]) => b[key] === value));
}

/** As a label selector; `''` where there is no label. */
function selectorText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
