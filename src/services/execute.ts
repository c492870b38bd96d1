import { appliedDigest } from '../domain/applied-digest.ts';
import { begun } from '../domain/begun.ts';
import { ApiError, AppstoreError, isForbidden } from '../domain/errors.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { fieldsDigest } from '../domain/managed-fields.ts';
import { displayId, idKey, type KubeObject } from '../domain/objects.ts';
import {
  awaitedStages,
  batches,
  deletionBatches,
  followsItsRank,
  isCustomKind,
  isService,
  sendingOrder,
} from '../domain/order.ts';
import { fieldManager, replicasManager } from '../domain/ownership.ts';
import type { Plan, PlannedObject } from '../domain/plan.ts';
import { adoptFields } from './adopt-object.ts';
import type { Written } from './inventory.ts';
import { inParallel } from './parallel.ts';
import type { PartialObject } from './ports.ts';
import { replaceObject } from './replace-object.ts';
import type { ClusterDeps, InstallationName, Session } from './requests.ts';
import { requestsAtOnce, servedKind } from './survey.ts';
import { applyTaking, takenOf } from './take-fields.ts';
import { awaitRefs } from './wait-ready.ts';

export interface ExecuteOptions {
  /** `RevisionHead.digestKey`. */
  readonly digestKey: string;
  readonly applySetId: string;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
  /** As in `WaitRequest`. */
  readonly failAfter?: number;
  readonly installation: InstallationName;
  /** As in `ReadyOptions`. */
  readonly undone?: number;
}

const writeActions: ReadonlySet<PlannedObject['action']> = new Set(['create', 'update', 'replace']);

/**
 * Writes what the plan creates, updates and replaces: stage by stage, rank by rank, all of a rank at once. Stages that others stand on
 * (CRDs, classes) are waited for. Fills `written` as it goes; throws the first failure once the writes under way are done.
 */
export async function applyPlan(
  deps: ClusterDeps,
  plan: Plan,
  options: ExecuteOptions,
  session: Session,
  written: Written,
): Promise<void> {
  await handOverReplicas(deps, plan, session.signal);
  const writes = plan.objects.filter(({ action }) => writeActions.has(action));
  const progress = { done: 0, total: writes.length };
  session.emit({ type: 'step', step: 'apply', state: 'started', total: writes.length });
  for (const batch of batches(writes, (object) => followsItsRank(object.desired))) {
    await inParallel(sendingOrder(batch), requestsAtOnce, async (object) => {
      const live = await applyOne(deps, object, options, session);
      written.set(idKey(object.ref), entryOf(object, live, options.digestKey));
      progress.done++;
      session.emit({ type: 'written', ref: object.ref, action: object.action, ...progress });
    });
    await settleStage(deps, batch, options, session);
  }
  await learnUnchanged(deps, plan, options, session, written);
  session.emit({ type: 'step', step: 'apply', state: 'done', total: writes.length });
}

/**
 * What the cluster has already although the record does not know it: an operation was cut between a write and the record of it.
 * Applied again, which changes nothing, so that its uid and fields are recorded: without them the next change would have to
 * believe any object of that name.
 */
async function learnUnchanged(
  deps: ClusterDeps,
  plan: Plan,
  options: ExecuteOptions,
  session: Session,
  written: Written,
): Promise<void> {
  const unknown = plan.objects.filter(
    (object) => object.action === 'unchanged' && object.checked === 'server' && object.desired !== undefined,
  );
  await inParallel(unknown, requestsAtOnce, async (object) => {
    const live = await applyOne(deps, object, options, session);
    written.set(idKey(object.ref), entryOf(object, live, options.digestKey));
  });
}

/** What the inventory says of an object after it was applied. */
function entryOf(object: PlannedObject, live: PartialObject, key: string): InventoryEntry {
  return {
    ...object.ref,
    uid: live.metadata.uid ?? '',
    fields: fieldsDigest(live.metadata, fieldManager),
    applied: appliedDigest(object.desired as KubeObject, key),
  };
}

async function applyOne(
  deps: ClusterDeps,
  object: PlannedObject,
  options: ExecuteOptions,
  session: Session,
): Promise<PartialObject> {
  for (;;) {
    try {
      if (object.action === 'replace')
        return await replaceObject(deps, object, options.deadline, session.signal);
      if (object.adopt === true) await adoptFields(deps.cluster, object, session.signal);
      if (takenOf(object).length > 0) return await applyTaking(deps.cluster, object, session.signal);
      return await deps.cluster.applyMetadata(object.desired as KubeObject, {
        fieldManager,
        signal: session.signal,
      });
    } catch (error) {
      const reason = notUpYet(object, error);
      if (reason === undefined || deps.clock.monotonic() >= options.deadline) throw error;
      session.emit({ type: 'retry', ref: object.ref, reason });
      deps.cluster.forgetDiscovery();
      await deps.clock.sleep(retryPause, session.signal);
    }
  }
}

const retryPause = 500;

/**
 * Why it is worth trying again: the CRD of a custom resource is not served yet, or the webhook that checks it is not up yet.
 * Everything else is an answer.
 */
function notUpYet(object: PlannedObject, error: unknown): string | undefined {
  if (!(error instanceof AppstoreError)) return undefined;
  if (error.code === 'KIND_UNKNOWN' && isCustomKind(object.ref)) return 'its kind is not served yet';
  return error.code === 'WEBHOOK_UNAVAILABLE' ? 'the webhook that checks it does not answer yet' : undefined;
}

async function settleStage(
  deps: ClusterDeps,
  batch: readonly PlannedObject[],
  options: ExecuteOptions,
  session: Session,
): Promise<void> {
  const stage = batch[0]?.stage;
  if (stage === undefined || !awaitedStages.some((awaited) => awaited === stage)) return;
  await awaitRefs(
    deps,
    batch.map((object) => object.ref),
    options,
    session,
  );
  if (batch.some((object) => object.ref.kind === 'CustomResourceDefinition')) deps.cluster.forgetDiscovery();
}

/**
 * Gives `replicas` to a second field manager at its live value before our apply leaves the field out: a field that its only
 * owner leaves out is deleted, and a Deployment without replicas falls back to 1.
 */
async function handOverReplicas(deps: ClusterDeps, plan: Plan, signal: AbortSignal): Promise<void> {
  const transfers = plan.handovers.filter((handover) => handover.transfer);
  await inParallel(transfers, requestsAtOnce, async ({ ref }) => {
    const live = await deps.cluster.get(ref, signal);
    const replicas = live?.spec?.replicas;
    if (live === undefined || typeof replicas !== 'number') return;
    const metadata = { name: ref.name, ...(ref.namespace === '' ? {} : { namespace: ref.namespace }) };
    const object = { apiVersion: live.apiVersion, kind: live.kind, metadata, spec: { replicas } };
    await deps.cluster.applyMetadata(object, { fieldManager: replicasManager, signal });
  });
}

/**
 * Deletes what the plan deletes, backwards, rank by rank, each with the UID that the plan saw. With `foreground`, a workload
 * stays until its pods are gone, so that waiting for it means something. Answers the identities of those that were gone with the answer.
 */
export async function deletePlanned(
  deps: ClusterDeps,
  plan: Plan,
  options: { readonly foreground: boolean },
  session: Session,
): Promise<ReadonlySet<string>> {
  const gone = new Set<string>();
  const deletions = plan.objects.filter((object) => object.action === 'delete');
  if (deletions.length === 0) return gone;
  const progress = { done: 0, total: deletions.length };
  session.emit({ type: 'step', step: 'prune', state: 'started', total: deletions.length });
  const deleteAll = (objects: readonly PlannedObject[]) =>
    inParallel(objects, requestsAtOnce, async (object) => {
      if (await deleteOne(deps, object, options.foreground, session.signal)) gone.add(idKey(object.ref));
      progress.done++;
      session.emit({ type: 'written', ref: object.ref, action: 'delete', ...progress });
    });
  // Nothing that comes after a Service stands on it.
  const services: Promise<unknown>[] = [];
  try {
    for (const batch of deletionBatches(deletions)) {
      services.push(begun(deleteAll(batch.filter(({ ref }) => isService(ref)))));
      await deleteAll(batch.filter(({ ref }) => !isService(ref)));
    }
  } finally {
    await Promise.allSettled(services);
  }
  await Promise.all(services);
  session.emit({ type: 'step', step: 'prune', state: 'done', total: deletions.length });
  return gone;
}

/** True where it is gone with the answer: nothing holds it. */
async function deleteOne(
  deps: ClusterDeps,
  object: PlannedObject,
  foreground: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const kind = await servedKind(deps.cluster, object.ref, signal);
  if (kind === undefined) return false;
  try {
    const what = await deps.cluster.delete(
      { ...object.ref, ...kind },
      {
        propagation: foreground && hasPods(object) ? 'Foreground' : 'Background',
        signal,
        ...(object.live === undefined ? {} : { uid: object.live.uid }),
      },
    );
    return what !== 'terminating';
  } catch (error) {
    // Another object took the name since the plan: it is not ours, and ours is gone.
    if (error instanceof ApiError && error.failure.status === 409) return true;
    throw isForbidden(error)
      ? new AppstoreError('FORBIDDEN', `${displayId(object.ref)}: you are not allowed to delete it`, {
          cause: error,
        })
      : error;
  }
}

/** Kinds of these groups own pods, directly or through others. */
function hasPods(object: PlannedObject): boolean {
  return object.ref.group === 'apps' || object.ref.group === 'batch';
}
