import { type ErrorCategory, type ErrorCode, errorCodes } from './error-codes.ts';

/** A place in a file: `line` and `column` count from 1. `field` is a path such as `resources[2].spec.replicas`. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly field?: string;
}

/** One of several problems that are reported together. */
export interface Problem {
  readonly message: string;
  /** A path in the values, an object name, or a place in a file. */
  readonly at?: string;
  readonly hint?: string;
  readonly consent?: Consent;
}

/**
 * What somebody may agree to, for the object that `at` names, so that the problem is none any more: that it becomes part of the app, or that
 * it is deleted and made anew; `replaceData`: with the data on it. The words are those of the flags and of the API.
 */
export type Consent = 'adopt' | 'replace' | 'replaceData';

export interface ErrorOptions {
  /** What to do next; replaces the general advice of the code. */
  readonly hint?: string;
  readonly place?: Place;
  /** Further problems of the same kind, all at once. */
  readonly problems?: readonly Problem[];
  readonly cause?: unknown;
}

/** The base of every error that is meant to be read by a person. Never carries a secret in its text. */
export class AppstoreError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly place: Place | undefined;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppstoreError';
    this.code = code;
    this.hint = options.hint ?? errorCodes[code].fix;
    this.place = options.place;
    this.problems = options.problems ?? [];
  }

  get category(): ErrorCategory {
    return errorCodes[this.code].category;
  }
}

/** One field that another manager holds, as the API server names it in a 409 answer to an apply. */
export interface FieldConflict {
  readonly manager: string;
  /** Path as Kubernetes writes it, for example `.spec.replicas`. */
  readonly field: string;
}

/** What the API server said when it refused a request. */
export interface ApiFailure {
  readonly status: number;
  /** `reason` of the Status object, for example `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`. */
  readonly reason: string;
  /** Seconds of Retry-After, where given. */
  readonly retryAfter?: number;
  readonly fieldConflicts: readonly FieldConflict[];
  /** `details.causes` of the Status object. */
  readonly causes: readonly { readonly field?: string; readonly message: string; readonly reason?: string }[];
}

/** A request that the API server refused. */
export class ApiError extends AppstoreError {
  readonly failure: ApiFailure;

  constructor(code: ErrorCode, message: string, failure: ApiFailure, options: ErrorOptions = {}) {
    super(code, message, options);
    this.name = 'ApiError';
    this.failure = failure;
  }
}

/** True where the server answered that the caller may not (403), for whatever reason. */
export function isForbidden(error: unknown): error is ApiError {
  return error instanceof ApiError && error.failure.status === 403;
}

/** Writes a place as `file:line:column (field)`, as far as it is known. */
export function formatPlace(place: Place): string {
  const position = [place.file, place.line, place.line === undefined ? undefined : place.column]
    .filter((part) => part !== undefined)
    .join(':');
  return place.field === undefined ? position : `${position} (${place.field})`;
}
