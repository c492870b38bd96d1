import { AppstoreError, type ErrorCode } from '../domain/errors.ts';
import type { CauseCode } from '../domain/health.ts';
import { cleanLine } from '../domain/text.ts';

const causes: Partial<Record<ErrorCode, CauseCode>> = {
  WAIT_TIMEOUT: 'TIMEOUT',
  UNHEALTHY: 'NOT_READY',
  QUOTA_EXCEEDED: 'QUOTA_EXCEEDED',
  ADMISSION_DENIED: 'ADMISSION_DENIED',
  FORBIDDEN: 'FORBIDDEN',
  FIELD_CONFLICT: 'CONFLICT',
  API_CONFLICT: 'CONFLICT',
  INTERRUPTED: 'INTERRUPTED',
};

/** An error that knows the cause code of what went wrong in the cluster. */
export class UnhealthyError extends AppstoreError {
  readonly causeCode: CauseCode;

  constructor(
    code: 'UNHEALTHY' | 'WAIT_TIMEOUT',
    cause: CauseCode,
    message: string,
    options: ConstructorParameters<typeof AppstoreError>[2],
  ) {
    super(code, message, options);
    this.name = 'UnhealthyError';
    this.causeCode = cause;
  }
}

/** How a failure stands in the record: a stable cause code and one line. */
export function failureOf(error: unknown): { readonly cause: CauseCode; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const problems = error instanceof AppstoreError ? error.problems.map((problem) => problem.message) : [];
  return { cause: causeOf(error), message: cleanLine([message, ...problems].join('; '), 500) };
}

function causeOf(error: unknown): CauseCode {
  if (error instanceof UnhealthyError) return error.causeCode;
  return error instanceof AppstoreError ? (causes[error.code] ?? 'ERROR') : 'ERROR';
}
