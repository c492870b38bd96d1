import { AppstoreError, type Problem } from '../domain/errors.ts';
import { displayId, idKey } from '../domain/objects.ts';
import type { Plan, PlannedObject } from '../domain/plan.ts';
import type { BoundObject } from '../domain/plan-file.ts';
import { stableJson } from '../domain/stable-json.ts';
import { namespaceMark } from './namespace.ts';
import type { Cluster } from './ports.ts';
import type { SavedPlan } from './requests.ts';

/** Throws PLAN_STALE, with everything that moved, where the plan of now is not the one that was saved. */
export async function checkSaved(
  cluster: Cluster,
  plan: Plan,
  saved: SavedPlan,
  signal: AbortSignal,
): Promise<void> {
  const { file, plan: shown } = saved;
  const problems = [
    ...((await isSameCluster(cluster, plan, saved, signal))
      ? []
      : [{ message: `${plan.target.server}: the plan was made for another cluster` }]),
    ...objectProblems(plan, file.bound.objects),
  ];
  if (handedOver(plan) !== handedOver(shown))
    problems.push({ message: 'autoscalers set the replicas of other workloads than when the plan was made' });
  if (plan.createNamespace !== file.bound.createNamespace) {
    const what = plan.createNamespace ? 'it was deleted' : 'it was made';
    problems.push({ message: `Namespace/${plan.target.namespace}: ${what} since the plan` });
  }
  if (problems.length === 0) return;
  throw new AppstoreError(
    'PLAN_STALE',
    `the plan for ${file.name} in ${file.namespace} is not true any more; nothing was written`,
    { problems },
  );
}

/** Which workloads leave their replicas to an autoscaler. */
function handedOver({ handovers = [] }: Partial<Pick<Plan, 'handovers'>>): string {
  return stableJson(handovers.map(({ ref, transfer }) => `${idKey(ref)} ${transfer}`).sort());
}

/**
 * By the UID of the cluster, where both who made the plan and who carries it out may read that; else by that of the namespace; where
 * neither is known, by the address, which a server inside the cluster knows another one of.
 */
async function isSameCluster(
  cluster: Cluster,
  { target }: Plan,
  { file: { bound }, plan: shown }: SavedPlan,
  signal: AbortSignal,
): Promise<boolean> {
  if (bound.clusterUid !== '' && target.clusterUid !== '') return bound.clusterUid === target.clusterUid;
  if (bound.namespaceMark !== undefined) {
    const mark = await namespaceMark(cluster, target.namespace, signal);
    if (mark !== undefined) return mark === bound.namespaceMark;
  }
  return bound.clusterUid === '' && shown.target?.server === target.server;
}

function objectProblems(plan: Plan, bound: readonly BoundObject[]): Problem[] {
  const saved = new Map(bound.map((one) => [idKey(one), one]));
  const moved = plan.objects.flatMap((object) => {
    const before = saved.get(idKey(object.ref));
    saved.delete(idKey(object.ref));
    const what = before === undefined ? 'it was not in the plan' : movement(object, before);
    return what === undefined ? [] : [{ message: `${displayId(object.ref)}: ${what}` }];
  });
  const gone = [...saved.values()].map((one) => ({
    message: `${displayId(one)}: it was to be ${one.action}d and is not there any more`,
  }));
  return [...moved, ...gone];
}

function movement({ action, live }: PlannedObject, before: BoundObject): string | undefined {
  const uid = live?.uid ?? '';
  if (uid !== before.uid) {
    if (before.uid === '') return 'it was made by somebody since the plan';
    return uid === '' ? 'it was deleted since the plan' : 'it was deleted and made anew since the plan';
  }
  const digest = live?.digest ?? '';
  if (digest !== '' && before.digest !== '' && digest !== before.digest)
    return 'it was changed since the plan';
  return action === before.action ? undefined : `the plan said ${before.action}, now it would be ${action}`;
}
