import type { ErrorCategory } from '../domain/error-codes.ts';

/** What the process answers with; scripts build on it, so the numbers never change. */
export const exitCodes: Readonly<Record<ErrorCategory, number>> = {
  failed: 1,
  input: 2,
  pending: 3,
  'not-found': 4,
  conflict: 5,
  unhealthy: 6,
  forbidden: 7,
  // 128 + SIGINT, as shells report it
  interrupted: 130,
};
