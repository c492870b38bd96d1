import { AppstoreError } from '../domain/errors.ts';
import { displayId } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import type { Plan } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { deletePlanned } from './execute.ts';
import { requireRecord } from './inspect.ts';
import { newOperation } from './operation.ts';
import { planRemove } from './plan-remove.ts';
import type { ChangeDeps, ClusterDeps, RemoveRequest, RemoveResult, Session } from './requests.ts';
import { waitGone } from './wait.ts';

type RemoveDeps = ClusterDeps & Pick<ChangeDeps, 'random'>;

/**
 * Removes an installation: plan -> mark -> delete backwards -> wait until gone -> forget. Volumes, and the generated secrets
 * that open them, stay unless `purgeData` is set. A removal that was cut is gone on with by the same command.
 * Throws INSTALLATION_NOT_FOUND, CONFIRMATION_NEEDED, DECLINED, FORBIDDEN, WAIT_TIMEOUT.
 */
export async function remove(
  deps: RemoveDeps,
  request: RemoveRequest,
  session: Session,
): Promise<RemoveResult> {
  const deadline = deps.clock.monotonic() + request.timeout;
  const record = await requireRecord(deps, request, session.signal);
  const plan = await planRemove(deps, record, request, session);
  session.emit({ type: 'planned', plan });
  if (request.dryRun) return { outcome: 'planned', plan, left: plan.kept };
  await confirmRemoval(request, plan, session);
  const marked = await markRemoval(deps, record, request, session);
  await deletePlanned(deps, plan, { foreground: request.wait }, session);
  if (request.wait) await awaitGone(deps, plan, marked, deadline, session);
  session.emit({ type: 'step', step: 'finish', state: 'started' });
  await deps.records.forget(
    marked,
    { purgeGenerated: request.purgeData || !keepsVolumes(plan) },
    session.signal,
  );
  session.emit({ type: 'step', step: 'finish', state: 'done' });
  return { outcome: 'removed', plan, left: plan.kept };
}

async function confirmRemoval(request: RemoveRequest, plan: Plan, session: Session): Promise<void> {
  if (request.confirmed) return;
  if (session.ask === undefined) {
    const count = plan.objects.filter((object) => object.action === 'delete').length;
    throw new AppstoreError(
      'CONFIRMATION_NEEDED',
      `removing ${request.name} from namespace ${request.namespace} deletes ${count} objects; nothing was written`,
    );
  }
  if (!(await session.ask.confirm(plan)))
    throw new AppstoreError('DECLINED', 'not confirmed; nothing was written');
}

/** The record says that it is being removed before the first object goes, so that a cut removal is recognised. */
async function markRemoval(
  deps: RemoveDeps,
  record: InstallationRecord,
  request: RemoveRequest,
  session: Session,
): Promise<InstallationRecord> {
  const operation = {
    ...newOperation(deps, 'remove', 0, request.holder),
    ...(request.purgeData ? { purgeData: true } : {}),
  };
  const { namespace, name } = request;
  session.emit({
    type: 'operation',
    operation: 'remove',
    namespace,
    name,
    id: operation.id,
    resumed: record.pending?.operation === 'remove',
  });
  return deps.records.begin(
    { namespace, name, record, operation, inventory: record.inventory },
    session.signal,
  );
}

async function awaitGone(
  deps: RemoveDeps,
  plan: Plan,
  record: InstallationRecord,
  deadline: number,
  session: Session,
): Promise<void> {
  const refs = plan.objects.filter((object) => object.action === 'delete').map((object) => object.ref);
  const remaining = await waitGone(
    deps,
    { refs, applySetId: applySetId(record.namespace, record.name), deadline },
    session,
  );
  if (remaining.length === 0) return;
  throw new AppstoreError('WAIT_TIMEOUT', `not everything of ${record.name} is gone yet`, {
    problems: remaining.map((left) => ({ message: `${displayId(left.ref)}: ${left.reason}` })),
    hint: `Run \`appstore remove ${record.name} -n ${record.namespace}\` again: it goes on where this one stopped.`,
  });
}

/** The secrets that open a volume must live as long as the volume. */
function keepsVolumes(plan: Plan): boolean {
  return plan.kept.some((kept) => kept.ref.kind === 'PersistentVolumeClaim');
}
