import { type ErrorCategory, type ErrorCode, errorCodes } from '../domain/error-codes.ts';
import { AppstoreError, type Problem } from '../domain/errors.ts';

/** How an error is answered, by what kind it is. */
const statusOfCategory: Readonly<Record<ErrorCategory, number>> = {
  failed: 500,
  input: 422,
  pending: 409,
  'not-found': 404,
  conflict: 409,
  unhealthy: 409,
  forbidden: 403,
  interrupted: 503,
};

/** Where HTTP has a word of its own for it. */
const statusOfCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  REQUEST_INVALID: 400,
  USAGE: 400,
  UNAUTHENTICATED: 401,
  KUBECONFIG_MISSING: 500,
  KUBECONFIG_INVALID: 500,
  CONTEXT_UNKNOWN: 500,
  LOGIN_FAILED: 401,
  LOGIN_UNAVAILABLE: 503,
  RATE_LIMITED: 429,
  SERVER_STOPPING: 503,
  CLUSTER_UNREACHABLE: 503,
  WEBHOOK_UNAVAILABLE: 503,
  CLUSTER_TLS: 502,
  API_ERROR: 502,
  CATALOG_UNREACHABLE: 502,
  CATALOG_INVALID: 502,
  DIGEST_MISMATCH: 502,
  API_INVALID: 422,
  ADMISSION_DENIED: 422,
  QUOTA_EXCEEDED: 422,
  KIND_UNKNOWN: 422,
  REQUIREMENT_UNMET: 422,
  API_VERSION_GONE: 422,
  RECORD_INVALID: 409,
  CATALOG_UNSIGNED: 409,
  SIGNATURE_INVALID: 409,
  SIGNATURE_EXPIRED: 409,
  SIGNATURE_OLDER: 409,
  SIGNATURE_REQUIRED: 409,
};

/** What is wrong with the server's own configuration is its operator's affair: it names files. */
const ofTheOperator: ReadonlySet<string> = new Set<ErrorCode>([
  'KUBECONFIG_MISSING',
  'KUBECONFIG_INVALID',
  'CONTEXT_UNKNOWN',
]);

/** An error as RFC 9457 has it, with the codes of the command line. */
export interface ProblemDetails {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly category: ErrorCategory;
  readonly hint: string;
  readonly problems: readonly Problem[];
  /** The request, for whoever reads the log. */
  readonly instance?: string;
}

/** Where a code is explained, on this server. */
function typeOf(code: ErrorCode): string {
  return `/api/v1/errors/${code}`;
}

/** The HTTP status of an error. */
export function statusOf(error: AppstoreError): number {
  return statusOfCode[error.code] ?? statusOfCategory[error.category];
}

/**
 * An error for whoever asked. What nobody foresaw says nothing of itself: its text may name files of the server, or what was sent.
 * @param request Id of the request
 */
export function problemOf(thrown: unknown, request?: string): ProblemDetails {
  const error = publicError(thrown, request);
  const { code, category, message, hint, problems } = error;
  return {
    type: typeOf(code),
    title: errorCodes[code].meaning,
    status: statusOf(error),
    detail: message,
    code,
    category,
    hint,
    problems,
    ...(request === undefined ? {} : { instance: `urn:appstore:request:${request}` }),
  };
}

function publicError(thrown: unknown, request: string | undefined): AppstoreError {
  const asked = request === undefined ? '' : ` (request ${request})`;
  if (!(thrown instanceof AppstoreError) || thrown.code === 'INTERNAL')
    return new AppstoreError('INTERNAL', `something happened that the server did not foresee${asked}`, {
      hint: 'Whoever runs the server finds it in its log.',
    });
  if (!ofTheOperator.has(thrown.code)) return thrown;
  return new AppstoreError(thrown.code, `the server is not set up for this cluster as it should be${asked}`, {
    hint: 'Whoever runs the server finds more in its log.',
  });
}
