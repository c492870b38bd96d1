import { type Diagnosis, maskDiagnosis } from '../domain/diagnosis.ts';
import { isForbidden, type Problem } from '../domain/errors.ts';
import type { CauseCode } from '../domain/health.ts';
import type { InstallationRecord, RevisionSummary } from '../domain/release.ts';
import { diagnose } from './diagnose.ts';
import { isVague } from './explain.ts';
import { requireRecord } from './inspect.ts';
import { healthNow, lookAtAll } from './look.ts';
import { recordMask } from './record-mask.ts';
import type { ClusterDeps, InstallationName, WhyReport } from './requests.ts';
import { newestRevision } from './state.ts';

/**
 * Why an installation is not healthy: looked at now, or, where a revision is named, what was found when that one failed.
 * Throws INSTALLATION_NOT_FOUND, REVISION_NOT_FOUND, RECORD_INVALID.
 */
export async function why(
  deps: ClusterDeps,
  name: InstallationName & { readonly revision?: number | undefined },
  signal: AbortSignal,
): Promise<WhyReport> {
  const record = await requireRecord(deps, name, signal);
  return name.revision === undefined
    ? whyNow(deps, record, signal)
    : whyThen(deps, record, name.revision, signal);
}

async function whyNow(
  deps: ClusterDeps,
  record: InstallationRecord,
  signal: AbortSignal,
): Promise<WhyReport> {
  const [objects, { mask, problems }] = await Promise.all([
    lookAtAll(deps, record, signal),
    recordMask(deps, record, signal),
  ]);
  const sick = objects.filter(({ health }) => health.status !== 'current');
  const newest = record.revisions.at(-1);
  const failed = newest?.result === 'failed' ? newest : undefined;
  const report = { record, source: 'live', revision: newestRevision(record) } as const;
  const more = {
    health: healthNow(record, objects),
    ...(failed === undefined ? {} : { failed }),
    problems: [...problems, ...pendingProblems(record)],
  };
  if (sick.length === 0) {
    if (objects.length > 0 || failed === undefined) return { ...report, ...more };
    // Nothing is there any more to be looked at: what was found then is all that there is.
    const { diagnosis = summaryOf(failed), problems: unread } = await storedEvidence(
      deps,
      record,
      failed.number,
      signal,
    );
    return { ...report, ...more, diagnosis, problems: [...more.problems, ...unread] };
  }
  const gravest = sick.sort(
    (a, b) => Number(b.health.status === 'failed') - Number(a.health.status === 'failed'),
  );
  const found = maskDiagnosis(await diagnose(deps, gravest, signal), mask);
  return { ...report, ...more, diagnosis: withRecorded(found, failed) };
}

/** What is only missing or not ready because its revision failed is explained by how that failed. */
function withRecorded(found: Diagnosis, failed: RevisionSummary | undefined): Diagnosis {
  const telling = found.findings.filter(({ cause }) => !isVague(cause) && cause !== 'MISSING');
  if (failed === undefined || telling.length > 0) return { ...found, ...headOf(telling[0], found) };
  return { ...found, cause: failed.cause ?? found.cause, message: failed.message ?? found.message };
}

/** What is missing may be missing because of what is sick: whatever says more is told first. */
function headOf(
  telling: Diagnosis['findings'][number] | undefined,
  found: Diagnosis,
): Pick<Diagnosis, 'cause' | 'message' | 'findings'> {
  if (telling === undefined) return found;
  const findings = [telling, ...found.findings.filter((finding) => finding !== telling)];
  return { cause: telling.cause, message: telling.reason, findings };
}

function pendingProblems({ pending }: InstallationRecord): Problem[] {
  if (pending === undefined) return [];
  const { operation, startedAt, holder } = pending;
  return [{ message: `${operation} begun at ${startedAt} by ${holder} is not finished` }];
}

async function whyThen(
  deps: ClusterDeps,
  record: InstallationRecord,
  number: number,
  signal: AbortSignal,
): Promise<WhyReport> {
  const [line, stored] = [
    record.revisions.find((one) => one.number === number),
    await storedEvidence(deps, record, number, signal),
  ];
  const report = { record, source: 'record', revision: number } as const;
  if (line?.result !== 'failed') return { ...report, problems: [] };
  return { ...report, diagnosis: stored.diagnosis ?? summaryOf(line), problems: stored.problems };
}

/** What the index alone says of a failure; needs no right to read Secrets (NEEDS row 25). */
function summaryOf(line: RevisionSummary): Diagnosis {
  const cause: CauseCode = line.cause ?? 'ERROR';
  const message = line.message ?? 'no reason was recorded';
  return { at: line.finishedAt ?? line.startedAt, cause, message, findings: [] };
}

async function storedEvidence(
  deps: ClusterDeps,
  record: InstallationRecord,
  number: number,
  signal: AbortSignal,
): Promise<{ readonly diagnosis?: Diagnosis; readonly problems: readonly Problem[] }> {
  try {
    const diagnosis = await deps.records.evidence(record, number, signal);
    if (diagnosis !== undefined) return { diagnosis, problems: [] };
    return { problems: [{ message: 'no evidence was stored with this revision' }] };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const message = 'the evidence is left out: you may not read the Secrets of the record';
    return { problems: [{ message }] };
  }
}
