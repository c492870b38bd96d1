import {
  type MarkdownBlock,
  type MarkdownLine,
  type MarkdownSpan,
  readMarkdown,
} from '../../../../domain/markdown.ts';
import { Html, html, link } from './html.ts';

/**
 * Markdown as HTML. No level of headings is left out, whatever the text begins with: whoever hears the page finds the way by them.
 *
 * @param level of the highest heading
 */
export function markdown(text: string, level: number): Html {
  const levelOf = outline(level);
  return html`${readMarkdown(text).map((block) => written(block, levelOf(block)))}`;
}

/** The level of a heading: one below the heading that it belongs to. */
function outline(highest: number): (block: MarkdownBlock) => number {
  const above: number[] = [];
  return (block) => {
    if (block.type !== 'heading') return highest;
    while ((above.at(-1) ?? 0) >= block.level) above.pop();
    above.push(block.level);
    return Math.min(6, highest + above.length - 1);
  };
}

function written(block: MarkdownBlock, level: number): Html {
  switch (block.type) {
    case 'code':
      return html`<pre tabindex="0"><code>${block.text}</code></pre>
`;
    case 'heading': {
      const name = Html.of(`h${level}`);
      return html`<${name}>${inline(block.line)}</${name}>
`;
    }
    case 'list': {
      const name = Html.of(block.ordered ? 'ol' : 'ul');
      return html`<${name}>${block.items.map((item) => html`<li>${inline(item)}</li>`)}</${name}>
`;
    }
    case 'quote':
      return html`<blockquote><p>${inline(block.line)}</p></blockquote>
`;
    case 'table':
      return table(block);
    case 'paragraph':
      return html`<p>${inline(block.line)}</p>
`;
  }
}

function table({ head, rows }: Extract<MarkdownBlock, { readonly type: 'table' }>): Html {
  const headCells = head.map((cell) => html`<th scope="col">${inline(cell)}</th>`);
  const body = rows.map(
    (row) => html`<tr>${row.map((cell) => html`<td>${inline(cell)}</td>`)}</tr>
`,
  );
  return html`<div class="wide" tabindex="0"><table><thead><tr>${headCells}</tr></thead>
<tbody>${body}</tbody></table></div>
`;
}

function inline(line: MarkdownLine): Html {
  return html`${line.map(span)}`;
}

function span(one: MarkdownSpan): Html {
  switch (one.type) {
    case 'text':
      return html`${one.text}`;
    case 'code':
      return html`<code>${one.text}</code>`;
    case 'strong':
      return html`<strong>${one.text}</strong>`;
    case 'emphasis':
      return html`<em>${one.text}</em>`;
    case 'link':
      return link(one.address, one.text);
  }
}
