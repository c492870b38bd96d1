import type { CauseCode } from './health.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { Masker } from './masking.ts';
import type { ObjectRef } from './objects.ts';
import { cleanLine, cleanText } from './text.ts';

/** Where a line of evidence comes from. `nodes`: counted from what the nodes have and what runs on them. */
export type EvidenceSource = 'event' | 'log' | 'condition' | 'nodes';

/** One thing that speaks for a cause. */
export interface EvidenceLine {
  readonly ref: ObjectRef;
  readonly source: EvidenceSource;
  /** Free of control sequences. Has several lines where it is a log. */
  readonly text: string;
}

/** Something that is not healthy, at its root: the claim rather than the pod that waits for it, the pod rather than its Deployment. */
export interface Finding {
  readonly ref: ObjectRef;
  readonly cause: CauseCode;
  /** One line. */
  readonly reason: string;
  readonly evidence: readonly EvidenceLine[];
  /** What is not healthy because of it, nearest first. */
  readonly affects: readonly ObjectRef[];
}

/** Why an installation is not healthy, at one moment. Findings that explain most come first. */
export interface Diagnosis {
  /** When it was taken, RFC 3339, UTC. */
  readonly at: string;
  readonly cause: CauseCode;
  /** One line. */
  readonly message: string;
  readonly findings: readonly Finding[];
}

/** How large a diagnosis may be where it is stored, bytes of JSON: it is evidence, not an archive. */
const longestDiagnosis = 16 * 1024;

/** Characters of one line, and of one log: its end says more than its beginning. */
const longestLine = 1000;
const longestLog = 3000;
const mostFindings = 20;
const mostEvidence = 12;
const mostAffected = 20;

/** A copy without secrets. Has to come before anything is cut: half a secret is not recognised. */
export function maskDiagnosis(diagnosis: Diagnosis, mask: Masker): Diagnosis {
  return {
    ...diagnosis,
    message: mask.text(diagnosis.message),
    findings: diagnosis.findings.map((finding) => ({
      ...finding,
      reason: mask.text(finding.reason),
      evidence: finding.evidence.map((line) => ({ ...line, text: mask.text(line.text) })),
    })),
  };
}

/**
 * A copy that fits into so many bytes of JSON: long texts are cut, and what stands behind goes first.
 * @param bytes Size in bytes; with less than about 2 KiB only cause and message may be left.
 */
export function boundDiagnosis(diagnosis: Diagnosis, bytes: number = longestDiagnosis): Diagnosis {
  let bounded: Diagnosis = {
    ...diagnosis,
    message: cleanLine(diagnosis.message, longestLine),
    findings: diagnosis.findings.slice(0, mostFindings).map(boundFinding),
  };
  while (sizeOf(bounded) > bytes && bounded.findings.length > 0)
    bounded = { ...bounded, findings: withLess(bounded.findings) };
  return bounded;
}

function boundFinding(finding: Finding): Finding {
  return {
    ...finding,
    reason: cleanLine(finding.reason, longestLine),
    evidence: finding.evidence.slice(0, mostEvidence).map((line) => ({ ...line, text: boundText(line) })),
    affects: finding.affects.slice(0, mostAffected),
  };
}

function boundText({ source, text }: EvidenceLine): string {
  if (source !== 'log') return cleanLine(text, longestLine);
  return text.length <= longestLog ? text : `…${text.slice(-longestLog)}`;
}

/** One line of evidence less, from behind; a finding without evidence goes itself, but for the first. */
function withLess(findings: readonly Finding[]): readonly Finding[] {
  const last = findings.at(-1);
  if (last === undefined) return [];
  const before = findings.slice(0, -1);
  return last.evidence.length > 0 ? [...before, { ...last, evidence: last.evidence.slice(0, -1) }] : before;
}

function sizeOf(diagnosis: Diagnosis): number {
  return new TextEncoder().encode(JSON.stringify(diagnosis)).length;
}

/**
 * Reads a diagnosis from where others may have edited it: undefined where it is none, texts made safe to show, parts that cannot be
 * read left out.
 */
export function readDiagnosis(value: Json | undefined): Diagnosis | undefined {
  if (!isObject(value)) return undefined;
  const cause = causeOf(value.cause);
  if (cause === undefined) return undefined;
  return boundDiagnosis(
    {
      at: textOf(value.at),
      cause,
      message: textOf(value.message),
      findings: listOf(value.findings).flatMap((item) => readFinding(item) ?? []),
    },
    longestDiagnosis * 2,
  );
}

function readFinding(value: JsonObject): Finding | undefined {
  const [ref, cause] = [readRef(value.ref), causeOf(value.cause)];
  if (ref === undefined || cause === undefined) return undefined;
  return {
    ref,
    cause,
    reason: textOf(value.reason),
    evidence: listOf(value.evidence).flatMap((line) => readEvidence(line) ?? []),
    affects: listOf(value.affects).flatMap((item) => readRef(item) ?? []),
  };
}

const sources: readonly EvidenceSource[] = ['event', 'log', 'condition', 'nodes'];

function readEvidence(value: JsonObject): EvidenceLine | undefined {
  const [ref, source] = [readRef(value.ref), sources.find((known) => known === value.source)];
  if (ref === undefined || source === undefined || typeof value.text !== 'string') return undefined;
  return { ref, source, text: cleanText(value.text) };
}

function readRef(value: Json | undefined): ObjectRef | undefined {
  if (!isObject(value)) return undefined;
  const [kind, name] = [textOf(value.kind), textOf(value.name)];
  if (kind === '' || name === '') return undefined;
  return {
    group: textOf(value.group),
    version: textOf(value.version),
    kind,
    namespace: textOf(value.namespace),
    name,
  };
}

/** A cause of a later version is passed on as it stands: a word for people and programs, never acted upon. */
function causeOf(value: Json | undefined): CauseCode | undefined {
  return typeof value === 'string' && /^[A-Z_]{1,64}$/.test(value) ? (value as CauseCode) : undefined;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? cleanLine(value, longestLine) : '';
}

function listOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
