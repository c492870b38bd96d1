import { isUntypable, isWebhookFailure, type Refusal } from './api-errors.ts';

/**
 * How a request may be repeated.
 *
 * | safety      | requests                                                      | repeated after            |
 * |-------------|---------------------------------------------------------------|---------------------------|
 * | `repeat`    | GET, LIST, WATCH, apply, merge patch, DELETE with a UID, reviews, any dry run | everything that may pass |
 * | `settle`    | POST that creates, PUT with a resourceVersion                 | the same, then looked at: see `writes.ts` |
 * | `once`      | PUT and DELETE without a precondition                         | only where surely nothing happened |
 *
 * "Surely nothing": the connection was not made, the stream was refused (GOAWAY), or the server answered 429.
 */
export type Safety = 'repeat' | 'settle' | 'once';

/** What became of one attempt. */
export type Failure =
  /** `early`: by a server that has just come back, and may not have read its roles yet. */
  | { readonly type: 'refused'; readonly refusal: Refusal; readonly early?: true }
  | { readonly type: 'lost'; readonly processed: 'no' | 'unknown' }
  /** No connection; `passing` where another try at once may help, or where there had been one before. */
  | { readonly type: 'unreachable'; readonly passing: boolean };

/** Tries in all. With the waits below that is about six seconds, as long as an API server takes to come back. */
const ATTEMPTS = 6;
const FIRST_WAIT = 100;
const LONGEST_WAIT = 5_000;
/** A server that asks for a longer pause is told to the caller instead. */
const LONGEST_RETRY_AFTER = 30;

interface Row {
  readonly reason: string;
  readonly fits: (failure: Failure) => boolean;
  readonly safeties: readonly Safety[];
}

const refused = (test: (refusal: Refusal) => boolean) => (failure: Failure) =>
  failure.type === 'refused' && test(failure.refusal);

/** What is repeated; the first row that fits counts, and none means no. */
const rows: readonly Row[] = [
  {
    reason: 'no connection, nothing sent; only where it can pass, so that a wrong address fails at once',
    fits: (failure) => failure.type === 'unreachable' && failure.passing,
    safeties: ['repeat', 'settle', 'once'],
  },
  {
    reason: 'the server promised not to have acted on it (GOAWAY, refused stream)',
    fits: (failure) => failure.type === 'lost' && failure.processed === 'no',
    safeties: ['repeat', 'settle', 'once'],
  },
  {
    reason: 'the answer was lost, the request may have been carried out',
    fits: (failure) => failure.type === 'lost',
    safeties: ['repeat', 'settle'],
  },
  {
    reason: 'API priority and fairness turned it away before it did anything',
    fits: refused((refusal) => refusal.status === 429),
    safeties: ['repeat', 'settle', 'once'],
  },
  {
    reason:
      'the authoriser answers before it has read its roles (kube-apiserver starts serving beside its informers)',
    fits: (failure) => failure.type === 'refused' && failure.early === true,
    safeties: ['repeat', 'settle', 'once'],
  },
  {
    reason: 'an object that is wrong stays wrong; a webhook that is down is waited for by whoever needs it',
    fits: refused((refusal) => isUntypable(refusal) || isWebhookFailure(refusal)),
    safeties: [],
  },
  {
    reason: 'server errors, gateways, etcd changing its leader: it may have been carried out',
    fits: refused((refusal) => [500, 502, 503, 504].includes(refusal.status)),
    safeties: ['repeat', 'settle'],
  },
];

/**
 * True for what an API server that restarts does to requests: no connection, a lost one, a gateway or a server that says that it
 * is not ready. Any other refusal does not pass with time alone.
 */
export function isOutage(failure: Failure): boolean {
  if (failure.type === 'unreachable') return failure.passing;
  if (failure.type === 'lost') return true;
  return failure.early === true || [429, 502, 503, 504].includes(failure.refusal.status);
}

/** The last attempt that is followed by another one: a caller that goes on through an outage counts no further. */
export const LAST_REPEATED = ATTEMPTS - 1;

/**
 * Milliseconds to wait before the next attempt; undefined where there is none. `attempt` counts from 1, `random` is in [0, 1):
 * it spreads the requests of many clients that failed together.
 */
export function retryWait(
  failure: Failure,
  safety: Safety,
  attempt: number,
  random: number,
): number | undefined {
  const row = rows.find((entry) => entry.fits(failure));
  if (row === undefined || !row.safeties.includes(safety) || attempt >= ATTEMPTS) return undefined;
  const asked = failure.type === 'refused' ? (failure.refusal.retryAfter ?? 0) : 0;
  if (asked > LONGEST_RETRY_AFTER) return undefined;
  // A connection that ended in good order is made anew at once.
  if (attempt === 1 && failure.type === 'lost') return 0;
  const backoff = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt) * (0.5 + random / 2);
  return Math.max(asked * 1000, backoff);
}
