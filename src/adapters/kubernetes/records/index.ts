import type { InventoryEntry } from '../../../domain/inventory.ts';
import { isObject } from '../../../domain/json.ts';
import type { KubeObject, ObjectRef } from '../../../domain/objects.ts';
import { indexName } from '../../../domain/ownership.ts';
import {
  type InstallationRecord,
  type InstallationState,
  type PendingOperation,
  recordFormatVersion,
} from '../../../domain/release.ts';
import type { Cluster } from '../../../services/ports.ts';
import { applySetAnnotations } from './applyset.ts';
import { fromBase64, pack, unpack } from './bytes.ts';
import { damaged } from './damage.ts';
import { decodeLines, encodeLines, type RevisionLine } from './history.ts';
import { readInventory, type Spill, type StoredInventory } from './inventory.ts';
import { recordLimits } from './limits.ts';
import { annotations, configMapKind, partLabel, partMetadata, type RecordPlace, reference } from './names.ts';
import { decodePending, encodePending } from './pending.ts';
import { readSummary, summaryAnnotations } from './summary.ts';

/** A journal longer than this is stored packed. */
const longestPlainPending = 64 * 1024;

/** Everything that the index says. */
export interface IndexState extends RecordPlace {
  readonly catalog: string;
  readonly app: string;
  readonly state: InstallationState;
  readonly updatedAt: string;
  readonly madeNamespace: boolean;
  readonly lines: readonly RevisionLine[];
  readonly pending?: PendingOperation;
  readonly inventory: readonly InventoryEntry[];
}

/** An index as it was read: what it says, how its inventory is stored, and the object itself. */
export interface StoredIndex {
  readonly state: IndexState;
  readonly inventory: StoredInventory;
  readonly object: KubeObject;
  readonly formatVersion: number;
}

export function indexReference(place: RecordPlace): ObjectRef {
  return reference(configMapKind, place.namespace, indexName(place.name));
}

/** What services see of a stored index. */
export function recordOf({ state, object, formatVersion }: StoredIndex): InstallationRecord {
  return {
    name: state.name,
    namespace: state.namespace,
    ...headOf(state),
    formatVersion,
    uid: object.metadata.uid ?? '',
    resourceVersion: object.metadata.resourceVersion ?? '',
    revisions: state.lines.map((line) => line.summary),
    ...(state.pending === undefined ? {} : { pending: state.pending }),
    inventory: state.inventory,
    madeNamespace: state.madeNamespace,
  };
}

/** What is said of an installation wherever it is named. */
function headOf(state: IndexState) {
  const newest = state.lines.at(-1)?.summary;
  return {
    catalog: state.catalog,
    app: state.app,
    version: newest?.version ?? '',
    appVersion: newest?.appVersion ?? '',
    revision: newest?.number ?? 0,
    state: state.state,
    updatedAt: state.updatedAt,
  };
}

/**
 * Writes an index as a ConfigMap. What others added to the metadata of the one before (labels, annotations, finalizers) stays.
 */
export async function encodeIndex(
  state: IndexState,
  inventory: StoredInventory,
  before: KubeObject | undefined,
): Promise<KubeObject> {
  const pending = state.pending === undefined ? '' : encodePending(state.pending);
  const packPending = pending.length > longestPlainPending;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: indexMetadata(state, before),
    data: {
      revisions: encodeLines(state.lines),
      settings: JSON.stringify({ madeNamespace: state.madeNamespace }),
      ...(pending === '' || packPending ? {} : { pending }),
      ...(inventory.inline === undefined ? { 'inventory-parts': spillLines(inventory.spills) } : {}),
    },
    binaryData: {
      ...(inventory.inline === undefined ? {} : { 'inventory.gz': inventory.inline.toString('base64') }),
      ...(packPending ? { 'pending.gz': (await pack(Buffer.from(pending))).toString('base64') } : {}),
    },
  };
}

function indexMetadata(state: IndexState, before: KubeObject | undefined): KubeObject['metadata'] {
  const own = partMetadata(state, 'index', indexName(state.name));
  const summary = summaryAnnotations({ ...headOf(state), formatVersion: recordFormatVersion });
  const { managedFields: _managedFields, ...kept } = before?.metadata ?? { name: own.name };
  return {
    ...kept,
    ...own,
    labels: { ...kept.labels, ...own.labels },
    annotations: {
      ...kept.annotations,
      ...summary,
      ...applySetAnnotations(state.namespace, state.inventory),
    },
  };
}

function spillLines(spills: readonly Spill[]): string {
  return spills.map(({ name, digest }) => `${digest} ${name}\n`).join('');
}

/** Reads an index and its inventory. Throws RECORD_INVALID naming the object and the place in it. */
export async function decodeIndex(
  cluster: Cluster,
  object: KubeObject,
  signal: AbortSignal | undefined,
): Promise<StoredIndex> {
  const ref = reference(configMapKind, object.metadata.namespace ?? '', object.metadata.name);
  const summary = readSummary(object.metadata);
  if (summary === undefined || object.metadata.labels?.[partLabel] !== 'index') {
    throw damaged(ref, `it has the name of a record and not its label ${partLabel}=index`);
  }
  const data: Record<string, unknown> = isObject(object.data) ? object.data : {};
  const revisions = data.revisions;
  if (typeof revisions !== 'string') throw damaged(ref, 'data.revisions is missing');
  const pending = await readPending(ref, data, object.binaryData);
  const inventory = storedInventory(ref, data, object.binaryData);
  return {
    object,
    inventory,
    formatVersion: formatOf(ref, object),
    state: {
      name: summary.name,
      namespace: summary.namespace,
      catalog: summary.catalog,
      app: summary.app,
      state: summary.state,
      updatedAt: summary.updatedAt,
      madeNamespace: readMadeNamespace(data.settings),
      lines: decodeLines(ref, revisions),
      ...(pending === undefined ? {} : { pending }),
      inventory: await readInventory(cluster, ref, inventory, signal),
    },
  };
}

function formatOf(ref: ObjectRef, object: KubeObject): number {
  const format = object.metadata.annotations?.[annotations.format] ?? '';
  if (!/^[1-9]\d{0,8}$/.test(format))
    throw damaged(ref, `the annotation ${annotations.format} is not a version`);
  return Number(format);
}

/** A namespace that we may not have made is never deleted: anything unreadable means no. */
function readMadeNamespace(settings: unknown): boolean {
  if (typeof settings !== 'string') return false;
  try {
    const parsed: unknown = JSON.parse(settings);
    return isObject(parsed) && parsed.madeNamespace === true;
  } catch {
    return false;
  }
}

async function readPending(
  ref: ObjectRef,
  data: Record<string, unknown>,
  binaryData: unknown,
): Promise<PendingOperation | undefined> {
  if (typeof data.pending === 'string') return decodePending(ref, data.pending);
  const packed = fromBase64(binaryData, 'pending.gz');
  if (packed === undefined) return undefined;
  const content = { place: 'binaryData.pending.gz', most: recordLimits.pending };
  return decodePending(ref, (await unpack(ref, content, packed)).toString('utf8'));
}

function storedInventory(
  ref: ObjectRef,
  data: Record<string, unknown>,
  binaryData: unknown,
): StoredInventory {
  const inline = fromBase64(binaryData, 'inventory.gz');
  if (inline !== undefined) return { inline, spills: [] };
  const parts = data['inventory-parts'];
  if (typeof parts !== 'string') throw damaged(ref, 'its inventory is missing');
  const spills = parts
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [digest, name] = line.split(' ');
      if (digest === undefined || name === undefined || !name.startsWith(`${ref.name}.i.`)) {
        throw damaged(ref, 'data.inventory-parts names something that is no part of an inventory');
      }
      return { digest, name };
    });
  return { spills };
}

/** Label selector of every index. */
export const indexSelector = `${partLabel}=index`;
