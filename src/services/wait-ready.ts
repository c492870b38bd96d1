import type { Diagnosis } from '../domain/diagnosis.ts';
import type { CauseCode } from '../domain/health.ts';
import { displayId, idKey, type ObjectRef } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import { diagnose } from './diagnose.ts';
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
  const first = result.failed[0] ?? unready[0];
  const diagnosis = await tellEvidence(deps, gravestFirst(unready, result.failed), session);
  const failed = result.failed.length > 0;
  const cause: CauseCode = first?.health.cause ?? (failed ? 'ERROR' : 'TIMEOUT');
  const count = `${unready.length} of ${refs.length} objects are not ready`;
  const message = failed ? `${count}, and waiting will not mend it` : `${count} within the time given`;
  throw new UnhealthyError(failed ? 'UNHEALTHY' : 'WAIT_TIMEOUT', cause, message, {
    problems: unready.map(problemOf),
    diagnosis,
  });
}

function problemOf(object: WaitedObject) {
  const cause = object.health.cause === undefined ? '' : ` (${object.health.cause})`;
  return { message: `${displayId(object.ref)}: ${object.health.reason}${cause}` };
}

/** How long the evidence is looked for, milliseconds: a cluster that does not answer must not hold up the end. */
const longestDiagnose = 20_000;

/** What ended the wait stands before what was only not ready yet. */
function gravestFirst(unready: readonly WaitedObject[], failed: readonly WaitedObject[]): WaitedObject[] {
  const fatal = new Set(failed.map(({ ref }) => idKey(ref)));
  return [...unready].sort((a, b) => Number(fatal.has(idKey(b.ref))) - Number(fatal.has(idKey(a.ref))));
}

/** Objects whose evidence is shown at the end of a wait; all of it is kept with the revision. */
const mostShown = 5;

/** Conditions, events and last log lines of what is not ready, while they are still there to be read. */
async function tellEvidence(
  deps: ClusterDeps,
  unready: readonly WaitedObject[],
  session: Session,
): Promise<Diagnosis | undefined> {
  if (session.signal.aborted) return undefined;
  const over = new AbortController();
  const signal = AbortSignal.any([session.signal, over.signal]);
  const diagnosis = await Promise.race([
    diagnose(deps, unready, signal).catch(() => undefined),
    deps.clock.sleep(longestDiagnose, signal).catch(() => undefined),
  ]);
  over.abort();
  for (const evidence of diagnosis?.findings.slice(0, mostShown).flatMap((one) => one.evidence) ?? [])
    session.emit({ type: 'evidence', ...evidence });
  return diagnosis ?? undefined;
}
