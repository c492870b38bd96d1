/** Longest text for people that the record keeps: a summary line must never make the index too large. */
export const longestMessage = 1000;
/** Longest short text: a version, a holder, a name. */
export const longestWord = 253;

/** Control sequences of terminals (ECMA-48), as they come in messages of programs and events. */
const escapeSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g;
/** C0 and C1 controls, and the marks that reverse the direction of text (Unicode UAX 9). */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

/** One line without control characters, cut to a length in characters. */
export function oneLine(text: string, longest: number): string {
  const line = text
    .slice(0, longest * 4)
    .replace(escapeSequence, '')
    .replace(unsafe, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`;
}
