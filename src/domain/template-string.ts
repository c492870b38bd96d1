/** A piece of a string: text as it stands, or an expression with the offset of its first character in the string. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly source: string; readonly at: number };

/** A string cut into its pieces. */
export interface Template {
  readonly parts: readonly TemplatePart[];
  /** The one expression that the whole string is: its value keeps its type. */
  readonly whole: (TemplatePart & { readonly kind: 'expression' }) | undefined;
}

/** Why a string is no template. `at` is an offset in the string. */
export interface TemplateProblem {
  readonly problem: string;
  readonly at: number;
}

/** True where a string needs no parsing: it holds no `${`. */
export function isPlain(text: string): boolean {
  return !text.includes('${');
}

/**
 * Cuts a string into text and `${ ... }` expressions. `$${` stands for a literal `${`. The end of an expression is found with
 * CEL's own rules for strings and comments, so braces inside of maps and strings do not end it.
 */
export function parseTemplate(text: string): Template | TemplateProblem {
  const parts: TemplatePart[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('${', at);
    if (open < 0) break;
    if (open > 0 && text[open - 1] === '$' && open - 1 >= at) {
      literal += `${text.slice(at, open - 1)}\${`;
      at = open + 2;
      continue;
    }
    const end = findEnd(text, open + 2);
    if (typeof end !== 'number') return end;
    literal += text.slice(at, open);
    if (literal !== '') parts.push({ kind: 'text', text: literal });
    literal = '';
    parts.push({ kind: 'expression', source: text.slice(open + 2, end), at: open + 2 });
    at = end + 1;
  }
  literal += text.slice(at);
  if (literal !== '') parts.push({ kind: 'text', text: literal });
  const [first, second] = parts;
  return { parts, whole: second === undefined && first?.kind === 'expression' ? first : undefined };
}

/** Offset of the `}` that ends the expression that begins at `start`. */
function findEnd(text: string, start: number): number | TemplateProblem {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '}' && depth === 0)
      return text.slice(start, at).trim() === '' ? { problem: 'the expression is empty', at: start } : at;
    if (character === '{') depth++;
    else if (character === '}') depth--;
    const next = skipToken(text, at);
    if (next === undefined) return { problem: 'a string in the expression is not closed', at };
    at = next;
  }
  return { problem: 'the expression is not closed: `}` is missing', at: start - 2 };
}

/** Offset after the string, comment or single character at an offset; undefined for a string without end. */
function skipToken(text: string, at: number): number | undefined {
  const character = text.charAt(at);
  if (character === '"' || character === "'") return skipString(text, at);
  if (character === '/' && text[at + 1] === '/') {
    const newline = text.indexOf('\n', at);
    return newline < 0 ? text.length : newline;
  }
  return at + 1;
}

/** CEL strings: single or triple quotes of either kind; with `r` before them a backslash escapes nothing. */
function skipString(text: string, at: number): number | undefined {
  const quote = text.charAt(at);
  const triple = text.startsWith(quote.repeat(3), at);
  const close = triple ? quote.repeat(3) : quote;
  const raw = isRaw(text, at);
  let position = at + close.length;
  while (position < text.length) {
    if (!raw && text[position] === '\\') position += 2;
    else if (text.startsWith(close, position)) return position + close.length;
    else if (!triple && text[position] === '\n') return undefined;
    else position++;
  }
  return undefined;
}

function isRaw(text: string, at: number): boolean {
  const prefix = /(^|[^A-Za-z0-9_])([rR]|[rR][bB]|[bB][rR])$/.exec(text.slice(Math.max(0, at - 3), at));
  return prefix !== null;
}

/** Words of an expression that are names: not behind a dot, not in strings or comments. Calls back with each one. */
export function eachName(source: string, visit: (name: string, at: number) => void): void {
  const word = /[A-Za-z_][A-Za-z0-9_]*|\d[A-Za-z0-9_.]*/y;
  let at = 0;
  while (at < source.length) {
    word.lastIndex = at;
    const found = word.exec(source)?.[0];
    if (found === undefined) {
      at = skipToken(source, at) ?? source.length;
      continue;
    }
    const quote = source[at + found.length];
    const prefix = /^[rRbB]{1,2}$/.test(found) && (quote === '"' || quote === "'");
    if (!prefix && !/^\d/.test(found) && !isMember(source, at)) visit(found, at);
    at += found.length;
  }
}

function isMember(source: string, at: number): boolean {
  const before = source.slice(0, at).trimEnd();
  return before.endsWith('.') || before.endsWith('.?');
}
