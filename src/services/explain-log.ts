import type { EvidenceLine } from '../domain/diagnosis.ts';
import type { JsonObject } from '../domain/json.ts';
import { type KubeObject, refOf } from '../domain/objects.ts';
import { containerStatuses, type PodTrouble } from '../domain/pod-health.ts';
import { fieldsAt, numberOr } from '../domain/status-of.ts';
import { cleanText } from '../domain/text.ts';
import { orNothing } from './explain-reads.ts';
import type { Cluster } from './ports.ts';

/** Log lines shown of a failing container. */
const logLines = 10;
/** Characters read of a log, and kept of its end. Cut between lines alone: half a secret would not be masked. */
const mostRead = 256 * 1024;
const mostKept = 8 * 1024;

/** The last lines of the container that fails: of the run before, where it waits to be started again. Empty where there are none. */
export async function logOf(
  cluster: Cluster,
  pod: KubeObject,
  trouble: PodTrouble | undefined,
  signal: AbortSignal | undefined,
): Promise<EvidenceLine[]> {
  const failing = failingContainer(containerStatuses(pod), trouble);
  if (failing === undefined) return [];
  const waiting = fieldsAt(failing, 'state').waiting !== undefined;
  // What keeps ending says why in the run that ended, also while it runs again.
  const over = fieldsAt(failing, 'state').terminated !== undefined;
  const ended = waiting || (!over && trouble?.cause === 'CRASH_LOOP' && trouble.container === failing.name);
  const previous = ended && ran(failing);
  if (waiting && !previous) return [];
  const options = {
    container: String(failing.name),
    tailLines: logLines,
    previous,
    ...(signal === undefined ? {} : { signal }),
  };
  const log = await orNothing(cluster.logs(refOf(pod), options), '');
  const text = lastPart(cleanText(log, mostRead).trimEnd());
  return text === '' ? [] : [{ ref: refOf(pod), source: 'log', text }];
}

/** The container that the trouble names, else one that ended badly, restarted, or runs without being ready. */
function failingContainer(
  statuses: readonly JsonObject[],
  trouble: PodTrouble | undefined,
): JsonObject | undefined {
  const unready = statuses.filter((status) => status.ready !== true);
  return (
    statuses.find((status) => status.name === trouble?.container) ??
    unready.find((status) => numberOr(fieldsAt(status, 'state', 'terminated').exitCode, 0) !== 0) ??
    unready.find((status) => numberOr(status.restartCount, 0) > 0) ??
    unready.find((status) => fieldsAt(status, 'state').running !== undefined)
  );
}

/** True where there was a run before the one that is waited for. */
function ran(status: JsonObject): boolean {
  return numberOr(status.restartCount, 0) > 0 || fieldsAt(status, 'lastState').terminated !== undefined;
}

function lastPart(text: string): string {
  if (text.length <= mostKept) return text;
  const next = text.indexOf('\n', text.length - mostKept);
  return next < 0 ? '(one line, too long to show)' : text.slice(next + 1);
}
