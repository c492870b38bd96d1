import { stripVTControlCharacters } from 'node:util';
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

/** Between words: spaces, but not those inside of a quoted command, which is to be copied whole. */
const gaps = / +(?=(?:[^`]*`[^`]*`)*[^`]*$)/;

/**
 * Breaks the lines of a message that are wider than the terminal between words, so that the terminal breaks none of them. What follows is set
 * in further than the line begins. Everything else stays as it is, lines that fit and what is wider by itself included.
 *
 * @param width columns of the terminal; infinite where there is none
 * @param further columns by which what follows is set in further
 */
export function wrapLines(text: string, width: number, further = 2): string {
  if (!Number.isFinite(width)) return text;
  return text
    .split('\n')
    .map((line) => (textWidth(line) <= width ? line : wrapLine(line, width, further)))
    .join('\n');
}

function wrapLine(line: string, width: number, further: number): string {
  const set = ' '.repeat(marginOf(line) + further);
  const [first = '', ...rest] = line.split(new RegExp(`(${gaps.source})`));
  const lines: string[] = [];
  let current = first;
  for (let index = 0; index < rest.length; index += 2) {
    const [gap = '', word = ''] = rest.slice(index, index + 2);
    const isMargin = textWidth(current.trim()) === 0;
    if (isMargin || textWidth(current + gap + word) <= width) current += gap + word;
    else {
      lines.push(current);
      current = set + word;
    }
  }
  return [...lines, current].join('\n');
}

/** Columns that a line is set in, colours or not. */
function marginOf(line: string): number {
  const shown = stripVTControlCharacters(line);
  return shown.length - shown.trimStart().length;
}
