import { stripVTControlCharacters } from 'node:util';

/** Characters that take two columns of a terminal (Unicode TR 11: wide and full-width, and emoji). */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += wide.test(character) ? 2 : 1;
  return width;
}

/** Cuts a text to a width, with an ellipsis where something is left out. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let result = '';
  for (const character of stripVTControlCharacters(text)) {
    if (textWidth(result + character) > width - 1) break;
    result += character;
  }
  return `${result}…`;
}
