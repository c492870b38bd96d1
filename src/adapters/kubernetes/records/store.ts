import { ApiError, AppstoreError } from '../../../domain/errors.ts';
import type { KubeObject } from '../../../domain/objects.ts';
import { displayId } from '../../../domain/objects.ts';
import { type InstallationRecord, recordFormatVersion } from '../../../domain/release.ts';
import type { Cluster } from '../../../services/ports.ts';
import { writeShared } from './create.ts';
import {
  decodeIndex,
  encodeIndex,
  type IndexState,
  indexReference,
  recordOf,
  type StoredIndex,
} from './index.ts';
import { type InventoryLimits, type StoredInventory, spillObject, storeInventory } from './inventory.ts';
import { annotations, type RecordPlace } from './names.ts';
import { tidy } from './tidy.ts';

const attempts = 5;

/** Reads and commits indexes. Remembers what it gave out, so that the object behind a record is not read twice. */
export interface IndexStore {
  read(place: RecordPlace, signal?: AbortSignal): Promise<StoredIndex | undefined>;
  /** The index that a record was made from. Throws OPERATION_RUNNING where it changed since. */
  of(record: InstallationRecord, signal?: AbortSignal): Promise<StoredIndex>;
  /** Gives out the record of an index. */
  record(stored: StoredIndex): InstallationRecord;
  /** Packs an inventory and writes the parts that do not fit into the index. */
  prepare(state: IndexState, before: StoredIndex | undefined, use: Use): Promise<StoredInventory>;
  /** The commit point. Throws OPERATION_RUNNING where another writer was first. */
  commit(
    state: IndexState,
    inventory: StoredInventory,
    before: StoredIndex | undefined,
    signal?: AbortSignal,
  ): Promise<StoredIndex>;
}

export interface Use {
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
}

/** Indexes upon a cluster. `given` is what was given out, by whichever store. */
export function indexStore(
  cluster: Cluster,
  limits: InventoryLimits,
  given: WeakMap<InstallationRecord, StoredIndex>,
): IndexStore {
  async function read(place: RecordPlace, signal?: AbortSignal): Promise<StoredIndex | undefined> {
    const object = await cluster.get(indexReference(place), signal);
    return object === undefined ? undefined : decode(cluster, object, signal);
  }

  async function of(record: InstallationRecord, signal?: AbortSignal): Promise<StoredIndex> {
    const known = given.get(record);
    if (known !== undefined) return known;
    const live = await read(record, signal);
    if (live?.object.metadata.uid !== record.uid) throw takenOver(record);
    if (live.object.metadata.resourceVersion !== record.resourceVersion) throw takenOver(record);
    return live;
  }

  function record(stored: StoredIndex): InstallationRecord {
    const made = recordOf(stored);
    given.set(made, stored);
    return made;
  }

  async function prepare(
    state: IndexState,
    before: StoredIndex | undefined,
    use: Use,
  ): Promise<StoredInventory> {
    if (before !== undefined && before.state.inventory === state.inventory) return before.inventory;
    const inventory = await storeInventory(state.name, state.inventory, limits);
    await Promise.all(
      inventory.spills.map(async ({ bytes, ...spill }) => {
        if (bytes !== undefined) await writeShared(cluster, spillObject(state, { ...spill, bytes }), use);
      }),
    );
    return inventory;
  }

  async function commit(
    state: IndexState,
    inventory: StoredInventory,
    before: StoredIndex | undefined,
    signal?: AbortSignal,
  ): Promise<StoredIndex> {
    const tidied = tidy(state);
    let basis = before;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const object = await encodeIndex(tidied, inventory, basis?.object);
      try {
        const options = signal === undefined ? {} : { signal };
        const written = await (basis === undefined
          ? cluster.create(object, options)
          : cluster.replace(object, options));
        return { state: tidied, inventory, object: written, formatVersion: recordFormatVersion };
      } catch (error) {
        if (!lostRace(error, basis !== undefined)) throw error;
      }
      const live = await cluster.get(indexReference(state), signal);
      // A lost answer is repeated by the transport and then meets its own write.
      if (live !== undefined && sameData(live, object)) {
        return { state: tidied, inventory, object: live, formatVersion: recordFormatVersion };
      }
      if (live === undefined || basis === undefined || !sameIndex(live, basis.object)) throw takenOver(state);
      basis = { ...basis, object: live };
    }
    throw takenOver(state);
  }

  return { read, of, record, prepare, commit };
}

async function decode(
  cluster: Cluster,
  object: KubeObject,
  signal: AbortSignal | undefined,
): Promise<StoredIndex> {
  try {
    return await decodeIndex(cluster, object, signal);
  } catch (error) {
    const format = Number(object.metadata.annotations?.[annotations.format] ?? 0);
    const unreadable = error instanceof AppstoreError && error.code === 'RECORD_INVALID';
    if (unreadable && format > recordFormatVersion) throw newer(error.message, format);
    throw error;
  }
}

function newer(what: string, format: number): AppstoreError {
  const known = `this version of appstore knows record format ${recordFormatVersion}`;
  return new AppstoreError('RECORD_NEWER', `${what} (it has record format ${format}; ${known})`);
}

/** Throws RECORD_NEWER where a record may only be read. */
export function checkWritable(record: InstallationRecord): void {
  if (record.formatVersion <= recordFormatVersion) return;
  throw newer(
    `${displayId(indexReference(record))}: the record can be read, not changed`,
    record.formatVersion,
  );
}

/** The error for a writer that came second. */
export function takenOver(place: RecordPlace): AppstoreError {
  return new AppstoreError(
    'OPERATION_RUNNING',
    `${displayId(indexReference(place))}: another operation on "${place.name}" changed the record; nothing more was written to it`,
  );
}

/** What was there and is not found any more was removed by another operation; what was not there has no namespace. */
function lostRace(error: unknown, wasThere: boolean): boolean {
  if (!(error instanceof ApiError)) return false;
  const { reason } = error.failure;
  return reason === 'AlreadyExists' || reason === 'Conflict' || (wasThere && reason === 'NotFound');
}

function sameData(a: KubeObject, b: KubeObject): boolean {
  const text = (object: KubeObject) => JSON.stringify([sorted(object.data), sorted(object.binaryData)]);
  return text(a) === text(b);
}

function sorted(data: unknown): unknown {
  return Object.entries((data ?? {}) as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** True where only others' labels or annotations changed: the same object, the same data, not being deleted. */
function sameIndex(live: KubeObject, known: KubeObject): boolean {
  return (
    live.metadata.uid === known.metadata.uid &&
    live.metadata.deletionTimestamp === undefined &&
    sameData(live, known)
  );
}
