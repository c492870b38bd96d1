import type { Consent as Kind } from '../../domain/errors.ts';
import type { ApiProblem } from '../api/problem.ts';

/** Objects that may be taken over, or deleted and made anew, as a request says it: each was named first. */
export interface Consents {
  readonly adopt?: readonly string[];
  readonly replace?: readonly string[];
  readonly replaceData?: true;
}

/** The names of what can be agreed to, by what is agreed to. Nothing, where something else stands in the way as well. */
export function consentsOf({ problems }: Pick<ApiProblem, 'problems'>): Readonly<Record<Kind, string[]>> {
  const open: Record<Kind, string[]> = { adopt: [], replace: [], replaceData: [] };
  if (problems.some(({ at, consent }) => at === undefined || consent === undefined)) return open;
  for (const { at, consent } of problems)
    if (at !== undefined && consent !== undefined) open[consent].push(at);
  return open;
}

/** What was agreed to, and this. */
export function agreedTo(given: Consents, kind: Kind, names: readonly string[]): Consents {
  const list = kind === 'adopt' ? 'adopt' : 'replace';
  return {
    ...given,
    [list]: [...new Set([...(given[list] ?? []), ...names])],
    ...(kind === 'replaceData' ? { replaceData: true } : {}),
  };
}
