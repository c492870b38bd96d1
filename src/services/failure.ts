import { type Diagnosis, maskDiagnosis } from '../domain/diagnosis.ts';
import type { ErrorCode } from '../domain/error-codes.ts';
import { AppstoreError } from '../domain/errors.ts';
import type { CauseCode } from '../domain/health.ts';
import type { Masker } from '../domain/masking.ts';
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
  /** What was found while the evidence was there to be read. */
  readonly diagnosis: Diagnosis | undefined;

  constructor(
    code: 'UNHEALTHY' | 'WAIT_TIMEOUT',
    cause: CauseCode,
    message: string,
    options: ConstructorParameters<typeof AppstoreError>[2] & { readonly diagnosis?: Diagnosis | undefined },
  ) {
    super(code, message, options);
    this.name = 'UnhealthyError';
    this.causeCode = cause;
    this.diagnosis = options?.diagnosis;
  }
}

/** How a failure stands in the record: a stable cause code and one line. */
export function failureOf(error: unknown): { readonly cause: CauseCode; readonly message: string } {
  const { cause, text } = wordsOf(error);
  return { cause, message: cleanLine(text, 500) };
}

/**
 * What is kept of a failure with its revision: the cause, every problem in full, and what was found in the cluster. Taken from the
 * error, so that it is what was seen before anything was undone. Masked.
 */
export function evidenceOf(error: unknown, mask: Masker, now: Date): Diagnosis {
  const { cause, text } = wordsOf(error);
  const found = error instanceof UnhealthyError ? error.diagnosis : undefined;
  return maskDiagnosis(
    {
      at: found?.at ?? now.toISOString(),
      cause,
      message: cleanLine(text, 8000),
      findings: found?.findings ?? [],
    },
    mask,
  );
}

function wordsOf(error: unknown): { readonly cause: CauseCode; readonly text: string } {
  const message = error instanceof Error ? error.message : String(error);
  const problems = error instanceof AppstoreError ? error.problems.map((problem) => problem.message) : [];
  return { cause: causeOf(error), text: [message, ...problems].join('; ') };
}

function causeOf(error: unknown): CauseCode {
  if (error instanceof UnhealthyError) return error.causeCode;
  return error instanceof AppstoreError ? (causes[error.code] ?? 'ERROR') : 'ERROR';
}
