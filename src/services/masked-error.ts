import { maskDiagnosis } from '../domain/diagnosis.ts';
import { AppstoreError } from '../domain/errors.ts';
import type { Masker } from '../domain/masking.ts';
import { UnhealthyError } from './failure.ts';

/**
 * An error as it may be shown and recorded: the API server quotes values that it refuses, and events and probes quote what
 * they ran with. Errors of ours that hold no secret come back as they are.
 */
export function maskedError(error: unknown, mask: Masker): unknown {
  if (!(error instanceof AppstoreError)) return error;
  const texts = [
    error.message,
    error.hint,
    ...error.problems.flatMap((one) => [one.message, one.hint ?? '', one.at ?? '']),
  ];
  if (texts.every((text) => mask.text(text) === text)) return error;
  const options = {
    hint: mask.text(error.hint),
    ...(error.place === undefined ? {} : { place: error.place }),
    problems: error.problems.map((one) => ({
      message: mask.text(one.message),
      ...(one.at === undefined ? {} : { at: mask.text(one.at) }),
      ...(one.hint === undefined ? {} : { hint: mask.text(one.hint) }),
      ...(one.consent === undefined ? {} : { consent: one.consent }),
    })),
  };
  const message = mask.text(error.message);
  if (error instanceof UnhealthyError && (error.code === 'UNHEALTHY' || error.code === 'WAIT_TIMEOUT')) {
    const diagnosis = error.diagnosis === undefined ? undefined : maskDiagnosis(error.diagnosis, mask);
    return new UnhealthyError(error.code, error.causeCode, message, { ...options, diagnosis });
  }
  return new AppstoreError(error.code, message, options);
}
