import { createHash } from 'node:crypto';
import type { InventoryEntry } from '../../../domain/inventory.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { KubeObject, ObjectRef } from '../../../domain/objects.ts';
import type { Cluster } from '../../../services/ports.ts';
import { fromBase64, pack, split, unpack } from './bytes.ts';
import { damaged, parseLines, textField } from './damage.ts';
import { checkIdentity } from './identity.ts';
import { recordLimits } from './limits.ts';
import { configMapKind, partMetadata, type RecordPlace, reference, spillName } from './names.ts';
import { message } from './text.ts';

const entryFields = ['group', 'version', 'kind', 'namespace', 'name', 'uid', 'fields', 'applied'] as const;

/** An inventory as it is stored: in the index itself, or where it is large in ConfigMaps that the index names in order. */
export interface StoredInventory {
  readonly inline?: Buffer;
  readonly spills: readonly Spill[];
}

/** A ConfigMap with a part of the inventory; without `bytes` where it is only referred to. */
export interface Spill {
  readonly name: string;
  readonly digest: string;
  readonly bytes?: Buffer;
}

/** How much of an inventory stands where, in bytes after compression. */
export interface InventoryLimits {
  readonly inline: number;
  readonly part: number;
}

/** Packs an inventory: JSON lines, gzipped. */
export async function storeInventory(
  name: string,
  entries: readonly InventoryEntry[],
  limits: InventoryLimits,
): Promise<StoredInventory> {
  const packed = await pack(Buffer.from(entries.map(entryLine).join(''), 'utf8'));
  if (packed.length <= limits.inline) return { inline: packed, spills: [] };
  const spills = split(packed, limits.part).map((bytes) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    return { name: spillName(name, digest), digest, bytes };
  });
  return { spills };
}

function entryLine(entry: InventoryEntry): string {
  const line: JsonObject = {};
  for (const field of entryFields) line[field] = entry[field];
  if (entry.keep !== undefined) line.keep = entry.keep;
  if (entry.left === true) line.left = true;
  if (entry.hook === true) line.hook = true;
  if (entry.opens === true) line.opens = true;
  return `${JSON.stringify(line)}\n`;
}

/** The ConfigMap of a part. Immutable: its name is the digest of what it holds. */
export function spillObject(place: RecordPlace, spill: Spill & { readonly bytes: Buffer }): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: partMetadata(place, 'inventory', spill.name),
    immutable: true,
    binaryData: { part: spill.bytes.toString('base64') },
  };
}

/** Reads the entries. Throws RECORD_INVALID naming the object that is damaged or missing. */
export async function readInventory(
  cluster: Cluster,
  index: ObjectRef,
  stored: StoredInventory,
  signal: AbortSignal | undefined,
): Promise<InventoryEntry[]> {
  const parts =
    stored.inline === undefined
      ? await Promise.all(stored.spills.map((spill) => readSpill(cluster, index, spill, signal)))
      : [stored.inline];
  const content = { place: 'the inventory', most: recordLimits.inventory };
  const text = (await unpack(index, content, Buffer.concat(parts))).toString('utf8');
  return parseLines(index, { place: 'inventory', most: recordLimits.entries }, text).map((line, at) =>
    readEntry(index, line, at),
  );
}

async function readSpill(
  cluster: Cluster,
  index: ObjectRef,
  spill: Spill,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const ref = reference(configMapKind, index.namespace, spill.name);
  const object = await cluster.get(ref, signal);
  const bytes = fromBase64(object?.binaryData, 'part');
  if (bytes === undefined) throw damaged(ref, 'a part of the inventory is missing');
  if (createHash('sha256').update(bytes).digest('hex') !== spill.digest) {
    throw damaged(ref, 'a part of the inventory is not as it was written');
  }
  return bytes;
}

function readEntry(index: ObjectRef, line: JsonObject, at: number): InventoryEntry {
  const place = `inventory line ${at + 1}`;
  const text = (field: string) => textField(index, place, line, field);
  const entry: InventoryEntry = {
    group: text('group'),
    version: text('version'),
    kind: text('kind'),
    namespace: text('namespace'),
    name: text('name'),
    uid: text('uid'),
    fields: text('fields'),
    applied: text('applied'),
    ...(line.keep === undefined ? {} : { keep: message(text('keep')) }),
    ...(line.left === true ? { left: true as const } : {}),
    ...(line.hook === true ? { hook: true as const } : {}),
    ...(line.opens === true ? { opens: true as const } : {}),
  };
  const problem = checkIdentity(entry);
  if (problem !== undefined) throw damaged(index, `${place}: ${problem}`);
  return entry;
}
