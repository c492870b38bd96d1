import type { CauseCode } from '../../../domain/health.ts';
import type { Json, JsonObject } from '../../../domain/json.ts';
import { isObject } from '../../../domain/json.ts';
import type { ObjectRef } from '../../../domain/objects.ts';
import type { Operation } from '../../../domain/plan.ts';
import type { RevisionResult, RevisionSummary } from '../../../domain/release.ts';
import { countField, damaged, parseLines, textField, wordField } from './damage.ts';
import { recordLimits } from './limits.ts';
import { message, word } from './text.ts';

export const operations: readonly Operation[] = [
  'install',
  'upgrade',
  'rollback',
  'remove',
  'adopt',
  'return',
];
const results: readonly RevisionResult[] = ['pending', 'deployed', 'superseded', 'failed'];

/** Content that lies in Secrets under its digest. */
export interface BlobRef {
  /** HMAC-SHA256 of the packed bytes under the key of the installation, hex. */
  readonly id: string;
  /** Number of Secrets. */
  readonly parts: number;
}

/** A revision as the index holds it: what people see, and where its content lies. Nothing in it is secret. */
export interface RevisionLine {
  readonly summary: RevisionSummary;
  /** HMAC of the content of the revision's Secret. */
  readonly id: string;
  /** Every blob that the revision refers to: what is named here is never collected. */
  readonly blobs: readonly BlobRef[];
  /** Why the revision failed, in full; stands among the blobs too, so that whoever knows only those keeps it. */
  readonly evidence?: BlobRef;
}

/** Writes revisions, oldest first, one JSON line each. */
export function encodeLines(lines: readonly RevisionLine[]): string {
  return lines.map((line) => `${JSON.stringify(lineData(line))}\n`).join('');
}

function lineData({ summary, id, blobs, evidence }: RevisionLine): JsonObject {
  return {
    number: summary.number,
    operation: summary.operation,
    version: summary.version,
    appVersion: summary.appVersion,
    startedAt: summary.startedAt,
    finishedAt: summary.finishedAt,
    result: summary.result,
    requestId: summary.requestId,
    target: summary.target,
    cause: summary.cause,
    message: summary.message,
    hooks: summary.hooks === undefined ? undefined : [...summary.hooks],
    id,
    blobs: blobs.map(({ id, parts }) => ({ id, parts })),
    evidence: evidence === undefined ? undefined : { id: evidence.id, parts: evidence.parts },
  };
}

/** Reads revisions. Throws RECORD_INVALID with the line. */
export function decodeLines(ref: ObjectRef, text: string): RevisionLine[] {
  const content = { place: 'data.revisions', most: recordLimits.references };
  const lines = parseLines(ref, content, text).map((line, at) => {
    const place = `data.revisions line ${at + 1}`;
    return {
      summary: decodeSummary(ref, place, line),
      id: hexField(ref, place, line.id),
      blobs: decodeBlobs(ref, place, line.blobs),
      ...(line.evidence === undefined ? {} : { evidence: decodeBlob(ref, place, line.evidence) }),
    };
  });
  checkReferences(ref, lines);
  return lines;
}

/** Every Secret that is referred to gets a name when something is collected: there must not be millions of them. */
function checkReferences(ref: ObjectRef, lines: readonly RevisionLine[]): void {
  const count = lines.flatMap((line) => line.blobs).reduce((sum, blob) => sum + blob.parts, lines.length);
  if (count <= recordLimits.references) return;
  throw damaged(ref, `data.revisions refers to more than ${recordLimits.references} Secrets`);
}

function decodeSummary(ref: ObjectRef, place: string, line: JsonObject): RevisionSummary {
  const text = (field: string) => word(textField(ref, place, line, field));
  const cause = line.cause;
  return {
    number: countField(ref, place, line, { name: 'number', least: 1, most: recordLimits.revision }),
    operation: wordField(ref, place, line, { name: 'operation', words: operations }),
    version: text('version'),
    appVersion: text('appVersion'),
    startedAt: text('startedAt'),
    ...(line.finishedAt === undefined ? {} : { finishedAt: text('finishedAt') }),
    result: wordField(ref, place, line, { name: 'result', words: results }),
    ...requestIdOf(line.requestId),
    ...(line.target === undefined
      ? {}
      : { target: countField(ref, place, line, { name: 'target', least: 1, most: recordLimits.revision }) }),
    // A cause of a later version is passed on as it stands: it is a word for people and programs, never acted upon.
    ...(typeof cause === 'string' && /^[A-Z_]{1,64}$/.test(cause) ? { cause: cause as CauseCode } : {}),
    ...(typeof line.message === 'string' ? { message: message(line.message) } : {}),
    ...(Array.isArray(line.hooks) ? { hooks: decodeEvents(line.hooks) } : {}),
  };
}

/** A word that is only compared; anything else that stands there is nobody's. */
export function requestIdOf(value: Json | undefined): { readonly requestId?: string } {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value) ? { requestId: value } : {};
}

/** Words that nothing is done with but to compare them. */
function decodeEvents(events: readonly Json[]): string[] {
  return events
    .slice(0, 32)
    .filter((event): event is string => typeof event === 'string' && /^[a-z-]{1,40}$/.test(event));
}

function decodeBlobs(ref: ObjectRef, place: string, blobs: Json | undefined): BlobRef[] {
  if (!Array.isArray(blobs)) throw damaged(ref, `${place}: "blobs" is not a list`);
  return blobs.map((blob) => decodeBlob(ref, place, blob));
}

/** Reads a reference to a blob. Throws RECORD_INVALID with the place. */
export function decodeBlob(ref: ObjectRef, place: string, blob: Json | undefined): BlobRef {
  if (!isObject(blob)) throw damaged(ref, `${place}: a blob is not an object`);
  return {
    id: hexField(ref, place, blob.id),
    parts: countField(ref, place, blob, { name: 'parts', least: 1, most: recordLimits.parts }),
  };
}

function hexField(ref: ObjectRef, place: string, value: Json | undefined): string {
  if (typeof value === 'string' && /^[0-9a-f]{32,64}$/.test(value)) return value;
  throw damaged(ref, `${place}: "id" is not a digest`);
}
