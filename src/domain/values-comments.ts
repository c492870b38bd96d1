/** What the comments of a values.yaml say of one value. */
export interface ValueComment {
  /** Where its key stands among all keys; undefined where only a comment names it. */
  readonly order?: number;
  readonly description: string;
  /** Heading that it stands under; `''` for none. */
  readonly section: string;
  /** The author says that it is not for users. */
  readonly hidden: boolean;
}

/**
 * Reads the comments of a values.yaml by path (`a.b`), in the three ways that charts have: `# -- text` (helm-docs), `@param path text`
 * and `@section title` (Bitnami's readme-generator), and plain comments above a key. Line by line: the values themselves are
 * read by Helm's own code, and a full parser that keeps comments takes a second for large files.
 */
export function readComments(text: string): ReadonlyMap<string, ValueComment> {
  const reader = new CommentReader();
  for (const line of text.split(/\r?\n/)) reader.line(line);
  return reader.found;
}

const keyLine = /^( *)("[^"]+"|'[^']+'|[^\s#&*!|>%@`,[\]{}"'-][^:#]*?):(?:\s+(.*))?$/;
const parameter = /^@(param|extra)\s+(\S+)\s*(?:\[[^\]]*\]\s*)?(.*)$/;
const helmDocs = /^(?:([^@\s]\S*)\s+)?--\s*(.*)$/;

class CommentReader {
  readonly found = new Map<string, ValueComment>();
  /** Keys that the current line lies in, with their indentation. */
  private parents: { readonly key: string; readonly indent: number }[] = [];
  private comments: string[] = [];
  private section = '';
  /** Everything further in belongs to a block of text or a list. */
  private skipBeyond: number | undefined;
  private count = 0;

  line(line: string): void {
    const trimmed = line.trim();
    const indent = line.length - line.trimStart().length;
    if (this.skipBeyond !== undefined && (trimmed === '' || indent > this.skipBeyond)) return;
    if (trimmed.startsWith('#')) this.comment(trimmed.replace(/^#+ ?/, ''));
    else if (trimmed === '') this.comments = [];
    else this.content(line, indent);
  }

  private comment(text: string): void {
    this.skipBeyond = undefined;
    const [, , path, said] = parameter.exec(text) ?? [];
    const section = /^@section\s+(?:--\s*)?(.*)$/.exec(text)?.[1];
    if (path !== undefined) this.name(path, said ?? '');
    else if (section !== undefined) this.section = section.trim();
    else this.comments.push(text);
  }

  private content(line: string, indent: number): void {
    const [, , written, value = ''] = keyLine.exec(line) ?? [];
    this.skipBeyond = undefined;
    if (written === undefined) {
      // An entry of a list: what is further in is not a value of its own.
      if (line.trimStart().startsWith('-')) this.skipBeyond = indent;
      this.comments = [];
      return;
    }
    const key = written.replace(/^["']|["']$/g, '');
    this.parents = this.parents.filter((parent) => parent.indent < indent);
    this.parents.push({ key, indent });
    if (/^[|>]/.test(value)) this.skipBeyond = indent;
    this.above(this.parents.map((parent) => parent.key).join('.'));
    this.comments = [];
  }

  /** What stands right above a key. */
  private above(path: string): void {
    const told = described(this.comments);
    for (const [other, text] of told.named) this.name(other, text);
    const order = this.count++;
    const named = this.found.get(path);
    // What is told by name wins over what stands above the key.
    const own = { description: told.own, section: this.section, hidden: told.hidden };
    this.found.set(path, { order, ...(named ?? own) });
  }

  private name(path: string, description: string): void {
    this.found.set(path, { description: description.trim(), section: this.section, hidden: false });
  }
}

interface Told {
  readonly own: string;
  /** `# path -- text`, helm-docs' older way. */
  readonly named: readonly (readonly [string, string])[];
  readonly hidden: boolean;
}

/** The description in a block of comments. `# --` begins one; without it the whole block is one, up to an example in YAML. */
function described(comments: readonly string[]): Told {
  const start = comments.findLastIndex((line) => helmDocs.test(line));
  const tags = comments.filter((line) => line.startsWith('@'));
  const hidden = tags.some((tag) => /^@(ignored|ignore|skip)\b/.test(tag));
  const [, path, first = ''] = start < 0 ? [] : (helmDocs.exec(comments[start] ?? '') ?? []);
  const rest = comments.slice(start + 1);
  const end = rest.findIndex((line) => isExample(line) || line.startsWith('@'));
  const lines = [first, ...(end < 0 ? rest : rest.slice(0, end))];
  const text = lines
    .map((line) => line.trim())
    .filter((line) => !/^[=\-#*\s]*$/.test(line))
    .join(' ')
    .replace(/^\([a-z/]+\)\s*/i, '');
  return path === undefined ? { own: text, named: [], hidden } : { own: '', named: [[path, text]], hidden };
}

/** A key with a value, or an entry of a list: what an author shows, not what he says. */
function isExample(line: string): boolean {
  return (
    /^\s*(- |[A-Za-z0-9_.-]+:(\s|$))/.test(line) && !/^\s*(ref|note|see|e\.g|example|default)s?:/i.test(line)
  );
}
