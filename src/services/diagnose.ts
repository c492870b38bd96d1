import type { Diagnosis, EvidenceLine, Finding } from '../domain/diagnosis.ts';
import type { Health } from '../domain/health.ts';
import { idKey, type KubeObject, type ObjectRef } from '../domain/objects.ts';
import { explain, isVague } from './explain.ts';
import { type NodeRooms, nodeRooms } from './node-room.ts';
import { inParallel } from './parallel.ts';
import type { ClusterDeps } from './requests.ts';

/** Something that is not as it should be, as it was last seen. */
export interface SickObject {
  readonly ref: ObjectRef;
  readonly health: Health;
  /** Absent where it is not there or may not be read. */
  readonly object?: KubeObject;
}

/** Objects that are looked into: where more are sick, they mostly have the same root. */
const mostExplained = 20;
const explainedAtOnce = 5;

/**
 * Finds out why objects are not healthy, while the evidence is still there to be read: before anything is undone. What has the same
 * root is one finding; those that say why come before those that only say that something is not ready. Secrets are not masked
 * yet. Throws only the reason of an aborted signal.
 * @param sick What is looked into, the gravest first.
 */
export async function diagnose(
  deps: Pick<ClusterDeps, 'cluster' | 'clock'>,
  sick: readonly SickObject[],
  signal: AbortSignal,
): Promise<Diagnosis> {
  const at = deps.clock.now().toISOString();
  const rooms = nodeRooms(deps.cluster, signal);
  const found = await inParallel(sick.slice(0, mostExplained), explainedAtOnce, (one) =>
    findingOf(deps, one, rooms, signal),
  );
  const findings = byRoot(found).sort((a, b) => Number(isVague(a.cause)) - Number(isVague(b.cause)));
  const [first] = findings;
  return { at, cause: first?.cause ?? 'NOT_READY', message: first?.reason ?? '', findings };
}

async function findingOf(
  deps: Pick<ClusterDeps, 'cluster'>,
  { ref, health, object }: SickObject,
  rooms: NodeRooms,
  signal: AbortSignal,
): Promise<Finding> {
  if (object === undefined)
    return { ref, cause: health.cause ?? 'NOT_READY', reason: health.reason, evidence: [], affects: [] };
  const { root, cause, evidence, affects } = await explain(deps.cluster, object, health, { signal, rooms });
  return { ...root, cause, evidence, affects };
}

/** One finding a root: a claim that three pods wait for is told once, with all three. */
function byRoot(findings: readonly Finding[]): Finding[] {
  const groups = [...Map.groupBy(findings, (finding) => idKey(finding.ref)).values()];
  return groups.flatMap((group) => {
    const telling = group.find((finding) => !isVague(finding.cause)) ?? group[0];
    if (telling === undefined) return [];
    const affects = unique(
      group.flatMap((finding) => finding.affects),
      idKey,
    );
    const evidence = unique(
      group.flatMap((finding) => finding.evidence),
      lineKey,
    );
    return [{ ...telling, affects, evidence }];
  });
}

function lineKey({ ref, source, text }: EvidenceLine): string {
  return `${idKey(ref)} ${source} ${text}`;
}

function unique<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
