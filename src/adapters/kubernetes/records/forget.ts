import type { ObjectRef } from '../../../domain/objects.ts';
import { generatedName } from '../../../domain/ownership.ts';
import type { Cluster } from '../../../services/ports.ts';
import { deleteParts, type Part } from './collect.ts';
import { refusedFor } from './create.ts';
import { type IndexState, indexReference, type StoredIndex } from './index.ts';
import { reference, secretKind } from './names.ts';
import { type IndexStore, takenOver, type Use } from './store.ts';

export interface ForgetOptions {
  readonly purgeGenerated: boolean;
  /** Everything that is there of the record, and what Helm stored of a release that was taken over. */
  parts(): Promise<readonly Part[]>;
  readonly signal: AbortSignal | undefined;
}

const attempts = 5;

/**
 * Deletes a record from its leaves: what only the index names at once, then what the index needs to be read, the index last.
 * The index goes only as it was seen; where it is gone already, nothing is left to do.
 *
 * @throws AppstoreError OPERATION_RUNNING where the index is another one's, or another operation took over.
 */
export async function forgetRecord(
  { cluster, store }: { readonly cluster: Cluster; readonly store: IndexStore },
  before: StoredIndex,
  options: ForgetOptions,
): Promise<void> {
  const { signal } = options;
  const place = before.state;
  // What is only read is asked at once; nothing goes before the index was looked at.
  const generated = options.purgeGenerated ? findGenerated(cluster, before, signal) : undefined;
  const [live, parts] = await Promise.all([
    liveVersion(cluster, store, before, signal),
    options.parts(),
    generated,
  ]);
  let version = live;
  if (version === undefined) return;
  const deletions = (wanted: (part: Part) => boolean) =>
    deleteParts(cluster, place, parts.filter(wanted), signal);
  await Promise.all([
    deletions((one) => one.part !== 'inventory'),
    deleteGenerated(cluster, await generated, signal),
  ]);
  const last = await withoutSpills(store, before, signal);
  if (last !== before) version = last.object.metadata.resourceVersion;
  await deletions((one) => one.part === 'inventory');
  for (let attempt = 1; version !== undefined; attempt++) {
    try {
      const more = signal === undefined ? {} : { signal };
      const uid = before.object.metadata.uid ?? '';
      const exact = { uid, resourceVersion: version, propagation: 'Background', ...more } as const;
      await cluster.delete(indexReference(place), exact);
      return;
    } catch (error) {
      if (!refusedFor(error, 'Conflict') || attempt === attempts) throw error;
    }
    version = await liveVersion(cluster, store, last, signal);
  }
}

/**
 * The index naming no parts of an inventory, before these go: else a removal that is cut between them and the index would
 * leave an index that nobody can read, and so nobody can remove.
 */
async function withoutSpills(
  store: IndexStore,
  before: StoredIndex,
  signal: AbortSignal | undefined,
): Promise<StoredIndex> {
  if (before.inventory.spills.length === 0) return before;
  const state: IndexState = { ...before.state, inventory: [] };
  const use: Use = { operation: state.pending?.id ?? '', signal };
  return store.commit(state, await store.prepare(state, before, use), before, signal);
}

interface GeneratedSecret {
  readonly ref: ObjectRef;
  readonly uid: string;
}

async function findGenerated(
  cluster: Cluster,
  { state }: StoredIndex,
  signal: AbortSignal | undefined,
): Promise<GeneratedSecret | undefined> {
  const ref = reference(secretKind, state.namespace, generatedName(state.name));
  const uid = (await cluster.getMetadata(ref, signal))?.metadata.uid;
  return uid === undefined ? undefined : { ref, uid };
}

/** With its uid, so that the request may be repeated where its answer is lost. */
async function deleteGenerated(
  cluster: Cluster,
  generated: GeneratedSecret | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (generated === undefined) return;
  const { ref, uid } = generated;
  await cluster.delete(ref, { uid, propagation: 'Background', ...(signal === undefined ? {} : { signal }) });
}

/** The resourceVersion of the index as it is now; undefined where it is gone. */
async function liveVersion(
  cluster: Cluster,
  store: IndexStore,
  before: StoredIndex,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const live = await cluster.getMetadata(indexReference(before.state), signal);
  if (live === undefined) return undefined;
  const { uid, resourceVersion } = live.metadata;
  if (uid !== before.object.metadata.uid) throw takenOver(before.state);
  if (resourceVersion === before.object.metadata.resourceVersion) return resourceVersion;
  const now = await store.read(before.state, signal);
  if (now?.state.pending?.id !== before.state.pending?.id) throw takenOver(before.state);
  return now?.object.metadata.resourceVersion;
}
