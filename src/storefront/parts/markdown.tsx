import { type ComponentChild, h } from 'preact';
import {
  type MarkdownBlock,
  type MarkdownLine,
  type MarkdownSpan,
  readMarkdown,
} from '../../domain/markdown.ts';
import { cleanText } from '../../domain/text.ts';
import { Outside } from './link.tsx';

/** Characters of one text. */
const longest = 200_000;

/**
 * Text of strangers: headings, lists, tables, code and links, as elements. No HTML of theirs gets into the page, no picture is loaded.
 * `level`: of the highest heading.
 */
export function Markdown({ text, level }: { readonly text: string; readonly level: number }) {
  const blocks = readMarkdown(cleanText(text, longest));
  return h('div', { class: 'prose' }, ...blocks.map((block) => shown(block, level)));
}

/** One line of it, for descriptions: code and emphasis, no links or lists. */
export function MarkdownText({ text }: { readonly text: string }) {
  const lines = readMarkdown(cleanText(text)).flatMap((block) => ('line' in block ? [block.line] : []));
  return h('span', null, ...lines.flatMap((line) => [...inline(line), ' ']));
}

/** What scrolls sideways has to be reachable by keyboard. */
const scrolls = { tabIndex: 0 };

function shown(block: MarkdownBlock, level: number): ComponentChild {
  switch (block.type) {
    case 'code':
      return h('pre', scrolls, h('code', null, block.text));
    case 'heading':
      return h(`h${Math.min(6, level + block.level - 1)}`, null, ...inline(block.line));
    case 'list':
      return h(
        block.ordered ? 'ol' : 'ul',
        null,
        ...block.items.map((item) => h('li', null, ...inline(item))),
      );
    case 'quote':
      return h('blockquote', null, h('p', null, ...inline(block.line)));
    case 'paragraph':
      return h('p', null, ...inline(block.line));
    case 'table': {
      const head = block.head.map((cell) => h('th', { scope: 'col' }, ...inline(cell)));
      const rows = block.rows.map((row) =>
        h('tr', null, ...row.map((cell) => h('td', null, ...inline(cell)))),
      );
      const table = h('table', null, h('thead', null, h('tr', null, ...head)), h('tbody', null, ...rows));
      return h('div', { class: 'wide', ...scrolls }, table);
    }
  }
}

function inline(line: MarkdownLine): ComponentChild[] {
  return line.map(span);
}

function span(one: MarkdownSpan): ComponentChild {
  switch (one.type) {
    case 'text':
      return one.text;
    case 'code':
      return <code>{one.text}</code>;
    case 'strong':
      return <strong>{one.text}</strong>;
    case 'emphasis':
      return <em>{one.text}</em>;
    case 'link':
      return <Outside href={one.address}>{one.text}</Outside>;
  }
}
