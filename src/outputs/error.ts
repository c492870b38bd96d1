import type { AppstoreError } from '../domain/errors.ts';
import { apiVersion } from './api-version.ts';

/** An error (docs/outputs.md). */
export function errorOutput(error: AppstoreError) {
  return {
    apiVersion,
    kind: 'Error' as const,
    error: {
      code: error.code,
      category: error.category,
      message: error.message,
      hint: error.hint,
      ...(error.place === undefined ? {} : { place: error.place }),
      problems: error.problems,
    },
  };
}
