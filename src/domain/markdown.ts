import { linkAddress } from './link-address.ts';

/** Characters that are read of a text. */
const longest = 100_000;

/** A piece of a line. A link always has an address that a page may lead to. */
export type MarkdownSpan =
  | { readonly type: 'text' | 'code' | 'strong' | 'emphasis'; readonly text: string }
  | { readonly type: 'link'; readonly text: string; readonly address: string };

export type MarkdownLine = readonly MarkdownSpan[];

export type MarkdownBlock =
  | { readonly type: 'code'; readonly text: string }
  /** `level`: 1 to 6, as it is written. */
  | { readonly type: 'heading'; readonly level: number; readonly line: MarkdownLine }
  | { readonly type: 'list'; readonly ordered: boolean; readonly items: readonly MarkdownLine[] }
  | { readonly type: 'quote' | 'paragraph'; readonly line: MarkdownLine }
  | {
      readonly type: 'table';
      readonly head: readonly MarkdownLine[];
      readonly rows: readonly (readonly MarkdownLine[])[];
    };

/**
 * The part of Markdown that descriptions and READMEs use, as plain data: headings, paragraphs, lists, tables, quotes, code, emphasis, links.
 * Raw HTML and images stay text: both could load or run something. Whoever shows it decides how, and has nothing to trust in it.
 */
export function readMarkdown(text: string): MarkdownBlock[] {
  const lines = text.slice(0, longest).replace(/\r\n?/g, '\n').split('\n');
  const made: MarkdownBlock[] = [];
  for (let at = 0; at < lines.length; ) {
    const rule = rules.find(({ begins }) => begins.test(lines[at] ?? ''));
    const end = rule === undefined ? at + 1 : endOf(lines, at, rule);
    if (rule !== undefined) made.push(rule.read(lines.slice(at, end)));
    at = end;
  }
  return made;
}

interface Rule {
  readonly begins: RegExp;
  /** A further line of the same block. */
  readonly goesOn: RegExp;
  /** The last line, which belongs to it. */
  readonly ends?: RegExp;
  readonly read: (lines: readonly string[]) => MarkdownBlock;
}

const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])\s+/;
const special = /^(?: {0,3}(?:#{1,6}\s|>|```|~~~|\||(?:[-*+]|\d{1,9}[.)])\s))|^\s*$/;

/** The first that begins with a line takes it. */
const rules: readonly Rule[] = [
  { begins: /^ {0,3}(```|~~~)/, goesOn: /^/, ends: /^ {0,3}(```|~~~)\s*$/, read: codeBlock },
  { begins: /^(?: {4}|\t)\s*\S/, goesOn: /^(?: {4}|\t)|^\s*$/, read: indentedCode },
  { begins: /^ {0,3}#{1,6}\s/, goesOn: /$^/, read: heading },
  { begins: listItem, goesOn: /^\s+\S|^ {0,3}(?:[-*+]|\d{1,9}[.)])\s+/, read: list },
  { begins: /^ {0,3}>/, goesOn: /^ {0,3}>/, read: quote },
  { begins: /^ {0,3}\|/, goesOn: /^ {0,3}\|/, read: table },
  { begins: /\S/, goesOn: /\S/, read: paragraph },
];

function endOf(lines: readonly string[], from: number, rule: Rule): number {
  let at = from + 1;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (rule.ends?.test(line) === true) return at + 1;
    if (!rule.goesOn.test(line)) return at;
    if (rule.read === paragraph && special.test(line)) return at;
    at += 1;
  }
  return at;
}

function codeBlock(lines: readonly string[]): MarkdownBlock {
  const closed = lines.length > 1 && /^ {0,3}(```|~~~)\s*$/.test(lines.at(-1) ?? '');
  return code(lines.slice(1, closed ? -1 : undefined));
}

function indentedCode(lines: readonly string[]): MarkdownBlock {
  return code(lines.map((line) => line.replace(/^(?: {4}|\t)/, '')));
}

function code(lines: readonly string[]): MarkdownBlock {
  return { type: 'code', text: lines.join('\n').trimEnd() };
}

function heading([line = '']: readonly string[]): MarkdownBlock {
  const [, marks = '#', text = ''] = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) ?? [];
  return { type: 'heading', level: marks.length, line: spansOf(text) };
}

function list(lines: readonly string[]): MarkdownBlock {
  const items: string[] = [];
  for (const line of lines) {
    if (listItem.test(line) || items.length === 0) items.push(line.trim().replace(listItem, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim().replace(listItem, '')}`);
  }
  return { type: 'list', ordered: /^ {0,3}\d/.test(lines[0] ?? ''), items: items.map(spansOf) };
}

function quote(lines: readonly string[]): MarkdownBlock {
  return { type: 'quote', line: spansOf(lines.map((line) => line.replace(/^ {0,3}> ?/, '')).join(' ')) };
}

function table(lines: readonly string[]): MarkdownBlock {
  const [head = [], ...rows] = lines
    .filter((line) => !/^[\s|:-]+$/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/^\||\|$/g, '')
        .split('|')
        .map((cell) => spansOf(cell.trim())),
    );
  return { type: 'table', head, rows };
}

function paragraph(lines: readonly string[]): MarkdownBlock {
  return { type: 'paragraph', line: spansOf(lines.map((line) => line.trim()).join(' ')) };
}

/** Bounded everywhere: a text of brackets must not take long. */
const spans =
  /`([^`]{1,2000})`|!?\[([^[\]]{0,500})\]\(([^()\s]{1,1000})\)|<(https?:\/\/[^<>\s]{1,1000})>|\*\*([^*]{1,1000})\*\*|(?<![\w*])[*_]([^*_\s][^*_]{0,1000})[*_](?![\w*])/g;

function spansOf(text: string): MarkdownLine {
  const made: MarkdownSpan[] = [];
  let at = 0;
  for (const match of text.matchAll(spans)) {
    if (match.index > at) made.push({ type: 'text', text: text.slice(at, match.index) });
    made.push(span(match));
    at = match.index + match[0].length;
  }
  if (at < text.length) made.push({ type: 'text', text: text.slice(at) });
  return made;
}

function span([whole, verbatim, label, target, bare, strong, emphasis]: RegExpExecArray): MarkdownSpan {
  if (verbatim !== undefined) return { type: 'code', text: verbatim };
  if (label !== undefined)
    return whole.startsWith('!') ? { type: 'text', text: label } : link(target ?? '', label);
  if (bare !== undefined) return link(bare, bare);
  if (strong !== undefined) return { type: 'strong', text: strong };
  return { type: 'emphasis', text: emphasis ?? '' };
}

/** The text alone where it may be no link. */
function link(target: string, text: string): MarkdownSpan {
  const address = linkAddress(target);
  return address === undefined ? { type: 'text', text } : { type: 'link', text, address };
}
