import { isAdopted } from '../domain/adoption.ts';
import { appliedDigest } from '../domain/applied-digest.ts';
import { fieldChanges } from '../domain/diff.ts';
import { ApiError } from '../domain/errors.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { fieldsDigest } from '../domain/managed-fields.ts';
import { displayId, idKey, type KubeObject, refOf } from '../domain/objects.ts';
import { fieldManager, type Ownership } from '../domain/ownership.ts';
import type { PlannedObject } from '../domain/plan.ts';
import type { Located } from './locate.ts';
import { ownerOf } from './owner-of.ts';
import { planAdoption } from './plan-adopt.ts';
import { mayNotWrite, planByOwnership } from './plan-by-ownership.ts';
import { type Decided, planConflict } from './plan-conflict.ts';
import type { PlanContext } from './plan-context.ts';
import { planReplace } from './plan-replace.ts';
import { planned } from './planned.ts';
import type { PartialObject } from './ports.ts';
import { type Refusal, refusalOf } from './refusals.ts';
import { wasLeft } from './reuse-left.ts';
import { sharedDefinition } from './shared-definition.ts';

/** What is done to one object, or why it cannot be done. Throws only what concerns more than this object. */
export async function planObject(context: PlanContext, wanted: Located): Promise<PlannedObject | Refusal> {
  const live = context.live.get(idKey(wanted.ref));
  const entry = context.entries.get(idKey(wanted.ref));
  const owner = await ownerOf(context.cluster, live, { ...context, entry }, context.signal);
  const shared = sharedDefinition(context, wanted, live, owner);
  if (shared !== undefined) return shared;
  const known = context.refused?.get(idKey(wanted.ref));
  if (known !== undefined) return known;
  const left = isLeft(context, wanted, live);
  const refused = refuseOwner({ adopt: left ? 'all' : context.adopt }, wanted, live, owner);
  if (refused !== undefined) return refused;
  if (live !== undefined && isUnchanged(wanted.object, context.digestKey, live, entry)) {
    return planned(wanted, 'unchanged', 'nothing changed since the last apply', 'record', { live });
  }
  if (!wanted.served || !context.namespaceExists(wanted.ref.namespace)) {
    const what = wanted.served ? 'namespace' : 'CustomResourceDefinition';
    return planned(wanted, 'create', `new; its ${what} is made by this change`, 'schema', {});
  }
  context.asks?.();
  try {
    if (owner.state === 'adoptable') {
      const adopted = await planAdoption(context, wanted);
      return left ? { ...adopted, reason: 'an earlier installation of this name left it' } : adopted;
    }
    return live === undefined
      ? await planCreate(context, wanted)
      : await planWrite(context, wanted, live, entry);
  } catch (error) {
    return refusedWrite(context, wanted, error, owner);
  }
}

/** True for what an earlier installation of this name left, where this one has no record yet. */
function isLeft(context: PlanContext, { ref }: Located, live: PartialObject | undefined): boolean {
  return context.entries.size === 0 && live !== undefined && wasLeft(ref, live, context.installation);
}

/** What is done where the server refuses the write: it is compared where that is all one may, or made anew where that was chosen. */
async function refusedWrite(
  context: PlanContext,
  wanted: Located,
  error: unknown,
  owner: Ownership,
): Promise<PlannedObject | Refusal> {
  try {
    if (context.dryRun && mayNotWrite(error))
      return await planByOwnership(context, wanted, owner.state === 'adoptable');
    if (!(error instanceof ApiError && error.code === 'FIELD_IMMUTABLE')) throw error;
    return await planReplace(context, wanted, error);
  } catch (last) {
    const refusal = refusalOf(last);
    if (refusal === undefined) throw last;
    return refusal;
  }
}

/** An update, as far as fields of other managers allow it. */
async function planWrite(
  context: PlanContext,
  wanted: Located,
  live: PartialObject,
  entry: InventoryEntry | undefined,
): Promise<PlannedObject> {
  try {
    return await planUpdate(context, wanted, live, entry);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'FIELD_CONFLICT')) throw error;
    return planConflict(context, wanted, error, (rest, decided) =>
      planUpdate(context, rest, live, entry, decided),
    );
  }
}

/** True for the answer that is a refusal. */
export function isRefusal(answer: PlannedObject | Refusal): answer is Refusal {
  return 'problem' in answer;
}

/** Why an object that is there already may not be written; undefined where it may. */
export function refuseOwner(
  context: Pick<PlanContext, 'adopt'>,
  wanted: Pick<Located, 'ref'>,
  live: PartialObject | undefined,
  owner: Ownership,
): Refusal | undefined {
  const id = displayId(wanted.ref);
  if (owner.state === 'foreign') {
    return {
      code: 'OBJECT_FOREIGN',
      problem: { message: `${id}: exists already and belongs to ${owner.owner}` },
    };
  }
  if (owner.state === 'adoptable' && !isAdopted(context.adopt, wanted.ref)) {
    const problem = {
      message: `${id}: exists already; ${owner.reason}`,
      at: id,
      hint: `--adopt ${id} makes it part of the app`,
      consent: 'adopt' as const,
    };
    return { code: 'OBJECT_ADOPTABLE', problem, adoptable: wanted.ref };
  }
  if (live?.metadata.deletionTimestamp !== undefined) {
    const finalizers = live.metadata.finalizers?.join(', ') ?? 'none';
    return {
      code: 'OPERATION_RUNNING',
      problem: {
        message: `${id}: is still being deleted (finalizers: ${finalizers})`,
        hint: 'Run the command again when it is gone.',
      },
    };
  }
  return undefined;
}

/** True where the record alone says that an object needs no write. */
export function recordedUnchanged(context: PlanContext, object: KubeObject, live: PartialObject): boolean {
  return isUnchanged(object, context.digestKey, live, context.entries.get(idKey(refOf(object))));
}

/** Nothing to ask the server: we applied just this, to just this object, and every field is still ours. */
function isUnchanged(
  object: KubeObject,
  key: string,
  live: PartialObject,
  entry: InventoryEntry | undefined,
): boolean {
  return (
    entry !== undefined &&
    entry.uid === live.metadata.uid &&
    entry.applied === appliedDigest(object, key) &&
    entry.fields !== '' &&
    entry.fields === fieldsDigest(live.metadata, fieldManager)
  );
}

async function planCreate(context: PlanContext, wanted: Located): Promise<PlannedObject> {
  if (context.spared.has(idKey(wanted.ref))) return planned(wanted, 'create', 'new', 'schema', {});
  if ((await context.dryRuns.get(wanted.object)) !== true)
    await context.cluster.applyMetadata(wanted.object, {
      fieldManager,
      dryRun: true,
      signal: context.signal,
    });
  const known = context.entries.has(idKey(wanted.ref));
  return planned(wanted, 'create', known ? 'it is missing from the cluster' : 'new', 'server', {});
}

async function planUpdate(
  context: PlanContext,
  wanted: Located,
  live: PartialObject,
  entry: InventoryEntry | undefined,
  { force, conflicts }: Decided = { force: false, conflicts: [] },
): Promise<PlannedObject> {
  const [before, after] = await Promise.all([
    context.cluster.get(wanted.ref, context.signal),
    context.cluster.apply(wanted.object, { fieldManager, force, dryRun: true, signal: context.signal }),
  ]);
  if (before === undefined) return planned(wanted, 'create', 'it was deleted just now', 'server', {});
  const changes = fieldChanges(before, after, { mask: context.mask });
  const sameFields = fieldsDigest(after.metadata, fieldManager) === fieldsDigest(live.metadata, fieldManager);
  if (changes.length === 0 && sameFields) {
    return planned(wanted, 'unchanged', 'the cluster has it already', 'server', {
      live,
      full: before,
      conflicts,
    });
  }
  const drifted = entry !== undefined && entry.applied === appliedDigest(wanted.object, context.digestKey);
  const reason = drifted
    ? 'it was changed in the cluster'
    : entry?.applied === ''
      ? 'an earlier change was cut'
      : 'the app changed';
  return planned(wanted, 'update', reason, 'server', { live, full: before, changes, conflicts });
}
