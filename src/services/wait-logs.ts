import type { JsonObject } from '../domain/json.ts';
import type { KubeObject } from '../domain/objects.ts';
import { containerStatuses } from '../domain/pod-health.ts';
import { fieldsAt, numberOr } from '../domain/status-of.ts';
import type { Emit } from './events.ts';
import { logOf } from './explain-log.ts';
import type { Cluster } from './ports.ts';
import type { Until } from './until.ts';

/** Ends of one container that are told: a fourth says nothing new. */
const mostTold = 3;

/** Tells the last log lines of containers that end badly, while an installation is waited for. */
export interface CrashLogs {
  look(pod: KubeObject): void;
}

export function createCrashLogs(options: {
  readonly cluster: Cluster;
  readonly until: Until;
  readonly emit: Emit;
  isOurs(pod: KubeObject): boolean;
}): CrashLogs {
  const seen = new Set<string>();
  const told = new Map<string, number>();
  const tell = (pod: KubeObject, container: string) =>
    options.until.start(async (signal) => {
      const trouble = { cause: 'CRASH_LOOP', reason: '', container } as const;
      for (const line of await logOf(options.cluster, pod, trouble, signal))
        options.emit({ type: 'evidence', ...line });
    });
  return {
    look: (pod) => {
      if (!options.isOurs(pod)) return;
      for (const status of containerStatuses(pod).filter(endedBadly)) {
        const container = `${pod.metadata.uid} ${status.name}`;
        const run = `${container} ${numberOr(status.restartCount, 0)}`;
        const count = told.get(container) ?? 0;
        if (seen.has(run) || count >= mostTold) continue;
        seen.add(run);
        told.set(container, count + 1);
        tell(pod, String(status.name));
      }
    },
  };
}

/** A run ended with a failure, and no other is under way. */
function endedBadly(status: JsonObject): boolean {
  const state = fieldsAt(status, 'state');
  if (state.running !== undefined) return false;
  const ended = state.terminated === undefined ? fieldsAt(status, 'lastState').terminated : state.terminated;
  return numberOr(fieldsAt(ended).exitCode, 0) !== 0;
}
