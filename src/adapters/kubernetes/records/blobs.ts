import { createHmac } from 'node:crypto';
import { begun } from '../../../domain/begun.ts';
import type { KubeObject } from '../../../domain/objects.ts';
import type { Cluster } from '../../../services/ports.ts';
import { fromBase64, pack, split, unpack } from './bytes.ts';
import { writeShared } from './create.ts';
import { damaged } from './damage.ts';
import type { BlobRef } from './history.ts';
import { recordLimits } from './limits.ts';
import { blobName, partMetadata, type RecordPlace, reference, secretKind } from './names.ts';

/** Content that is ready to be written. */
export interface PackedBlob {
  readonly ref: BlobRef;
  /** None where an earlier revision has it. */
  readonly parts: readonly Buffer[];
}

/**
 * The digest of content, hex. Keyed with a key that only Secrets hold: a plain digest of manifests with passwords in them, in
 * a ConfigMap that many may read, would let them try passwords.
 */
export function keyedDigest(key: Uint8Array, ...content: readonly Uint8Array[]): string {
  const hmac = createHmac('sha256', key);
  for (const part of content) hmac.update(part);
  return hmac.digest('hex').slice(0, 40);
}

/** Packs content, names it by its digest and cuts it into parts that fit a Secret. */
export async function packBlob(key: Uint8Array, content: Uint8Array, partSize: number): Promise<PackedBlob> {
  const packed = await pack(content);
  const parts = split(packed, partSize);
  return { ref: { id: keyedDigest(key, packed), parts: parts.length }, parts };
}

/** Writes the parts that are not there. Equal content has equal names, so revisions share it. */
export async function writeBlob(
  cluster: Cluster,
  place: RecordPlace,
  blob: PackedBlob,
  use: { readonly operation: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  await Promise.all(
    blob.parts.map((part, at) => writeShared(cluster, blobObject(place, blob.ref, at, part), use)),
  );
}

function blobObject(place: RecordPlace, ref: BlobRef, at: number, part: Buffer): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: partMetadata(place, 'blob', blobName(place.name, ref.id, at)),
    type: 'appstore.dev/blob',
    immutable: true,
    data: { part: part.toString('base64') },
  };
}

/** Reads content back. Throws RECORD_INVALID naming the Secret that is missing or not as it was written. */
export async function readBlob(
  cluster: Pick<Cluster, 'get'>,
  place: RecordPlace,
  stored: { readonly key: Uint8Array; readonly ref: BlobRef },
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  const refs = Array.from({ length: stored.ref.parts }, (_, at) =>
    reference(secretKind, place.namespace, blobName(place.name, stored.ref.id, at)),
  );
  const parts = await Promise.all(
    refs.map(async (ref) => {
      const bytes = fromBase64((await cluster.get(ref, signal))?.data, 'part');
      if (bytes === undefined) throw damaged(ref, 'a part of a revision is missing');
      return bytes;
    }),
  );
  const [first = reference(secretKind, place.namespace, blobName(place.name, stored.ref.id, 0))] = refs;
  const packed = Buffer.concat(parts);
  if (keyedDigest(stored.key, packed) !== stored.ref.id) throw damaged(first, 'it is not as it was written');
  return unpack(first, { place: 'its content', most: recordLimits.blob }, packed);
}

/**
 * A way to read that has asked for blobs already: they come by their digests, so that nobody has to wait for the Secret that says what
 * each of them is.
 */
export function readingAhead(
  cluster: Pick<Cluster, 'get'>,
  place: RecordPlace,
  blobs: readonly BlobRef[],
  signal: AbortSignal | undefined,
): Pick<Cluster, 'get'> {
  const asked = new Map(
    blobNames(place.name, blobs).map((name) => {
      // A failure is told to whoever needs it.
      return [name, begun(cluster.get(reference(secretKind, place.namespace, name), signal))] as const;
    }),
  );
  return { get: (ref, given) => asked.get(ref.name) ?? cluster.get(ref, given) };
}

/** Names of the Secrets of blobs. */
export function blobNames(name: string, blobs: readonly BlobRef[]): string[] {
  return blobs.flatMap(({ id, parts }) => Array.from({ length: parts }, (_, at) => blobName(name, id, at)));
}
