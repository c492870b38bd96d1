import { Html, html, link } from './html.ts';

/** Characters that are shown of a text. */
const longest = 100_000;

/**
 * The part of Markdown that descriptions and READMEs use, as HTML: headings, paragraphs, lists, tables, quotes, code, emphasis, links. Raw
 * HTML and images stay text: both could load or run something.
 *
 * @param level of the highest heading
 */
export function markdown(text: string, level: number): Html {
  const lines = text.slice(0, longest).replace(/\r\n?/g, '\n').split('\n');
  const made: Html[] = [];
  for (let at = 0; at < lines.length; ) {
    const rule = rules.find(({ begins }) => begins.test(lines[at] ?? ''));
    const end = rule === undefined ? at + 1 : endOf(lines, at, rule);
    if (rule !== undefined) made.push(rule.write(lines.slice(at, end), level));
    at = end;
  }
  return html`${made}`;
}

interface Block {
  readonly begins: RegExp;
  /** A further line of the same block. */
  readonly goesOn: RegExp;
  /** The last line, which belongs to it. */
  readonly ends?: RegExp;
  readonly write: (lines: readonly string[], level: number) => Html;
}

const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])\s+/;
const special = /^(?: {0,3}(?:#{1,6}\s|>|```|~~~|\||(?:[-*+]|\d{1,9}[.)])\s))|^\s*$/;

/** The first that begins with a line takes it. */
const rules: readonly Block[] = [
  { begins: /^ {0,3}(```|~~~)/, goesOn: /^/, ends: /^ {0,3}(```|~~~)\s*$/, write: codeBlock },
  { begins: /^(?: {4}|\t)\s*\S/, goesOn: /^(?: {4}|\t)|^\s*$/, write: indentedCode },
  { begins: /^ {0,3}#{1,6}\s/, goesOn: /$^/, write: heading },
  { begins: listItem, goesOn: /^\s+\S|^ {0,3}(?:[-*+]|\d{1,9}[.)])\s+/, write: list },
  { begins: /^ {0,3}>/, goesOn: /^ {0,3}>/, write: quote },
  { begins: /^ {0,3}\|/, goesOn: /^ {0,3}\|/, write: table },
  { begins: /\S/, goesOn: /\S/, write: paragraph },
];

function endOf(lines: readonly string[], from: number, rule: Block): number {
  let at = from + 1;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (rule.ends?.test(line) === true) return at + 1;
    if (!rule.goesOn.test(line)) return at;
    if (rule.write === paragraph && special.test(line)) return at;
    at += 1;
  }
  return at;
}

function codeBlock(lines: readonly string[]): Html {
  const closed = lines.length > 1 && /^ {0,3}(```|~~~)\s*$/.test(lines.at(-1) ?? '');
  return code(lines.slice(1, closed ? -1 : undefined));
}

function indentedCode(lines: readonly string[]): Html {
  return code(lines.map((line) => line.replace(/^(?: {4}|\t)/, '')));
}

function code(lines: readonly string[]): Html {
  return html`<pre tabindex="0"><code>${lines.join('\n').trimEnd()}</code></pre>
`;
}

function heading([line = '']: readonly string[], level: number): Html {
  const [, marks = '#', text = ''] = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) ?? [];
  const name = Html.of(`h${Math.min(6, level + marks.length - 1)}`);
  return html`<${name}>${inline(text)}</${name}>
`;
}

function list(lines: readonly string[]): Html {
  const items: string[] = [];
  for (const line of lines) {
    if (listItem.test(line) || items.length === 0) items.push(line.trim().replace(listItem, ''));
    else items.push(`${items.pop() ?? ''} ${line.trim().replace(listItem, '')}`);
  }
  const name = Html.of(/^ {0,3}\d/.test(lines[0] ?? '') ? 'ol' : 'ul');
  return html`<${name}>${items.map((item) => html`<li>${inline(item)}</li>`)}</${name}>
`;
}

function quote(lines: readonly string[]): Html {
  return html`<blockquote><p>${inline(lines.map((line) => line.replace(/^ {0,3}> ?/, '')).join(' '))}</p></blockquote>
`;
}

function table(lines: readonly string[]): Html {
  const [head = [], ...rows] = lines
    .filter((line) => !/^[\s|:-]+$/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/^\||\|$/g, '')
        .split('|'),
    );
  const headCells = head.map((cell) => html`<th scope="col">${inline(cell.trim())}</th>`);
  const body = rows.map(
    (row) => html`<tr>${row.map((cell) => html`<td>${inline(cell.trim())}</td>`)}</tr>
`,
  );
  return html`<div class="wide" tabindex="0"><table><thead><tr>${headCells}</tr></thead>
<tbody>${body}</tbody></table></div>
`;
}

function paragraph(lines: readonly string[]): Html {
  return html`<p>${inline(lines.map((line) => line.trim()).join(' '))}</p>
`;
}

/** Bounded everywhere: a text of brackets must not take long. */
const spans =
  /`([^`]{1,2000})`|!?\[([^[\]]{0,500})\]\(([^()\s]{1,1000})\)|<(https?:\/\/[^<>\s]{1,1000})>|\*\*([^*]{1,1000})\*\*|(?<![\w*])[*_]([^*_\s][^*_]{0,1000})[*_](?![\w*])/g;

function inline(text: string): Html {
  const made: Html[] = [];
  let at = 0;
  for (const match of text.matchAll(spans)) {
    made.push(html`${text.slice(at, match.index)}`, span(match));
    at = match.index + match[0].length;
  }
  return html`${made}${text.slice(at)}`;
}

function span([whole, verbatim, label, target, bare, strong, emphasis]: RegExpExecArray): Html {
  if (verbatim !== undefined) return html`<code>${verbatim}</code>`;
  if (label !== undefined) return whole.startsWith('!') ? html`${label}` : link(target ?? '', label);
  if (bare !== undefined) return link(bare, bare);
  if (strong !== undefined) return html`<strong>${strong}</strong>`;
  return html`<em>${emphasis ?? ''}</em>`;
}
