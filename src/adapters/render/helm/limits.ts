import { AppstoreError } from '../../../domain/errors.ts';

/** What one request may use. */
export interface RequestLimits {
  /** Milliseconds by the clock. */
  readonly timeout: number;
  /** Bytes; in WebAssembly the module has a maximum of its own. */
  readonly memory: number;
  /** Seconds of processor time; in WebAssembly there is only the clock. */
  readonly cpu: number;
}

/** The largest public charts take a hundredth of the time and a tenth of the memory; lookups in a slow cluster take their time. */
export const usualLimits: RequestLimits = { timeout: 120_000, memory: 1024 * 1024 * 1024, cpu: 60 };

/** How an engine ended without an answer. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** The beginning of what it wrote to its log. */
  readonly log: string;
  readonly timedOut: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** What Go's runtime and V8 say, and what it means for the chart. */
const reasons: readonly { readonly pattern: RegExp; readonly meaning: string }[] = [
  {
    pattern: /stack overflow|goroutine stack exceeds|Maximum call stack size exceeded/,
    meaning: 'templates call each other, or nest values, deeper than is allowed',
  },
  {
    pattern:
      /out of memory|cannot allocate memory|failed to create new OS thread|memory access out of bounds|Invalid array buffer length/,
    meaning: 'it needs more memory than is allowed',
  },
];

/** The error for an engine that ended without an answer: a limit, or what is wrong with the engine itself. */
export function endedError(ended: Ended): AppstoreError {
  if (ended.timedOut) return tooMuch(`it takes longer than ${ended.timeout / 1000} s`);
  const reason = reasons.find(({ pattern }) => pattern.test(ended.log));
  if (reason !== undefined) return tooMuch(reason.meaning);
  if (ended.signal === 'SIGKILL' || ended.signal === 'SIGXCPU')
    return tooMuch('it needs more processor time or memory than is allowed');
  const [first = ''] = ended.log.split('\n');
  const how = ended.signal ?? `exit code ${ended.code}`;
  return new AppstoreError('INTERNAL', `the engine for Helm charts ended (${how}): ${first}`);
}

function tooMuch(what: string): AppstoreError {
  return new AppstoreError('RENDER_LIMIT', `the chart cannot be rendered: ${what}`, {
    hint: 'Look for a loop in its templates, or for values that make it repeat something very often.',
  });
}
