import type { Package } from '../../../domain/app.ts';
import { isObject, type JsonObject } from '../../../domain/json.ts';
import type { KubeObject, ObjectRef } from '../../../domain/objects.ts';
import type { RevisionContent, RevisionHead } from '../../../domain/release.ts';
import type { Rendered } from '../../../domain/rendered.ts';
import { checkRendered } from '../../../domain/stored-rendered.ts';
import type { Cluster } from '../../../services/ports.ts';
import { keyedDigest, type PackedBlob, packBlob, readBlob } from './blobs.ts';
import { fromBase64, pack, unpack } from './bytes.ts';
import { damaged, parseObject, textField } from './damage.ts';
import { type BlobRef, decodeBlob, type RevisionLine } from './history.ts';
import { recordLimits } from './limits.ts';
import { partMetadata, type RecordPlace, reference, revisionName, secretKind } from './names.ts';
import { encodeFiles } from './package-bytes.ts';

/** A revision ready to be written. */
export interface PackedRevision {
  readonly id: string;
  readonly object: KubeObject;
  readonly blobs: readonly PackedBlob[];
}

/** A blob that an earlier revision of the installation has, and which stays as it is. */
export interface KeptBlob {
  readonly key: Buffer;
  readonly ref: BlobRef;
}

/** What the Secret of a revision says. */
export interface StoredRevision {
  readonly ref: ObjectRef;
  /** Key of the digests of this installation. */
  readonly key: Buffer;
  readonly head: RevisionHead;
  readonly package: BlobRef;
  readonly rendered: BlobRef;
}

/** Packs a revision: its head into a Secret, package and rendered objects into blobs. A head too large for it becomes a blob too. */
export async function packRevision(
  place: RecordPlace,
  content: { readonly revision: RevisionContent; readonly package: Package | KeptBlob },
  partSize: number,
): Promise<PackedRevision> {
  const { rendered, ...head } = content.revision;
  const key = Buffer.from(head.digestKey, 'utf8');
  const [packageBlob, renderedBlob, packedHead] = await Promise.all([
    packPackage(key, content.package, partSize),
    packBlob(key, jsonBytes(rendered), partSize),
    pack(jsonBytes(head)),
  ]);
  const headBlob = packedHead.length > partSize ? await packBlob(key, jsonBytes(head), partSize) : undefined;
  const refs = jsonBytes({ package: packageBlob.ref, rendered: renderedBlob.ref, head: headBlob?.ref });
  const inline = headBlob === undefined ? packedHead : Buffer.alloc(0);
  const id = keyedDigest(key, refs, inline);
  return {
    id,
    object: revisionObject(place, revisionName(place.name, head.number, id), {
      key,
      blobs: refs,
      ...(headBlob === undefined ? { 'head.gz': inline } : {}),
    }),
    blobs: [packageBlob, renderedBlob, ...(headBlob === undefined ? [] : [headBlob])],
  };
}

async function packPackage(key: Buffer, found: Package | KeptBlob, partSize: number): Promise<PackedBlob> {
  return 'files' in found ? packBlob(key, encodeFiles(found.files), partSize) : { ref: found.ref, parts: [] };
}

function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function revisionObject(
  place: RecordPlace,
  name: string,
  data: Readonly<Record<string, Buffer>>,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: partMetadata(place, 'revision', name),
    type: 'appstore.dev/revision',
    immutable: true,
    data: Object.fromEntries(Object.entries(data).map(([key, bytes]) => [key, bytes.toString('base64')])),
  };
}

/** Reads the Secret of a revision. Throws RECORD_INVALID where it is missing or not as it was written. */
export async function readRevision(
  cluster: Pick<Cluster, 'get'>,
  place: RecordPlace,
  line: RevisionLine,
  signal: AbortSignal | undefined,
): Promise<StoredRevision> {
  const { number } = line.summary;
  const ref = reference(secretKind, place.namespace, revisionName(place.name, number, line.id));
  const object = await cluster.get(ref, signal);
  if (object === undefined) throw damaged(ref, `the content of revision ${number} is missing`);
  const key = fromBase64(object.data, 'key');
  const refs = fromBase64(object.data, 'blobs');
  const inline = fromBase64(object.data, 'head.gz');
  if (
    key === undefined ||
    refs === undefined ||
    keyedDigest(key, refs, inline ?? Buffer.alloc(0)) !== line.id
  ) {
    throw damaged(ref, 'it is not as it was written');
  }
  const blobs = parseObject(ref, 'blobs', refs.toString('utf8'));
  const content = { place: 'head.gz', most: recordLimits.head };
  const packed = inline === undefined ? undefined : await unpack(ref, content, inline);
  const head =
    packed ?? (await readBlob(cluster, place, { key, ref: decodeBlob(ref, 'head', blobs.head) }, signal));
  return {
    ref,
    key,
    head: readHead(ref, number, parseObject(ref, 'head', head.toString('utf8'))),
    package: decodeBlob(ref, 'package', blobs.package),
    rendered: decodeBlob(ref, 'rendered', blobs.rendered),
  };
}

/** The shape is checked as far as the parts that services take apart; the digest has shown that we wrote it. */
function readHead(ref: ObjectRef, number: number, head: JsonObject): RevisionHead {
  if (head.number !== number) throw damaged(ref, `it is not revision ${number}`);
  for (const part of ['package', 'options', 'facts']) {
    if (!isObject(head[part])) throw damaged(ref, `"${part}" is missing`);
  }
  if (!isObject(head.options) || !isYields(head.options.yielded ?? []))
    throw damaged(ref, '"yielded" is no list of fields');
  const { readSecrets = [], madeSecrets = [], secretPaths } = head;
  const { integers = [] } = head.options;
  for (const [part, texts] of Object.entries({ secretPaths, readSecrets, madeSecrets, integers }))
    if (!Array.isArray(texts) || !texts.every((one) => typeof one === 'string'))
      throw damaged(ref, `"${part}" is no list of texts`);
  textField(ref, 'head', head, 'digestKey');
  return head as unknown as RevisionHead;
}

function isYields(yielded: unknown): boolean {
  const isYield = (one: unknown) =>
    isObject(one) && typeof one.object === 'string' && typeof one.field === 'string';
  return Array.isArray(yielded) && yielded.every(isYield);
}

/** Reads what a revision rendered to. Throws RECORD_INVALID. */
export async function readRendered(
  cluster: Pick<Cluster, 'get'>,
  place: RecordPlace,
  stored: StoredRevision,
  signal: AbortSignal | undefined,
): Promise<Rendered> {
  const bytes = await readBlob(cluster, place, { key: stored.key, ref: stored.rendered }, signal);
  const rendered = parseObject(stored.ref, 'its rendered objects', bytes.toString('utf8'));
  return checkRendered(rendered, `revision ${stored.head.number} of ${place.name}`);
}
