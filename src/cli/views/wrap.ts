import { textWidth } from './width.ts';

/** A line that means something as it stands in Markdown: a list, a heading, a quotation, code. */
const standsAlone = /^(\s|[-*+>#|]|\d+[.)]\s|```)/;

/**
 * Prose for a terminal: each paragraph is broken anew between words, so that the terminal has to break none. Lists and code keep
 * their lines. Without a limit nothing is changed.
 */
export function wrapProse(text: string, width: number): string {
  if (!Number.isFinite(width)) return text;
  return text
    .split(/\n{2,}/)
    .map((paragraph) => {
      const lines = paragraph.split('\n');
      return lines.some((line) => standsAlone.test(line)) ? paragraph : wrapWords(lines.join(' '), width);
    })
    .join('\n\n');
}

/**
 * Breaks a line between words. A word that is wider than the terminal stays whole, so that it can be copied.
 *
 * @param width columns that the words of a line may take, besides the indent
 * @param indent columns that every line but the first is set in
 */
export function wrapWords(line: string, width: number, indent = 0): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/ +/)) {
    if (current === '') current = word;
    else if (textWidth(current) + 1 + textWidth(word) <= width) current += ` ${word}`;
    else {
      lines.push(current);
      current = word;
    }
  }
  return [...lines, current].join(`\n${' '.repeat(indent)}`);
}
