import { AppstoreError } from '../domain/errors.ts';
import { displayId, type ObjectRef } from '../domain/objects.ts';
import type { Plan, PlannedHook, PlannedObject } from '../domain/plan.ts';
import type { ChangeRequest, Session } from './requests.ts';

type Beyond = NonNullable<Plan['beyond']>;

const written: ReadonlySet<PlannedObject['action']> = new Set(['create', 'update', 'replace']);

/** What a plan writes that reaches further than the namespace: cluster-scoped objects, RBAC, other namespaces. */
export function beyondNamespace(
  objects: readonly Pick<PlannedObject, 'action' | 'ref'>[],
  namespace: string,
): Beyond {
  return objects.flatMap(({ action, ref }) => {
    const reason = written.has(action) ? reachOf(ref, namespace) : undefined;
    return reason === undefined ? [] : [{ ref, reason }];
  });
}

/** The hooks that are written in this operation. */
export function runningHooks(hooks: readonly PlannedHook[] | undefined): readonly PlannedHook[] {
  return (hooks ?? []).filter(({ runs }) => runs.length > 0);
}

function reachOf(ref: ObjectRef, namespace: string): string | undefined {
  if (ref.namespace === '') return 'it is of the whole cluster';
  if (ref.namespace !== namespace) return 'it is in another namespace';
  return ref.group === 'rbac.authorization.k8s.io' ? 'it gives rights' : undefined;
}

/**
 * Whoever may edit the namespace may edit the record, and would have us write with our rights what they may not. Where a
 * person sees the plan they decide; where nobody does, the flag has to say so. Throws CLUSTER_SCOPE_UNCONFIRMED.
 */
export function requireClusterScope(
  plan: Pick<Plan, 'beyond'>,
  request: Pick<ChangeRequest, 'namespace' | 'name' | 'allowClusterScope'>,
  session: Session,
): void {
  const { beyond = [] } = plan;
  if (beyond.length === 0 || request.allowClusterScope === true || session.ask !== undefined) return;
  throw new AppstoreError(
    'CLUSTER_SCOPE_UNCONFIRMED',
    `the record of ${request.name} holds objects that reach beyond namespace ${request.namespace}; nothing was written`,
    { problems: beyond.map(({ ref, reason }) => ({ message: `${displayId(ref)}: ${reason}` })) },
  );
}
