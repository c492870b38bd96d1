import { escapeHtml } from '../../../../domain/html.ts';
import { linkAddress } from '../../../../domain/link-address.ts';
import { cleanText } from '../../../../domain/text.ts';

/** Text that is HTML already. Only `html` makes it: whatever else is put into a page is escaped. */
export class Html {
  readonly text: string;
  private constructor(text: string) {
    this.text = text;
  }
  /** For what this program wrote itself. */
  static of(text: string): Html {
    return new Html(text);
  }
}

type Piece = string | number | Html | readonly Html[] | undefined;

/** Puts pieces into HTML: texts are cleaned of invisible characters and escaped, for elements and for attributes in double quotes. */
export function html(fixed: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return Html.of(fixed.map((text, at) => text + written(pieces[at])).join(''));
}

function written(piece: Piece): string {
  if (piece === undefined) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'object') return piece.map(({ text }) => text).join('');
  return escaped(String(piece));
}

function escaped(text: string): string {
  return escapeHtml(cleanText(text, longest));
}

/** Characters of one text of a page. */
const longest = 200_000;

/** A link where it may be one, else the text alone. */
export function link(address: string, text: string | Html): Html {
  const href = linkAddress(address);
  return href === undefined
    ? html`${text}`
    : html`<a href="${href}" rel="noopener noreferrer nofollow">${text}</a>`;
}
