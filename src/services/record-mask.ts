import { AppstoreError, isForbidden, type Problem } from '../domain/errors.ts';
import { createMasker, type Masker } from '../domain/masking.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { givenSecrets } from './inspect.ts';
import type { ClusterDeps } from './requests.ts';
import { newestRevision } from './state.ts';

/** How to mask what the objects of an installation say, and what to tell where that cannot be known. */
export interface RecordMask {
  readonly mask: Masker;
  readonly problems: readonly Problem[];
}

/**
 * A masker for every secret of the revisions that may be running: the deployed one and the newest. Where the Secrets of the record
 * may not be read there is nothing to mask by, and the answer says so.
 */
export async function recordMask(
  deps: Pick<ClusterDeps, 'records'>,
  record: InstallationRecord,
  signal?: AbortSignal,
): Promise<RecordMask> {
  const deployed = record.revisions.findLast((revision) => revision.result === 'deployed')?.number;
  const numbers = new Set([deployed, newestRevision(record)].filter((one) => one !== undefined && one > 0));
  try {
    const [generated, ...heads] = await Promise.all([
      deps.records.readGenerated(record.namespace, record.name, signal),
      ...[...numbers].map((number) => deps.records.revisionHead(record, number as number, signal)),
    ]);
    return {
      mask: createMasker([...Object.values(generated), ...heads.flatMap(givenSecrets)]),
      problems: [],
    };
  } catch (error) {
    const reason = whyLeftOut(error);
    if (reason === undefined) throw error;
    return {
      mask: createMasker([]),
      problems: [{ message: `secrets cannot be recognised and masked: ${reason}` }],
    };
  }
}

/**
 * Why Secrets of the record are not there to be read: forbidden, or gone (a removal that was cut, damage). What does without them
 * only tells it. Undefined for any other failure.
 */
export function whyLeftOut(error: unknown): string | undefined {
  if (isForbidden(error)) return 'you may not read the Secrets of the record';
  return error instanceof AppstoreError && error.code === 'RECORD_INVALID' ? error.message : undefined;
}
