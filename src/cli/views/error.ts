import { type AppstoreError, formatPlace, type Problem } from '../../domain/errors.ts';
import { cleanText } from '../../domain/text.ts';
import type { Palette } from './color.ts';
import { wrapLines } from './wrap.ts';

/** An error for people: what, where, every problem, what to do; with `verbose` the causes and the stack. */
export function errorText(
  error: AppstoreError,
  style: { palette: Palette; verbose: boolean; width?: number },
): string {
  const { palette } = style;
  const lines = [`${palette.red('Error:')} ${cleanText(error.message)} ${palette.dim(`[${error.code}]`)}`];
  const place = error.place === undefined ? '' : formatPlace(error.place);
  if (!isSaid(error, place.replace(/ \(.*\)$/, ''))) lines.push(`  at ${cleanText(place)}`);
  if (!saysItsOnlyProblem(error))
    for (const problem of error.problems) lines.push(...problemLines(problem, palette));
  if (error.hint !== '') lines.push(`${palette.cyan('Hint:')} ${cleanText(error.hint)}`);
  const said = wrapLines(lines.join('\n'), style.width ?? Number.POSITIVE_INFINITY);
  const causes = style.verbose ? causeLines(error).map((line) => palette.dim(cleanText(line))) : [];
  return `${[said, ...causes].join('\n')}\n`;
}

function isSaid(error: AppstoreError, text: string): boolean {
  return error.message.includes(text);
}

/** A single problem is often the message itself: once is enough. */
function saysItsOnlyProblem(error: AppstoreError): boolean {
  const [only, ...others] = error.problems;
  if (only === undefined || others.length > 0) return false;
  const hinted = only.hint === undefined || only.hint.toLowerCase() === error.hint.toLowerCase();
  return hinted && isSaid(error, only.message) && isSaid(error, only.at ?? '');
}

/** One of several problems, with its place and advice. */
export function problemLines(problem: Problem, palette: Palette): string[] {
  const at = saysWhere(problem) ? '' : `${palette.bold(cleanText(problem.at ?? ''))}: `;
  const lines = [`  - ${at}${cleanText(problem.message)}`];
  if (problem.hint !== undefined) lines.push(`    ${palette.dim(cleanText(problem.hint))}`);
  return lines;
}

/** A message about an object begins with its name already. */
function saysWhere({ at, message }: Problem): boolean {
  return at === undefined || message.startsWith(`${at}: `);
}

function causeLines(error: Error): string[] {
  const lines: string[] = (error.stack ?? '').split('\n').slice(1);
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause)
    lines.push(`Caused by: ${cause.name}: ${cause.message}`, ...(cause.stack ?? '').split('\n').slice(1, 6));
  return lines;
}
