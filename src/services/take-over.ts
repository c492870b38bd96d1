import { appliedDigest } from '../domain/applied-digest.ts';
import { ApiError, AppstoreError } from '../domain/errors.ts';
import { isTaken, takingPatch } from '../domain/helm-ownership.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { fieldsDigest } from '../domain/managed-fields.ts';
import type { Masker } from '../domain/masking.ts';
import { displayId, type KubeObject, type ObjectRef } from '../domain/objects.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { PlannedObject } from '../domain/plan.ts';
import { keepReasonOf } from '../domain/resource-policy.ts';
import { compareTakeover, type Takeover } from './compare-takeover.ts';
import type { Cluster } from './ports.ts';

/** Changes between reading and writing that are put up with. */
const attempts = 5;

interface TakeOptions {
  readonly cluster: Cluster;
  readonly mask: Masker;
  /** `RevisionHead.digestKey`. */
  readonly digestKey: string;
  readonly applySetId: string;
}

/**
 * Makes an object of a Helm release ours without changing what it does: our apply owns what the app has, with the values that are
 * live, then Helm's entries and marks go. Cut between the two it belongs to both, and is gone on with. Answers what the inventory
 * says of it; an object that differs from the release is recorded as not known, so that it is told as drift.
 */
export async function takeOver(
  options: TakeOptions,
  object: PlannedObject,
  signal: AbortSignal,
): Promise<InventoryEntry> {
  const { cluster } = options;
  const wanted = { ref: object.ref, object: object.desired as KubeObject };
  for (let attempt = 1; ; attempt++) {
    const found = await compareTakeover(options, wanted, signal);
    if (found === undefined || found.live.metadata.uid !== object.live?.uid) throw changed(object.ref);
    const { uid, resourceVersion } = found.live.metadata;
    if (isTaken(found.live.metadata, options.applySetId)) return entryOf(options, object, found.live, found);
    try {
      const metadata = { ...found.desired.metadata, ...(uid === undefined ? {} : { uid }) };
      const exact = resourceVersion === undefined ? metadata : { ...metadata, resourceVersion };
      // Forced for our labels alone: the dry run of just this object has shown that nothing else changes.
      await cluster.applyMetadata(
        { ...found.desired, metadata: exact },
        { fieldManager, force: true, signal },
      );
      const live = await letGo(cluster, object.ref, uid, signal);
      return entryOf(options, object, live, found);
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
    }
  }
}

/** What the inventory says of an object before it is taken over. */
export function unwrittenEntry({ ref, desired, phase }: PlannedObject): InventoryEntry {
  const keep = desired === undefined ? undefined : keepReasonOf(desired);
  return {
    ...ref,
    uid: '',
    fields: '',
    applied: '',
    ...(keep === undefined ? {} : { keep }),
    ...(phase.kind === 'hook' ? { hook: true } : {}),
  };
}

function entryOf(
  { digestKey }: TakeOptions,
  object: PlannedObject,
  live: KubeObject,
  { differs }: Takeover,
): InventoryEntry {
  const same = differs.length === 0;
  return {
    ...unwrittenEntry(object),
    uid: live.metadata.uid ?? '',
    fields: same ? fieldsDigest(live.metadata) : '',
    applied: same ? appliedDigest(object.desired as KubeObject, digestKey) : '',
  };
}

async function letGo(
  cluster: Cluster,
  ref: ObjectRef,
  uid: string | undefined,
  signal: AbortSignal,
): Promise<KubeObject> {
  for (let attempt = 1; ; attempt++) {
    const live = await cluster.getMetadata(ref, signal);
    if (live === undefined || live.metadata.uid !== uid) throw changed(ref);
    const { resourceVersion = '' } = live.metadata;
    try {
      return await cluster.mergePatch(
        ref,
        { metadata: { ...takingPatch(live), uid, resourceVersion } },
        { fieldManager, signal },
      );
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'API_CONFLICT';
}

function changed(ref: ObjectRef): AppstoreError {
  return new AppstoreError('API_CONFLICT', `${displayId(ref)}: it was deleted or made anew since the plan`);
}
