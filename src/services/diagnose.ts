import type { Diagnosis, Finding } from '../domain/diagnosis.ts';
import type { Health } from '../domain/health.ts';
import type { KubeObject, ObjectRef } from '../domain/objects.ts';
import { explain } from './explain.ts';
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
 * Finds out why objects are not healthy, while the evidence is still there to be read: before anything is undone. Secrets are
 * not masked yet. Throws only the reason of an aborted signal.
 */
export async function diagnose(
  deps: Pick<ClusterDeps, 'cluster' | 'clock'>,
  sick: readonly SickObject[],
  signal: AbortSignal,
): Promise<Diagnosis> {
  const at = deps.clock.now().toISOString();
  const findings = await inParallel(sick.slice(0, mostExplained), explainedAtOnce, (one) =>
    findingOf(deps, one, signal),
  );
  const [first] = findings;
  return { at, cause: first?.cause ?? 'NOT_READY', message: first?.reason ?? '', findings };
}

async function findingOf(
  deps: Pick<ClusterDeps, 'cluster'>,
  { ref, health, object }: SickObject,
  signal: AbortSignal,
): Promise<Finding> {
  if (object === undefined)
    return { ref, cause: health.cause ?? 'NOT_READY', reason: health.reason, evidence: [], affects: [] };
  return { ref, affects: [], ...(await explain(deps.cluster, object, health, signal)) };
}
