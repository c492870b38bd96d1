import type { CauseCode } from '../domain/health.ts';
import { displayId, type ObjectRef } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import { explain } from './explain.ts';
import { UnhealthyError } from './failure.ts';
import type { ClusterDeps, Session } from './requests.ts';
import { type WaitedObject, waitFor } from './wait.ts';

export interface ReadyOptions {
  readonly applySetId: string;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
}

/** Waits until everything that the plan wants is ready. Throws UNHEALTHY or WAIT_TIMEOUT with every object and its reason. */
export async function awaitReady(
  deps: ClusterDeps,
  plan: Plan,
  options: ReadyOptions,
  session: Session,
): Promise<void> {
  const refs = plan.objects.filter((object) => object.desired !== undefined).map((object) => object.ref);
  session.emit({ type: 'step', step: 'wait', state: 'started', total: refs.length });
  await awaitRefs(deps, refs, options, session);
  session.emit({ type: 'step', step: 'wait', state: 'done', total: refs.length });
}

/** The same for objects of a stage that others stand on. */
export async function awaitRefs(
  deps: ClusterDeps,
  refs: readonly ObjectRef[],
  options: ReadyOptions,
  session: Session,
): Promise<void> {
  const result = await waitFor(deps, { refs, ...options }, session);
  const unready = result.objects.filter((object) => object.health.status !== 'current');
  if (unready.length === 0) return;
  await tellEvidence(deps, unready, session);
  const first = result.failed[0] ?? unready[0];
  const failed = result.failed.length > 0;
  const cause: CauseCode = first?.health.cause ?? (failed ? 'ERROR' : 'TIMEOUT');
  const count = `${unready.length} of ${refs.length} objects are not ready`;
  const message = failed ? `${count}, and waiting will not mend it` : `${count} within the time given`;
  throw new UnhealthyError(failed ? 'UNHEALTHY' : 'WAIT_TIMEOUT', cause, message, {
    problems: unready.map(problemOf),
  });
}

function problemOf(object: WaitedObject) {
  const cause = object.health.cause === undefined ? '' : ` (${object.health.cause})`;
  return { message: `${displayId(object.ref)}: ${object.health.reason}${cause}` };
}

/** Events and last log lines of what is not ready, while they are still there to be read. */
async function tellEvidence(
  deps: ClusterDeps,
  unready: readonly WaitedObject[],
  session: Session,
): Promise<void> {
  for (const one of unready.slice(0, 5)) {
    if (one.object === undefined || session.signal.aborted) continue;
    const found = await explain(deps.cluster, one.object, one.health, session.signal).catch(() => undefined);
    for (const evidence of found?.evidence ?? []) session.emit({ type: 'evidence', ...evidence });
  }
}
