import type { TextStyle } from './print.ts';
import { textWidth, truncate } from './width.ts';
import { wrapWords } from './wrap.ts';

/** One column: its title, and whether it may be cut where the terminal is narrow. */
export interface Column {
  readonly title: string;
  readonly flexible?: boolean;
}

const gap = 3;
const narrowest = 12;

/**
 * A table without borders, as kubectl's. On a terminal the flexible columns are cut so that a row stays one line; where even that
 * is too wide, each row is a block of lines instead. In a pipe nothing is cut.
 */
export async function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: Pick<TextStyle, 'palette' | 'width'>,
): Promise<string> {
  const widths = fitWidths(columns, rows, style.width);
  if (sum(widths) + gap * (columns.length - 1) > style.width) return renderBlocks(columns, rows, style);
  const cut = (row: readonly string[]): string[] =>
    row.map((cell, index) => truncate(cell, widths[index] ?? 0));
  const lines = [columns.map((column) => style.palette.bold(column.title)), ...rows.map(cut)];
  const text = lines.length > shortTable ? padded(lines, widths) : await laidOut(lines);
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/**
 * cli-table3 takes time with the square of the rows (1,000: half a second; 100: a sixth of a whole search). The rows of a longer table than
 * this, each of which is one line by now, are only padded.
 */
const shortTable = 20;

async function laidOut(lines: readonly string[][]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    chars: borderless,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(...lines);
  return table.toString();
}

function padded(lines: readonly string[][], widths: readonly number[]): string {
  const pad = (cell: string, width = 0): string => cell + ' '.repeat(Math.max(0, width - textWidth(cell)));
  return lines
    .map((cells) => cells.map((cell, index) => pad(cell, widths[index])).join(borderless.middle))
    .join('\n');
}

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

/** A cell under the other, with the title of its column; an empty line between rows. */
function renderBlocks(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { palette, width }: Pick<TextStyle, 'palette' | 'width'>,
): string {
  const titles = Math.max(...columns.map(({ title }) => textWidth(title))) + 2;
  const lineOf = ({ title }: Column, cell: string): string =>
    `${palette.bold(title)}${' '.repeat(titles - textWidth(title))}${wrapWords(cell, width - titles, titles)}`;
  return rows
    .map((row) =>
      columns
        .map((column, index) => ({ column, cell: row[index] ?? '' }))
        .filter(({ cell }) => cell !== '')
        .map(({ column, cell }) => lineOf(column, cell))
        .join('\n'),
    )
    .join('\n\n');
}

/** Widths of the columns: the widest of the flexible ones give way first. */
function fitWidths(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  available: number,
): readonly number[] {
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[index] ?? ''))),
  );
  const flexible = [...columns.keys()].filter((index) => columns[index]?.flexible === true);
  const total = sum(widths) + gap * (columns.length - 1);
  for (let excess = total - Math.min(total, available); excess > 0; excess--) {
    const widest = flexible.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0] ?? -1;
    const width = widths[widest] ?? 0;
    if (width <= narrowest) break;
    widths[widest] = width - 1;
  }
  return widths;
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, width) => total + width, 0);
}
