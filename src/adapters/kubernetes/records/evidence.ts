import { boundDiagnosis, type Diagnosis, readDiagnosis } from '../../../domain/diagnosis.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import type { Cluster } from '../../../services/ports.ts';
import { type PackedBlob, packBlob, readBlob, writeBlob } from './blobs.ts';
import { damaged, parseObject } from './damage.ts';
import type { RevisionLine } from './history.ts';
import { type RecordPlace, reference, revisionName, secretKind } from './names.ts';
import { readRevision } from './revision.ts';

/** What the writer of evidence needs to know of the operation. */
interface EvidenceUse {
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
  readonly partSize: number;
}

/**
 * Writes the evidence of a failure as a blob beside the content of its revision, before the index names it. Undefined where it
 * cannot be written: how an operation ended is recorded even then.
 */
export async function writeEvidence(
  cluster: Cluster,
  place: RecordPlace,
  found: { readonly line: RevisionLine; readonly evidence: Diagnosis },
  use: EvidenceUse,
): Promise<PackedBlob['ref'] | undefined> {
  try {
    const { key } = await readRevision(cluster, place, found.line, use.signal);
    const bytes = Buffer.from(JSON.stringify(boundDiagnosis(found.evidence)), 'utf8');
    const blob = await packBlob(key, bytes, use.partSize);
    await writeBlob(cluster, place, blob, use);
    return blob.ref;
  } catch (error) {
    if (error instanceof AppstoreError) return undefined;
    throw error;
  }
}

/** Reads the evidence of a revision; undefined where none was stored. Throws RECORD_INVALID. */
export async function readEvidence(
  cluster: Cluster,
  place: RecordPlace,
  line: RevisionLine,
  signal: AbortSignal | undefined,
): Promise<Diagnosis | undefined> {
  if (line.evidence === undefined) return undefined;
  const { key } = await readRevision(cluster, place, line, signal);
  const bytes = await readBlob(cluster, place, { key, ref: line.evidence }, signal);
  const name = revisionName(place.name, line.summary.number, line.id);
  const ref = reference(secretKind, place.namespace, name);
  const diagnosis = readDiagnosis(parseObject(ref, 'its evidence', bytes.toString('utf8')));
  if (diagnosis === undefined) throw damaged(ref, 'its evidence is none');
  return diagnosis;
}
