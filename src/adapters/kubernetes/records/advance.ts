import { AppstoreError } from '../../../domain/errors.ts';
import { eventsOf } from '../../../domain/hooks.ts';
import type { RevisionSummary } from '../../../domain/release.ts';
import type { BeginRequest, FinishRequest } from '../../../services/ports.ts';
import type { BlobRef, RevisionLine } from './history.ts';
import type { IndexState } from './index.ts';
import type { PackedRevision } from './revision.ts';
import { stateOf } from './summary.ts';

/** The index once an operation has begun: its revision is pending, one that was cut before it has failed. */
export function begun(
  request: BeginRequest,
  before: IndexState | undefined,
  packed: readonly PackedRevision[],
): IndexState {
  const { operation } = request;
  const content = request.content ?? request.past?.at(-1)?.content;
  return {
    namespace: request.namespace,
    name: request.name,
    catalog: content?.package.catalog ?? before?.catalog ?? '',
    app: content?.package.name ?? before?.app ?? '',
    state: stateOf(operation, undefined),
    updatedAt: operation.startedAt,
    madeNamespace: request.madeNamespace ?? before?.madeNamespace ?? false,
    lines: begunLines(request, before, packed),
    pending: operation,
    inventory: request.inventory,
  };
}

function begunLines(
  request: BeginRequest,
  before: IndexState | undefined,
  packed: readonly PackedRevision[],
): RevisionLine[] {
  const { content, past } = request;
  if (past !== undefined)
    return past.flatMap(({ summary }, at) => {
      const revision = packed[at];
      return revision === undefined ? [] : [lineOf(summary, revision)];
    });
  const lines = (before?.lines ?? []).filter((line) => line.summary.number !== content?.number).map(cutShort);
  const [made] = packed;
  return made === undefined || content === undefined ? lines : [...lines, pendingLine(request, made)];
}

function lineOf(summary: RevisionSummary, { id, blobs }: PackedRevision): RevisionLine {
  return { summary, id, blobs: blobs.map((blob) => blob.ref) };
}

function pendingLine({ operation, content }: BeginRequest, packed: PackedRevision): RevisionLine {
  const hooks = eventsOf(content?.rendered.objects);
  const summary: RevisionSummary = {
    number: content?.number ?? 0,
    operation: operation.operation,
    version: content?.package.version ?? '',
    appVersion: content?.package.appVersion ?? '',
    startedAt: operation.startedAt,
    result: 'pending',
    ...(operation.requestId === undefined ? {} : { requestId: operation.requestId }),
    ...(operation.target === undefined ? {} : { target: operation.target }),
    ...(hooks.length === 0 ? {} : { hooks }),
  };
  return lineOf(summary, packed);
}

function cutShort(line: RevisionLine): RevisionLine {
  if (line.summary.result !== 'pending') return line;
  return { ...line, summary: { ...line.summary, result: 'failed', cause: 'INTERRUPTED' } };
}

/** Throws OPERATION_RUNNING where the number of a new revision is taken: only one that was cut or failed is used again. */
export function checkNumber(state: IndexState | undefined, number: number): void {
  const taken = state?.lines.find((line) => line.summary.number === number)?.summary.result;
  const newest = state?.lines.at(-1)?.summary.number ?? 0;
  if ((taken === undefined || taken === 'pending' || taken === 'failed') && number >= newest) return;
  throw new AppstoreError(
    'OPERATION_RUNNING',
    `revision ${number} of "${state?.name}" exists already: another operation was first`,
  );
}

/** The index once its operation has ended, with the evidence of its failure where that was written. */
export function finished(
  state: IndexState,
  request: FinishRequest,
  evidence: BlobRef | undefined,
): IndexState {
  const { pending, ...rest } = state;
  const lines = state.lines.map((line) => ({
    ...line,
    ...(line.summary.number === pending?.revision ? withEvidence(line, evidence) : {}),
    // What was taken over has had its result before.
    summary:
      pending?.operation === 'adopt' ? line.summary : resultOf(line.summary, pending?.revision, request),
  }));
  return {
    ...rest,
    state: request.result,
    updatedAt: request.finishedAt,
    lines: keepLines(lines, request.keep),
    inventory: request.inventory,
  };
}

function withEvidence(line: RevisionLine, evidence: BlobRef | undefined): Partial<RevisionLine> {
  return evidence === undefined ? {} : { evidence, blobs: [...line.blobs, evidence] };
}

function resultOf(
  summary: RevisionSummary,
  current: number | undefined,
  request: FinishRequest,
): RevisionSummary {
  if (summary.number !== current) {
    const superseded = request.result === 'deployed' && summary.result === 'deployed';
    return superseded ? { ...summary, result: 'superseded' } : summary;
  }
  return {
    ...summary,
    result: request.result,
    finishedAt: request.finishedAt,
    ...(request.cause === undefined ? {} : { cause: request.cause }),
    ...(request.message === undefined ? {} : { message: request.message }),
  };
}

/** The newest revisions, and always the one that is deployed: failed upgrades must not push out what a rollback needs. */
function keepLines(lines: readonly RevisionLine[], keep: number): RevisionLine[] {
  const newest = new Set(lines.slice(-Math.max(1, keep)));
  return lines.filter((line) => newest.has(line) || line.summary.result === 'deployed');
}
