import { AppstoreError } from '../domain/errors.ts';
import { healthOf } from '../domain/health-of.ts';
import { displayId, type KubeObject, type ObjectRef, refOf } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import { hasSeenTemplate, type StuckPod, stuckPods } from '../domain/stuck-pods.ts';
import { inParallel } from './parallel.ts';
import type { ClusterDeps, Session } from './requests.ts';
import { requestsAtOnce } from './survey.ts';

/** How long the controller may take to see a template, milliseconds, and how often it is asked. */
const patience = 15_000;
const pause = 250;
/** How often sets that are not ready are looked at again while they are waited for, milliseconds. */
const between = 1_000;

/**
 * Deletes pods that keep a StatefulSet from taking on what was just written: they are of an older template, will never get ready,
 * and the controller does not replace them. Without that no change back or forward ends, and somebody has to do it by hand. Who
 * may not delete pods is told how. Goes on until the work is done, whose outcome it answers: a pod that was only just started when the
 * change came shows its trouble later.
 */
export async function unstickSets<T>(
  deps: ClusterDeps,
  plan: Plan,
  session: Session,
  work: () => Promise<T>,
): Promise<T> {
  const sets = plan.objects.filter(
    ({ ref, action, checked, desired }) =>
      ref.kind === 'StatefulSet' &&
      ref.group === 'apps' &&
      desired !== undefined &&
      // What was cut after the write is unchanged by now, and no less stuck.
      (action === 'update' || (action === 'unchanged' && checked === 'server')),
  );
  if (sets.length === 0) return work();
  const told = new Set<string>();
  const unstick = (signal: AbortSignal) =>
    inParallel(sets, requestsAtOnce, async ({ ref }) => {
      for (const stuck of await findStuck(deps, ref, signal))
        await replace(deps, stuck, { ...session, signal, told });
    });
  await unstick(session.signal);
  const over = new AbortController();
  const again = keepOn(deps.clock, unstick, AbortSignal.any([session.signal, over.signal]));
  try {
    return await work();
  } finally {
    over.abort();
    await again;
  }
}

/** Looks again and again until the signal aborts. What fails in between is for whoever waits to tell. */
async function keepOn(
  clock: ClusterDeps['clock'],
  unstick: (signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(between, signal);
      await unstick(signal);
    } catch (error) {
      if (!signal.aborted && !(error instanceof AppstoreError)) throw error;
    }
  }
}

async function findStuck(
  { cluster, clock }: ClusterDeps,
  ref: ObjectRef,
  signal: AbortSignal,
): Promise<StuckPod[]> {
  const until = clock.monotonic() + patience;
  try {
    let set = await cluster.get(ref, signal);
    while (set !== undefined && !hasSeenTemplate(set)) {
      if (clock.monotonic() >= until) return [];
      await clock.sleep(pause, signal);
      set = await cluster.get(ref, signal);
    }
    if (set === undefined || healthOf(set).status === 'current') return [];
    return stuckPods(set, await podsOf(cluster, set, signal));
  } catch (error) {
    signal.throwIfAborted();
    // Who may not look waits as before.
    if (error instanceof AppstoreError && error.code === 'FORBIDDEN') return [];
    throw error;
  }
}

async function podsOf(
  cluster: ClusterDeps['cluster'],
  set: KubeObject,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const { items } = await cluster.list(kind, { namespace: set.metadata.namespace ?? '', signal });
  return items;
}

async function replace(
  { cluster }: ClusterDeps,
  { pod, reason }: StuckPod,
  { emit, signal, told }: Session & { readonly told: Set<string> },
): Promise<void> {
  const ref = refOf(pod);
  const { uid } = pod.metadata;
  const message = `${displayId(ref)} would never get ready (${reason}) and its StatefulSet would wait for it`;
  try {
    await cluster.delete(ref, { ...(uid === undefined ? {} : { uid }), propagation: 'Background', signal });
    emit({ type: 'warning', problem: { message: `${message}: deleted, so that it is made anew` } });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppstoreError && error.code === 'FORBIDDEN')) throw error;
    if (told.has(`${uid}`)) return;
    told.add(`${uid}`);
    const hint = `You may not delete it. Somebody has to: kubectl delete pod ${ref.name} -n ${ref.namespace}`;
    emit({ type: 'warning', problem: { message, hint } });
  }
}
