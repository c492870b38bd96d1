import { cleanLine } from '../../../domain/text.ts';

/** Longest text for people that the record keeps: a summary line must never make the index too large. */
const longestMessage = 1000;
/** Longest short text: a version, a holder, a name. */
const longestWord = 253;

/** A short text of a record, safe to show. */
export function word(text: string): string {
  return cleanLine(text, longestWord);
}

/** A step of a journal, safe to show and never cut: it says what is done. */
export function line(text: string): string {
  return cleanLine(text, text.length);
}

/** A message of a record, safe to show. */
export function message(text: string): string {
  return cleanLine(text, longestMessage);
}
