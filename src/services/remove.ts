import { begun } from '../domain/begun.ts';
import { AppstoreError } from '../domain/errors.ts';
import { hookEvents } from '../domain/hooks.ts';
import { displayId, type ObjectRef } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import type { Plan } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { type Claim, createClaim, whileLocked } from './claim.ts';
import { requireClusterScope } from './cluster-scope.ts';
import { deleteEmptyNamespace, namespaceRef } from './delete-namespace.ts';
import { deletePlanned } from './execute.ts';
import { requireRecord } from './inspect.ts';
import { withPlannedHooks } from './inventory.ts';
import { keepFailed, requireFailed } from './keep-failed.ts';
import { keepsVolumes } from './kept-secrets.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { noteLeft } from './left-volumes.ts';
import { maskedError } from './masked-error.ts';
import { maskedEmit, publicPlan } from './masked-events.ts';
import { newOperation } from './operation.ts';
import { planRemove } from './plan-remove.ts';
import {
  afterHooks,
  hookMask,
  noteHooksDone,
  partsOf,
  removalHooks,
  runRemovalHooks,
  withHooks,
} from './removal-hooks.ts';
import { noteRemoval } from './removal-note.ts';
import type { RemoveRequest, RemoveResult, Session, WriteDeps } from './requests.ts';
import { requireOwner } from './state.ts';
import { unlessStale } from './unless-stale.ts';
import { waitGone } from './wait.ts';

/**
 * Removes an installation: plan -> mark -> delete backwards -> wait until gone -> forget. Volumes, and the generated secrets
 * that open them, stay unless `purgeData` is set. A removal that was cut is gone on with by the same command.
 * Throws INSTALLATION_NOT_FOUND, CONFIRMATION_NEEDED, DECLINED, FORBIDDEN, WAIT_TIMEOUT.
 */
export async function remove(
  deps: WriteDeps,
  request: RemoveRequest,
  session: Session,
): Promise<RemoveResult> {
  if (request.deleteNamespace === true && !request.wait) {
    throw new AppstoreError('USAGE', '--delete-namespace has to wait until everything else is gone', {
      hint: 'Leave out --no-wait.',
    });
  }
  const claim = createClaim(deps, request);
  let attempting = begun(attempt(deps, request, claim, session));
  // After the record, which leads the longest way.
  if (!request.dryRun) claim.look(session);
  for (;;) {
    const done = await attempting;
    if (done !== 'again') return done;
    attempting = attempt(deps, request, claim, session);
  }
}

/** One try; `again` where somebody else held the installation meanwhile, so that what was planned is stale. */
async function attempt(
  deps: WriteDeps,
  request: RemoveRequest,
  claim: Claim,
  session: Session,
): Promise<RemoveResult | 'again'> {
  const planning = { name: request, claim, dryRun: request.dryRun };
  const planned = await unlessStale(deps, planning, session, async (noting) => {
    const record = await requireRecord(noting, request, session.signal);
    requireOwner(record);
    if (request.keepRecord === true) requireFailed(record);
    const [bare, stored] = await Promise.all([
      planRemove(noting, record, request, session),
      removalHooks(noting, record, request, session),
    ]);
    return { record, stored, plan: withHooks(bare, stored) };
  });
  if (planned === 'again') return planned;
  const { record, stored, plan } = planned;
  const mask = await hookMask(deps, record, stored, session.signal);
  const shown = publicPlan(plan, mask);
  session.emit({ type: 'planned', plan: shown });
  session.check?.(shown);
  if (request.dryRun) return { outcome: 'planned', plan: shown, waited: false, left: plan.kept };
  requireClusterScope(plan, request, session);
  if ((await claim.free(session)) === 'again') return 'again';
  await confirmRemoval(request, shown, session);
  // A person who reads the plan takes nothing of the time, and neither does another operation that is waited for.
  const deadline = deps.clock.monotonic() + request.timeout;
  const lock = await claim.take(session);
  if (lock === undefined) return 'again';
  const job = { request, plan, deadline, claim, digestKey: stored.digestKey };
  const told = { ...session, emit: maskedEmit(session.emit, mask) };
  const done = await whileLocked(deps, lock, told, (locked, inner) =>
    carryOut(locked, record, job, inner),
  ).catch((error: unknown) => {
    throw maskedError(error, mask);
  });
  if (done === 'again') return done;
  const { left, going } = done;
  // The namespace takes the Lease with it: nobody holds one any more while that is waited for.
  if (going !== undefined) left.push(...(await waitGone(deps, waitingFor(going, job), session)));
  session.emit({ type: 'step', step: 'finish', state: 'done' });
  return { outcome: 'removed', plan: shown, waited: request.wait, left };
}

function waitingFor(
  ref: ObjectRef,
  { request: { namespace, name }, deadline }: Pick<Removal, 'request' | 'deadline'>,
) {
  return { refs: [ref], applySetId: applySetId(namespace, name), deadline };
}

/** Mark -> delete -> wait -> forget. */
async function carryOut(
  deps: WriteDeps,
  record: InstallationRecord,
  job: Removal,
  session: Session,
): Promise<LeftBehind | 'again'> {
  const { request, plan, claim } = job;
  const started = await markRemoval(deps, record, job, session).catch(claim.overtaken);
  if (started === 'again') return started;
  const ledger = openLedger(deps, started, new Map());
  const { steady, made } = partsOf(plan, record);
  await runRemovalHooks(deps, hookEvents.remove.before, ledger, job, session);
  await deleteAndWait(deps, steady, ledger, job, session);
  await runRemovalHooks(deps, hookEvents.remove.after, ledger, job, session);
  await deleteAndWait(deps, afterHooks(made, ledger), ledger, job, session);
  await noteHooksDone(plan, ledger, session);
  session.emit({ type: 'step', step: 'finish', state: 'started' });
  const marked = ledger.record();
  if (request.keepRecord === true) await keepFailed(deps, marked, plan, session.signal);
  else {
    if (!request.purgeData) await noteLeft(deps.cluster, marked, plan.kept, session.signal);
    await deps.records.forget(
      marked,
      { purgeGenerated: request.purgeData || !keepsVolumes(plan.kept) },
      session.signal,
    );
  }
  return leftBehind(deps, job, plan.kept.map(withoutWay), session);
}

async function deleteAndWait(
  deps: WriteDeps,
  plan: Plan,
  ledger: Ledger,
  { request, deadline }: Removal,
  session: Session,
): Promise<void> {
  if (plan.objects.length === 0) return;
  if (request.wait) deps.cluster.expectWatches();
  const gone = await deletePlanned(deps, plan, { foreground: request.wait }, session);
  if (request.wait) await awaitGone(deps, plan, { record: ledger.record(), gone, deadline }, session);
}

/** What the reason says of a flag of this command comes too late now. */
function withoutWay({ ref, reason }: Plan['kept'][number]): Plan['kept'][number] {
  return { ref, reason: reason.replace(/; --purge-crds .*$/, '') };
}

interface LeftBehind {
  readonly left: RemoveResult['left'][number][];
  /** A namespace that is being deleted. */
  readonly going?: ObjectRef;
}

interface Removal {
  readonly request: RemoveRequest;
  readonly plan: Plan;
  readonly deadline: number;
  readonly claim: Claim;
  /** `StoredHooks.digestKey`. */
  readonly digestKey: string;
}

/** What is still there and why; the namespace goes here, after the record, where it was asked for. */
async function leftBehind(
  deps: WriteDeps,
  { request }: Pick<Removal, 'request'>,
  left: LeftBehind['left'],
  session: Session,
): Promise<LeftBehind> {
  if (request.deleteNamespace !== true) return { left };
  const ref = namespaceRef(request.namespace);
  const stays = await deleteEmptyNamespace(deps, request, session.signal);
  return stays === undefined ? { left, going: ref } : { left: [...left, { ref, reason: stays }] };
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
  deps: WriteDeps,
  record: InstallationRecord,
  { request, plan }: Removal,
  session: Session,
): Promise<InstallationRecord> {
  const kind = request.keepRecord === true ? 'rollback' : 'remove';
  const goesOn = record.pending?.operation === kind && record.pending.revision === 0;
  const operation = {
    ...newOperation(deps, kind, 0, request),
    ...(goesOn ? { journal: record.pending?.journal ?? [] } : {}),
    ...(request.purgeData ? { purgeData: true } : {}),
  };
  const { namespace, name } = request;
  const marked = await deps.records.begin(
    { namespace, name, record, operation, inventory: withPlannedHooks(record.inventory, plan) },
    session.signal,
  );
  if (kind === 'remove') await noteRemoval(deps.cluster, request, operation, session.signal);
  const resumed = record.pending?.operation === kind;
  session.emit({ type: 'operation', operation: kind, namespace, name, id: operation.id, resumed });
  return marked;
}

async function awaitGone(
  deps: WriteDeps,
  plan: Plan,
  { record, gone, deadline }: { record: InstallationRecord; gone: ReadonlySet<string>; deadline: number },
  session: Session,
): Promise<void> {
  const refs = plan.objects.filter((object) => object.action === 'delete').map((object) => object.ref);
  const remaining = await waitGone(
    deps,
    { refs, gone, applySetId: applySetId(record.namespace, record.name), deadline },
    session,
  );
  if (remaining.length === 0) return;
  throw new AppstoreError('WAIT_TIMEOUT', `not everything of ${record.name} is gone yet`, {
    problems: remaining.map((left) => ({ message: `${displayId(left.ref)}: ${left.reason}` })),
    hint: `Run \`appstore remove ${record.name} -n ${record.namespace}\` again: it goes on where this one stopped.`,
  });
}
