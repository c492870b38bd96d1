import type { ErrorCode } from './error-codes.ts';
import { AppstoreError, type Place } from './errors.ts';
import { formatPath, type PathStep } from './given.ts';
import type { YamlDocument } from './yaml-source.ts';

/** A problem of a package with its place in a file. */
export interface PlacedProblem {
  readonly message: string;
  readonly place: Place;
  readonly hint?: string;
}

/** Something wrong at a path of a document. */
export interface PathProblem {
  readonly path: readonly PathStep[];
  readonly message: string;
  readonly keyword?: string;
  readonly hint?: string;
}

/** Says where in the file it is. What is missing or not known is told at its name, else at the value. */
export function placedProblem(
  document: YamlDocument,
  problem: PathProblem,
  below: readonly PathStep[] = [],
): PlacedProblem {
  const path = [...below, ...problem.path];
  const of =
    problem.keyword === 'additionalProperties' || problem.keyword === 'propertyNames' ? 'key' : 'value';
  const field = formatPath(path);
  return {
    message: `${field === '' ? 'the document' : `\`${field}\``} ${problem.message}`,
    place: { ...document.place(path, of), ...(field === '' ? {} : { field }) },
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  };
}

/** One error for all problems of a package, in the order of the files. Its message is the first of them, and how many there are. */
export function packageError(
  source: string,
  found: readonly PlacedProblem[],
  code: ErrorCode = 'PACKAGE_INVALID',
): AppstoreError {
  const problems = [...found].sort(byPlace);
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new AppstoreError(
    code,
    first === undefined ? source : `${positionOf(first.place)}: ${first.message}${more}`,
    {
      ...(first === undefined ? {} : { place: first.place }),
      ...(first?.hint === undefined ? {} : { hint: sentence(first.hint) }),
      problems: problems.map(({ message, place, hint }) => ({
        message,
        at: positionOf(place),
        ...(hint === undefined ? {} : { hint }),
      })),
    },
  );
}

/** `file:line:column`, as far as it is known. */
export function positionOf(place: Place): string {
  return [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
}

function byPlace({ place: a }: PlacedProblem, { place: b }: PlacedProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function sentence(hint: string): string {
  return hint.charAt(0).toUpperCase() + hint.slice(1);
}
