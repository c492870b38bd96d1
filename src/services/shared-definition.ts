import { isAdopted } from '../domain/adoption.ts';
import { displayId } from '../domain/objects.ts';
import type { Ownership } from '../domain/ownership.ts';
import type { PlannedObject } from '../domain/plan.ts';
import type { Located } from './locate.ts';
import type { PlanContext } from './plan-context.ts';
import { leavingObject } from './plan-prune.ts';
import type { PartialObject } from './ports.ts';

/**
 * A definition of `crds/` that is in the cluster already and not part of the app: it is left as it is, as Helm leaves it, for it is one
 * for the whole cluster, and a second installation of a chart finds that of the first. Undefined for everything else, and where
 * it is to be adopted.
 */
export function sharedDefinition(
  { adopt }: Pick<PlanContext, 'adopt'>,
  { ref, rendered: { phase } }: Pick<Located, 'ref' | 'rendered'>,
  live: PartialObject | undefined,
  owner: Ownership,
): PlannedObject | undefined {
  if (phase.kind !== 'crd' || phase.stays !== true) return undefined;
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) return undefined;
  const left = (why: string) =>
    leavingObject({ ...ref, uid: '', fields: '', applied: '' }, 'keep', why, live.metadata.uid);
  const named = adopt !== 'all' && isAdopted(adopt, ref);
  if (owner.state === 'foreign' && !named)
    return left(`it exists already, belongs to ${owner.owner}, and is left as it is`);
  if (owner.state !== 'adoptable' || isAdopted(adopt, ref)) return undefined;
  return left(`it exists already and is left as it is; --adopt ${displayId(ref)} makes it part of the app`);
}
