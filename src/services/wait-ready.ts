import type { Diagnosis, EvidenceLine, Finding } from '../domain/diagnosis.ts';
import type { CauseCode } from '../domain/health.ts';
import { displayId, idKey, type ObjectRef } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import { diagnose } from './diagnose.ts';
import type { Emit } from './events.ts';
import { isVague } from './explain.ts';
import { UnhealthyError } from './failure.ts';
import type { ClusterDeps, InstallationName, Session } from './requests.ts';
import { unstickSets } from './unstick-sets.ts';
import { type WaitedObject, waitFor } from './wait.ts';

export interface ReadyOptions {
  readonly applySetId: string;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
  /** As in `WaitRequest`. */
  readonly failAfter?: number;
  /** The installation that is waited for, so that a failure can say what to ask next. */
  readonly installation: InstallationName;
  /** The revision that is gone back from where it fails: by then the objects themselves do not show why. */
  readonly undone?: number;
  /** As in `WaitRequest`. */
  readonly untouched?: boolean;
  /** As in `WaitRequest`. */
  readonly toCompletion?: boolean;
}

/** Waits until everything that the plan wants is ready. Throws UNHEALTHY or WAIT_TIMEOUT with every object and its reason. */
export async function awaitReady(
  deps: ClusterDeps,
  plan: Plan,
  options: ReadyOptions,
  session: Session,
): Promise<void> {
  const wanted = plan.objects.filter((object) => object.desired !== undefined);
  const refs = wanted.map((object) => object.ref);
  const untouched = wanted.every(({ action }) => action === 'unchanged');
  session.emit({ type: 'step', step: 'wait', state: 'started', total: refs.length });
  await unstickSets(deps, plan, session, () => awaitRefs(deps, refs, { ...options, untouched }, session));
  session.emit({ type: 'step', step: 'wait', state: 'done', total: refs.length });
}

/** The same for objects of a stage that others stand on. */
export async function awaitRefs(
  deps: ClusterDeps,
  refs: readonly ObjectRef[],
  options: ReadyOptions,
  session: Session,
): Promise<void> {
  const shown = new Set<string>();
  const emit: Emit = (event) => {
    if (event.type === 'evidence') shown.add(textKey(event));
    session.emit(event);
  };
  const result = await waitFor(deps, { refs, ...options }, { ...session, emit });
  const unready = result.objects.filter((object) => object.health.status !== 'current');
  if (unready.length === 0) return;
  const first = result.failed[0] ?? unready[0];
  const diagnosis = await tellEvidence(deps, gravestFirst(unready, result.failed), { shown, ...session });
  const failed = result.failed.length > 0;
  const cause = causeOf(first, diagnosis) ?? (failed ? 'ERROR' : 'TIMEOUT');
  const count = `${unready.length} of ${refs.length} objects are not ready`;
  const message = failed ? `${count}, and waiting will not mend it` : `${count} within the time given`;
  throw new UnhealthyError(failed ? 'UNHEALTHY' : 'WAIT_TIMEOUT', cause, message, {
    problems: unready.map((one) => problemOf(one, diagnosis)),
    hint: whatNext(options, failed),
    diagnosis,
  });
}

function whatNext({ installation, undone }: ReadyOptions, failed: boolean): string {
  const { name, namespace } = installation;
  const which = undone === undefined ? '' : ` --revision ${undone}`;
  const why = `\`appstore why ${name} -n ${namespace}${which}\` shows the evidence and what to try`;
  if (failed || undone !== undefined) return `${why}. Correct the cause and run the command again.`;
  return `${why}, \`appstore status ${name} -n ${namespace}\` how it goes on.`;
}

/** What the wait saw, or what was found when looking closer. */
function causeOf(object: WaitedObject | undefined, diagnosis: Diagnosis | undefined): CauseCode | undefined {
  const seen = object?.health.cause;
  return seen !== undefined && !isVague(seen) ? seen : (findingOf(object, diagnosis)?.cause ?? seen);
}

function findingOf(object: WaitedObject | undefined, diagnosis: Diagnosis | undefined): Finding | undefined {
  if (object === undefined) return undefined;
  const key = idKey(object.ref);
  const found = diagnosis?.findings.find((one) =>
    [one.ref, ...one.affects].some((ref) => idKey(ref) === key),
  );
  return found === undefined || isVague(found.cause) ? undefined : found;
}

/** The reason of an object, with the numbers where a pod finds no node. */
function problemOf(object: WaitedObject, diagnosis: Diagnosis | undefined) {
  const code = causeOf(object, diagnosis);
  const numbers = findingOf(object, diagnosis)?.evidence.filter(({ source }) => source === 'nodes') ?? [];
  const reason = [object.health.reason, ...numbers.map(({ text }) => text)].join('; ');
  return { message: `${displayId(object.ref)}: ${reason}${code === undefined ? '' : ` (${code})`}` };
}

/** How long the evidence is looked for, milliseconds: a cluster that does not answer must not hold up the end. */
const longestDiagnose = 20_000;

/** What ended the wait stands before what was only not ready yet. */
function gravestFirst(unready: readonly WaitedObject[], failed: readonly WaitedObject[]): WaitedObject[] {
  const fatal = new Set(failed.map(({ ref }) => idKey(ref)));
  return [...unready].sort((a, b) => Number(fatal.has(idKey(b.ref))) - Number(fatal.has(idKey(a.ref))));
}

function textKey({ ref, source, text }: EvidenceLine): string {
  return `${idKey(ref)} ${source} ${text}`;
}

/** Objects whose evidence is shown at the end of a wait; all of it is kept with the revision. */
const mostShown = 5;

/** Conditions, events and last log lines of what is not ready, as far as they were not shown while waiting, while they are still there to be read. */
async function tellEvidence(
  deps: ClusterDeps,
  unready: readonly WaitedObject[],
  session: Session & { readonly shown: ReadonlySet<string> },
): Promise<Diagnosis | undefined> {
  if (session.signal.aborted) return undefined;
  const over = new AbortController();
  const signal = AbortSignal.any([session.signal, over.signal]);
  const diagnosis = await Promise.race([
    diagnose(deps, unready, signal).catch(() => undefined),
    deps.clock.sleep(longestDiagnose, signal).catch(() => undefined),
  ]);
  over.abort();
  const lines = diagnosis?.findings.slice(0, mostShown).flatMap((one) => one.evidence) ?? [];
  for (const line of lines.filter((one) => !session.shown.has(textKey(one))))
    session.emit({ type: 'evidence', ...line });
  return diagnosis ?? undefined;
}
