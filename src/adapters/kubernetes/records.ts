import type { Package, StoredPackage } from '../../domain/app.ts';
import { begun } from '../../domain/begun.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { type LimitedList, listWithin } from '../../domain/limited-list.ts';
import { requireInstallationName } from '../../domain/names.ts';
import type { GroupVersionKind } from '../../domain/objects.ts';
import type {
  InstallationRecord,
  InstallationSummary,
  RevisionContent,
  RevisionHead,
} from '../../domain/release.ts';
import { withFiles } from '../../domain/stored-package.ts';
import type { BeginRequest, Cluster, FinishRequest, Records } from '../../services/ports.ts';
import { begun as begunState, checkNumber, finished } from './records/advance.ts';
import { readBlob, readingAhead, writeBlob } from './records/blobs.ts';
import {
  deleteParts,
  findParts,
  type Part,
  partsOfNames,
  referredNames,
  unneeded,
} from './records/collect.ts';
import { writeShared } from './records/create.ts';
import { readEvidence, writeEvidence } from './records/evidence.ts';
import { forgetRecord } from './records/forget.ts';
import { addGenerated, readGenerated } from './records/generated.ts';
import type { BlobRef, RevisionLine } from './records/history.ts';
import { type IndexState, indexSelector, type StoredIndex } from './records/index.ts';
import { configMapKind, type RecordPlace, secretKind } from './records/names.ts';
import { decodeFiles } from './records/package-bytes.ts';
import {
  type KeptBlob,
  type PackedRevision,
  packRevision,
  readRendered,
  readRevision,
  type StoredRevision,
} from './records/revision.ts';
import { checkWritable, type IndexStore, indexStore, takenOver, type Use } from './records/store.ts';
import { readSummary } from './records/summary.ts';

/** Sizes in bytes after compression. A Secret or ConfigMap ends at 1 MiB, an object in etcd at 1.5 MiB. */
export interface RecordSizes {
  /** Largest part of a blob or of a large inventory. */
  readonly part: number;
  /** Largest inventory that stands in the index itself. */
  readonly inlineInventory: number;
}

const usualSizes: RecordSizes = { part: 900 * 1024, inlineInventory: 600 * 1024 };

/** The parts that every operation on records needs. */
interface Desk {
  readonly cluster: Cluster;
  readonly store: IndexStore;
  readonly sizes: RecordSizes;
  /** What an operation saw of its record as it began, so that its end need not look again. */
  readonly seen: WeakMap<InstallationRecord, Seen>;
  /** Where the heads that were given out come from. */
  readonly heads: WeakMap<RevisionHead, StoredRevision>;
  /** What was packed ahead. */
  readonly packed: WeakMap<RevisionContent, Promise<PackedRevision>>;
  /** Where the packages that were given out unread lie. */
  readonly packages: WeakMap<StoredPackage, KeptBlob>;
}

/** By kind what there was of it; undefined where the caller may not list it. Nobody waits for it before the end of the operation. */
type Seen = ReadonlyMap<GroupVersionKind, Promise<readonly Part[] | undefined>>;

/** Records of installations as ConfigMaps and Secrets beside the app (docs/record.md), upon the `Cluster` port alone. */
export function clusterRecords(cluster: Cluster, sizes: Partial<RecordSizes> = {}): Records {
  return recordsThrough(cluster, {
    sizes: { ...usualSizes, ...sizes },
    given: new WeakMap(),
    seen: new WeakMap(),
    heads: new WeakMap(),
    packed: new WeakMap(),
    packages: new WeakMap(),
  });
}

/** What is remembered of the records that were given out, whichever way they were read. */
interface Memory {
  readonly sizes: RecordSizes;
  readonly given: WeakMap<InstallationRecord, StoredIndex>;
  readonly seen: Desk['seen'];
  readonly heads: Desk['heads'];
  readonly packed: Desk['packed'];
  readonly packages: Desk['packages'];
}

function recordsThrough(cluster: Cluster, memory: Memory): Records {
  const { sizes, given, seen, heads, packed, packages } = memory;
  const store = indexStore(cluster, { inline: sizes.inlineInventory, part: sizes.part }, given);
  const desk: Desk = { cluster, store, sizes, seen, heads, packed, packages };
  return {
    through: (other) => recordsThrough(other, memory),
    list: (scope, signal) => list(cluster, scope, signal),
    read: (namespace, name, signal) => read(desk, { namespace, name }, signal),
    revisionHead: async (record, number, signal) => {
      const found = await stored(desk, record, number, signal);
      heads.set(found.head, found);
      return found.head;
    },
    rendering: async (record, head, signal) => {
      const found = heads.get(head) ?? (await stored(desk, record, head.number, signal));
      return readRendered(settled(cluster), record, found, signal);
    },
    revision: async (record, number, signal) => {
      const found = await stored(desk, record, number, signal);
      return { ...found.head, rendered: await readRendered(settled(cluster), record, found, signal) };
    },
    whole: async (record, number, signal) => {
      const { content, package: files } = await readStored(desk, record, { number, whole: true }, signal);
      return { content, package: await files.read() };
    },
    stored: (record, number, signal) => readStored(desk, record, { number, whole: false }, signal),
    evidence: async (record, number, signal) => {
      const index = await desk.store.of(record, signal);
      return readEvidence(cluster, record, lineOf(index, number), signal);
    },
    packAhead: (request) => {
      // Its failure is that of `begin`.
      packed.set(request.content, begun(nextTurn().then(() => packOne(desk, request, request))));
    },
    begin: (request, signal) => begin(desk, request, signal),
    progress: (record, change, signal) =>
      rewrite(desk, record, signal, (state) => {
        if (state.pending?.id !== change.operation.id) throw takenOver(record);
        const updatedAt = change.operation.journal.at(-1)?.at ?? state.updatedAt;
        return { ...state, pending: change.operation, inventory: change.inventory, updatedAt };
      }),
    refresh: (record, inventory, signal) =>
      rewrite(desk, record, signal, (state) => ({ ...state, inventory })),
    finish: (record, request, signal) => finish(desk, record, request, signal),
    forget: (record, options, signal) => forget(desk, record, options, signal),
    sweep: (namespace, name, signal) => sweep(desk, { namespace, name }, signal),
    readGenerated: (namespace, name, signal) => readGenerated(cluster, { namespace, name }, signal),
    addGenerated: (namespace, name, secrets, signal) =>
      addGenerated(cluster, { namespace, name }, secrets, signal),
  };
}

/** What was asked of the cluster is on its way by then. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** For what is named by its digest, which a reader checks. */
function settled({ getImmutable }: Pick<Cluster, 'getImmutable'>): Pick<Cluster, 'get'> {
  return { get: getImmutable };
}

function list(
  cluster: Cluster,
  scope: { readonly namespace?: string; readonly fallback: string },
  signal: AbortSignal | undefined,
): Promise<LimitedList<InstallationSummary>> {
  return listWithin(scope, async (namespace) => {
    const { items } = await cluster.listMetadata(configMapKind, {
      labelSelector: indexSelector,
      ...(namespace === undefined ? {} : { namespace }),
      ...(signal === undefined ? {} : { signal }),
    });
    return items.map((item) => readSummary(item.metadata)).filter((summary) => summary !== undefined);
  });
}

async function read(
  desk: Desk,
  place: RecordPlace,
  signal: AbortSignal | undefined,
): Promise<InstallationRecord | undefined> {
  requireInstallationName(place.name);
  const index = await desk.store.read(place, signal);
  return index === undefined ? undefined : desk.store.record(index);
}

async function stored(
  desk: Desk,
  record: InstallationRecord,
  number: number,
  signal: AbortSignal | undefined,
) {
  const index = await desk.store.of(record, signal);
  return readRevision(settled(desk.cluster), record, lineOf(index, number), signal);
}

/**
 * A revision at once: its blobs are asked for beside the Secret that says what they are, that of its package, which is the first of them,
 * only where the whole is wanted.
 */
async function readStored(
  desk: Desk,
  record: InstallationRecord,
  { number, whole }: { readonly number: number; readonly whole: boolean },
  signal: AbortSignal | undefined,
): Promise<{ readonly content: RevisionContent; readonly package: StoredPackage }> {
  const { blobs, ...line } = lineOf(await desk.store.of(record, signal), number);
  const ahead = readingAhead(settled(desk.cluster), record, whole ? blobs : blobs.slice(1), signal);
  const found = await readRevision(ahead, record, { blobs, ...line }, signal);
  const rendered = await readRendered(ahead, record, found, signal);
  const unread = { resolved: found.head.package, read: () => packageOf(ahead, record, found, signal) };
  desk.packages.set(unread, { key: found.key, ref: found.package });
  return { content: { ...found.head, rendered }, package: unread };
}

async function packageOf(
  cluster: Pick<Cluster, 'get'>,
  record: InstallationRecord,
  found: StoredRevision,
  signal: AbortSignal | undefined,
): Promise<Package> {
  const bytes = await readBlob(cluster, record, { key: found.key, ref: found.package }, signal);
  return { resolved: found.head.package, files: decodeFiles(found.ref, bytes) };
}

function lineOf({ state }: StoredIndex, number: number): RevisionLine {
  const line = state.lines.find((one) => one.summary.number === number);
  if (line !== undefined) return line;
  const numbers = state.lines.map((one) => one.summary.number).join(', ');
  throw new AppstoreError(
    'REVISION_NOT_FOUND',
    `"${state.name}" has no revision ${number}; it has ${numbers || 'none'}`,
  );
}

async function begin(
  desk: Desk,
  request: BeginRequest,
  signal: AbortSignal | undefined,
): Promise<InstallationRecord> {
  requireInstallationName(request.name);
  if (request.record !== undefined) checkWritable(request.record);
  const before = request.record === undefined ? undefined : await desk.store.of(request.record, signal);
  const spilled = (before?.inventory.spills.length ?? 0) > 0 || request.content === undefined;
  const kinds = spilled ? [secretKind, configMapKind] : [secretKind];
  const seen: Seen = new Map(
    kinds.map((kind) => [kind, begun(findParts(desk.cluster, request, kind, signal))] as const),
  );
  const record = desk.store.record(await commitBegin(desk, request, before, signal));
  desk.seen.set(record, seen);
  return record;
}

async function commitBegin(
  desk: Desk,
  request: BeginRequest,
  before: StoredIndex | undefined,
  signal: AbortSignal | undefined,
): Promise<StoredIndex> {
  const packed = await packContent(desk, request, before);
  const state = begunState(request, before?.state, packed);
  const use: Use = { operation: request.operation.id, signal };
  const inventory = desk.store.prepare(state, before, use);
  const revisions = packed.map((revision) => writeRevision(desk, state, revision, before, use));
  await allEnded([inventory, ...revisions, request.beside]);
  return desk.store.commit(state, await inventory, before, signal);
}

/** Waits for all of them, so that nothing goes on after a failure. Throws the first one. */
async function allEnded(works: readonly (Promise<unknown> | undefined)[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

async function packContent(
  desk: Desk,
  request: BeginRequest,
  before: StoredIndex | undefined,
): Promise<readonly PackedRevision[]> {
  const { content, past } = request;
  if (past !== undefined) return Promise.all(past.map((one) => packOne(desk, request, one)));
  if (content === undefined || request.package === undefined) return [];
  checkNumber(before?.state, content.number);
  const ahead = desk.packed.get(content);
  return [await (ahead ?? packOne(desk, request, { content, package: request.package }))];
}

async function packOne(
  desk: Desk,
  place: RecordPlace,
  {
    content,
    package: found,
  }: { readonly content: RevisionContent; readonly package: Package | StoredPackage },
): Promise<PackedRevision> {
  const kept = 'read' in found ? desk.packages.get(found) : undefined;
  // Another key would give it another name.
  const same = kept?.key.equals(Buffer.from(content.digestKey, 'utf8')) === true;
  const files = same ? kept : await withFiles(found);
  return packRevision(place, { revision: content, package: files }, desk.sizes.part);
}

/** Writes a revision's Secret and those of its blobs that no revision has yet. */
async function writeRevision(
  desk: Desk,
  place: RecordPlace,
  revision: PackedRevision,
  before: StoredIndex | undefined,
  use: Use,
): Promise<void> {
  const known = new Set(before?.state.lines.flatMap((line) => line.blobs.map((blob) => blob.id)));
  // Taken from a revision that is not there any more.
  if (revision.blobs.some(({ ref, parts }) => parts.length === 0 && !known.has(ref.id)))
    throw takenOver(place);
  await Promise.all([
    ...revision.blobs
      .filter((blob) => !known.has(blob.ref.id))
      .map((blob) => writeBlob(desk.cluster, place, blob, use)),
    writeShared(desk.cluster, revision.object, use),
  ]);
}

async function rewrite(
  desk: Desk,
  record: InstallationRecord,
  signal: AbortSignal | undefined,
  change: (state: IndexState) => IndexState,
): Promise<InstallationRecord> {
  checkWritable(record);
  const before = await desk.store.of(record, signal);
  const state = change(before.state);
  const use: Use = { operation: state.pending?.id ?? '', signal };
  const inventory = await desk.store.prepare(state, before, use);
  return desk.store.record(await desk.store.commit(state, inventory, before, signal));
}

async function finish(
  desk: Desk,
  record: InstallationRecord,
  request: FinishRequest,
  signal: AbortSignal | undefined,
): Promise<InstallationRecord> {
  checkWritable(record);
  const before = await desk.store.of(record, signal);
  if (before.state.pending === undefined) throw takenOver(record);
  const evidence = await storeEvidence(desk, before, request, signal);
  const state = finished(before.state, request, evidence);
  const inventory = await desk.store.prepare(state, before, { operation: before.state.pending.id, signal });
  const spilled = before.inventory.spills.length + inventory.spills.length > 0;
  const kinds = spilled ? [secretKind, configMapKind] : [secretKind];
  const parts = await partsToCollect(desk, record, before, kinds, signal);
  const index = await desk.store.commit(state, inventory, before, signal);
  await collect(desk, record, unneeded(parts, referredNames(state, inventory)), signal);
  return desk.store.record(index);
}

/** The evidence of a failure goes before the index that names it. A removal makes no revision and keeps none. */
async function storeEvidence(
  desk: Desk,
  { state }: StoredIndex,
  request: FinishRequest,
  signal: AbortSignal | undefined,
): Promise<BlobRef | undefined> {
  const line = state.lines.find((one) => one.summary.number === state.pending?.revision);
  if (line === undefined || request.evidence === undefined) return undefined;
  const use = { operation: state.pending?.id ?? '', signal, partSize: desk.sizes.part };
  return writeEvidence(desk.cluster, state, { line, evidence: request.evidence }, use);
}

/**
 * Everything that is there of a record, as it was seen while the operation is ours: as it began, or now. What another operation
 * writes after the end of this one is then not among it. Of a kind that the caller may not list, what the index names.
 */
async function partsToCollect(
  desk: Desk,
  record: InstallationRecord,
  before: StoredIndex,
  kinds: readonly GroupVersionKind[],
  signal: AbortSignal | undefined,
): Promise<readonly Part[]> {
  const seen = desk.seen.get(record);
  // What looked at fewer kinds was no removal, and wrote parts after it had looked.
  const all = kinds.every((kind) => seen?.has(kind));
  const ofKind = async (kind: GroupVersionKind): Promise<readonly Part[]> => {
    const look = () => findParts(desk.cluster, record, kind, signal);
    const parts = await ((all ? seen?.get(kind)?.catch(look) : undefined) ?? look());
    return parts ?? partsOfNames(before.state, before.inventory).filter((part) => part.kind === kind);
  };
  return (await Promise.all(kinds.map(ofKind))).flat();
}

/** What cannot be collected now is found by the next operation; the one that has just ended is complete all the same. */
async function collect(
  desk: Desk,
  place: RecordPlace,
  parts: Parameters<typeof deleteParts>[2],
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await deleteParts(desk.cluster, place, parts, signal);
  } catch (error) {
    if (!(error instanceof AppstoreError)) throw error;
  }
}

/** Listed before the index is read: what it names then is needed, whenever it was written. */
async function sweep(desk: Desk, place: RecordPlace, signal: AbortSignal | undefined): Promise<number> {
  const lists = await Promise.all(
    [secretKind, configMapKind].map((kind) => findParts(desk.cluster, place, kind, signal)),
  );
  const index = await desk.store.read(place, signal);
  const needed = index === undefined ? new Set<string>() : referredNames(index.state, index.inventory);
  const left = lists.flatMap((parts = []) => unneeded(parts, needed));
  await deleteParts(desk.cluster, place, left, signal);
  return left.length;
}

async function forget(
  desk: Desk,
  record: InstallationRecord,
  options: { readonly purgeGenerated: boolean },
  signal: AbortSignal | undefined,
): Promise<void> {
  checkWritable(record);
  const before = await desk.store.of(record, signal);
  await forgetRecord(desk, before, {
    purgeGenerated: options.purgeGenerated,
    parts: () => partsToCollect(desk, record, before, [secretKind, configMapKind], signal),
    signal,
  });
}
