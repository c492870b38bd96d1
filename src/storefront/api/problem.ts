import type { Consent } from '../../domain/errors.ts';

/** One thing that is wrong, with the place it is at: a path in the values, an object, a place in a file. */
export interface ProblemDetail {
  readonly message: string;
  readonly at?: string;
  readonly hint?: string;
  /** What can be agreed to for what `at` names. */
  readonly consent?: Consent;
}

/** What the server answered instead of what was asked for (RFC 9457), or that it did not answer. */
export class ApiProblem extends Error {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** A code of docs/errors.md, or `OFFLINE`. */
  readonly code: string;
  readonly hint: string;
  readonly problems: readonly ProblemDetail[];
  /** The whole answer. */
  readonly body: unknown;

  constructor(given: {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly problems?: readonly ProblemDetail[];
    readonly body?: unknown;
  }) {
    super(given.message);
    this.name = 'ApiProblem';
    this.status = given.status;
    this.code = given.code;
    this.hint = given.hint ?? '';
    this.problems = given.problems ?? [];
    this.body = given.body;
  }
}

/** The problem in an answer that is none of success. What is no problem document is told by its status. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const given = isRecord(body) ? body : {};
  return new ApiProblem({
    status,
    code: textOf(given.code) ?? `HTTP_${status}`,
    message: textOf(given.detail) ?? textOf(given.title) ?? `HTTP ${status}`,
    hint: hintIn(given.hint) ?? '',
    problems: Array.isArray(given.problems) ? given.problems.flatMap(detailOf) : [],
    body,
  });
}

function detailOf(given: unknown): readonly ProblemDetail[] {
  if (!isRecord(given)) return [];
  const message = textOf(given.message);
  if (message === undefined) return [];
  const [at, hint] = [textOf(given.at), hintIn(given.hint)];
  const consent = consents.find((one) => one === given.consent);
  return [
    {
      message,
      ...(at === undefined ? {} : { at }),
      ...(hint === undefined ? {} : { hint }),
      ...(consent === undefined ? {} : { consent }),
    },
  ];
}

const consents: readonly Consent[] = ['adopt', 'replace', 'replaceData'];

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What to type into a terminal helps nobody who has a page before them. */
function hintIn(value: unknown): string | undefined {
  const hint = textOf(value);
  return hint === undefined || /`(appstore |-)|^--/.test(hint) ? undefined : hint;
}
