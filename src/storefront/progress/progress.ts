import type { Health } from '../../domain/health.ts';
import type { ObjectRef } from '../../domain/objects.ts';
import type { AppstoreEvent, Step } from '../../services/events.ts';

/** One object on its way. */
export interface PartProgress {
  readonly ref: ObjectRef;
  readonly written: boolean;
  readonly health?: Health;
}

/** What is known of a running operation, made of its events. */
export interface Progress {
  readonly operation: string;
  readonly resumed: boolean;
  readonly steps: readonly { readonly step: Step; readonly state: 'started' | 'done' }[];
  /** Objects written, of those that are to be. */
  readonly written: number;
  readonly toWrite: number;
  readonly ready: number;
  readonly toBeReady: number;
  readonly parts: ReadonlyMap<string, PartProgress>;
  /** The last lines of evidence of what is not well, newest last. */
  readonly evidence: readonly { readonly ref: ObjectRef; readonly source: string; readonly text: string }[];
  readonly warnings: readonly string[];
  /** Somebody else who works on the same. */
  readonly lockedBy?: string;
  /** The cluster does not answer; why. */
  readonly away?: string;
}

export const noProgress: Progress = {
  operation: '',
  resumed: false,
  steps: [],
  written: 0,
  toWrite: 0,
  ready: 0,
  toBeReady: 0,
  parts: new Map(),
  evidence: [],
  warnings: [],
};

/** Lines of evidence that are kept. */
const mostEvidence = 20;

/** What is known after one more event. */
export function after(progress: Progress, event: AppstoreEvent): Progress {
  switch (event.type) {
    case 'operation':
      return { ...noProgress, operation: event.operation, resumed: event.resumed };
    case 'step':
      return { ...withoutLock(progress), steps: stepped(progress.steps, event), ...sizes(event) };
    case 'written':
      return {
        ...progress,
        written: event.done,
        toWrite: event.total,
        parts: withPart(progress, event.ref, { written: true }),
      };
    case 'health':
      return {
        ...progress,
        ready: event.ready,
        toBeReady: event.total,
        parts: withPart(progress, event.ref, { health: event.health }),
      };
    case 'evidence':
      return { ...progress, evidence: [...progress.evidence, event].slice(-mostEvidence) };
    case 'warning':
      return { ...progress, warnings: [...new Set([...progress.warnings, event.problem.message])] };
    case 'locked':
      return { ...progress, lockedBy: event.holder };
    case 'connection':
      return event.state === 'lost' ? { ...progress, away: event.reason } : withoutAway(progress);
    default:
      // What was planned was seen before; a retry needs nobody. Events of a later version are passed over.
      return progress;
  }
}

/** Parts that are not well yet, with the reason, the failed ones first. */
export function unwell(progress: Progress): PartProgress[] {
  return [...progress.parts.values()]
    .filter(({ health }) => health !== undefined && health.status !== 'current' && health.reason !== '')
    .sort((a, b) => rank(a) - rank(b));
}

function rank({ health }: PartProgress): number {
  return health?.status === 'failed' ? 0 : 1;
}

/** 0 to 1: half of the way is writing, half is becoming ready. */
export function share({ steps, written, toWrite, ready, toBeReady }: Progress): number {
  const done = new Set(steps.filter(({ state }) => state === 'done').map(({ step }) => step));
  if (done.has('finish')) return 1;
  const applied = done.has('apply') ? 1 : toWrite === 0 ? 0 : written / toWrite;
  const waited = done.has('wait') ? 1 : toBeReady === 0 ? 0 : ready / toBeReady;
  const begun = Math.min(1, steps.length / 4);
  return Math.min(0.98, 0.1 * begun + 0.4 * applied + 0.48 * waited);
}

function sizes(event: Extract<AppstoreEvent, { readonly type: 'step' }>): Partial<Progress> {
  if (event.state !== 'started' || event.total === undefined) return {};
  if (event.step === 'apply') return { toWrite: event.total, written: 0 };
  return event.step === 'wait' ? { toBeReady: event.total } : {};
}

function stepped(
  steps: Progress['steps'],
  { step, state }: Extract<AppstoreEvent, { readonly type: 'step' }>,
): Progress['steps'] {
  const known = steps.some((one) => one.step === step);
  return known
    ? steps.map((one) => (one.step === step ? { step, state } : one))
    : [...steps, { step, state }];
}

function withPart(
  { parts }: Progress,
  ref: ObjectRef,
  more: Partial<PartProgress>,
): ReadonlyMap<string, PartProgress> {
  const key = `${ref.kind}.${ref.group}/${ref.namespace}/${ref.name}`;
  const before = parts.get(key) ?? { ref, written: false };
  return new Map(parts).set(key, { ...before, ...more });
}

function withoutLock({ lockedBy: _, ...rest }: Progress): Progress {
  return rest;
}

function withoutAway({ away: _, ...rest }: Progress): Progress {
  return rest;
}
