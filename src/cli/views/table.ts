import { stripVTControlCharacters } from 'node:util';
import type { TextStyle } from './print.ts';

/** One column: its title, and whether it may be cut where the terminal is narrow. */
export interface Column {
  readonly title: string;
  readonly flexible?: boolean;
}

const gap = 3;
const narrowest = 12;

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

/**
 * A table without borders, as kubectl's. On a terminal the flexible columns are cut so that a row stays one line; in a pipe
 * nothing is cut. `empty` is said where there are no rows.
 */
export async function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Pick<TextStyle, 'palette' | 'width'>,
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const widths = fitWidths(columns, rows, style.width);
  const cut = (row: readonly string[]): string[] =>
    row.map((cell, index) => truncate(cell, widths[index] ?? 0));
  const lines = [columns.map((column) => style.palette.bold(column.title)), ...rows.map(cut)];
  const blocks = Array.from({ length: Math.ceil(lines.length / blockSize) }, (_, at) => {
    const table = new Table({
      chars: borderless,
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
      // Where there is one block only, it may measure for itself
      ...(lines.length > blockSize ? { colWidths: [...widths] } : {}),
    });
    table.push(...lines.slice(at * blockSize, (at + 1) * blockSize));
    return table.toString();
  });
  return blocks
    .join('\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** cli-table3 takes time with the square of the rows (1,000: half a second), so long tables are made of parts of this many. */
const blockSize = 40;

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(gap),
};

function fitWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  available: number,
): readonly number[] {
  const natural = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[index] ?? ''))),
  );
  let excess = natural.reduce((sum, width) => sum + width, gap * (columns.length - 1)) - available;
  return natural.map((width, index) => {
    if (excess <= 0 || columns[index]?.flexible !== true) return width;
    const fitted = Math.max(Math.min(width, narrowest), width - excess);
    excess -= width - fitted;
    return fitted;
  });
}
