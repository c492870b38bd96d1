/** The versions of one chart as an index writes them. */
export interface IndexSection {
  /** YAML: one key, the chart's name, with the list of its versions. */
  readonly text: string;
  /** Line of the index that it begins at. */
  readonly line: number;
}

/** Why an index is refused, in words that follow its name. */
export class IndexRefused extends Error {}

/** Characters of one chart's versions: the longest that is published has about two million. */
const longestSection = 16 * 1024 * 1024;

/**
 * Cuts the index of a Helm repository into the charts of its `entries`, while it comes in: each is then parsed by itself, so that
 * the memory does not grow with the index. It relies on the form that `helm repo index` and every server of charts write: `entries`
 * on a line of its own, each chart's name indented below. Inside a chart every line is indented further (or begins a list), in
 * quoted and folded text as well, so that a name cannot be mistaken.
 *
 * @throws IndexRefused
 */
export async function* sectionsOf(lines: AsyncIterable<readonly string[]>): AsyncGenerator<IndexSection> {
  let state: 'before' | 'entries' | 'after' = 'before';
  let indent: number | undefined;
  let section: { readonly lines: string[]; readonly line: number } | undefined;
  let length = 0;
  let number = 0;
  for await (const batch of lines) {
    for (const line of batch) {
      number += 1;
      if (state !== 'entries') {
        if (state === 'before' && /^entries:/.test(line)) state = enter(line);
        continue;
      }
      const spaces = line.search(/[^ ]/);
      const blank = spaces < 0 || line[spaces] === '#' || line[spaces] === '\r';
      if (!blank && spaces === 0 && !line.startsWith('-')) {
        state = 'after';
        if (section !== undefined) yield finished(section);
        section = undefined;
        continue;
      }
      if (!blank) indent ??= requireIndent(spaces, number);
      if (!blank && spaces === indent && line[spaces] !== '-') {
        if (section !== undefined) yield finished(section);
        section = { lines: [], line: number };
        length = 0;
      }
      if (section === undefined) {
        if (!blank)
          throw new IndexRefused(`has a line in \`entries\` that belongs to no chart (line ${number})`);
        continue;
      }
      section.lines.push(line);
      length += line.length + 1;
      if (length > longestSection)
        throw new IndexRefused(
          `has a chart with more than ${longestSection} characters (line ${section.line})`,
        );
    }
  }
  if (state === 'before') throw new IndexRefused('holds no `entries`: it is no index of a Helm repository');
  if (section !== undefined) yield finished(section);
}

function finished(section: { readonly lines: readonly string[]; readonly line: number }): IndexSection {
  return { text: section.lines.join('\n'), line: section.line };
}

function enter(line: string): 'entries' | 'after' {
  const rest = line
    .slice('entries:'.length)
    .replace(/(^|\s)#.*$/, '')
    .trim();
  if (rest === '') return 'entries';
  if (rest === '{}' || rest === 'null' || rest === '~') return 'after';
  throw new IndexRefused('has its `entries` on one line: `helm repo index` writes one that is read');
}

function requireIndent(spaces: number, line: number): number {
  if (spaces > 0) return spaces;
  throw new IndexRefused(`has a list as its \`entries\` (line ${line})`);
}

/** Lines of text that comes in pieces. Throws TypeError where it is not UTF-8. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestSection)
      throw new IndexRefused(`has a line of more than ${longestSection} characters`);
    yield lines;
  }
  yield [rest + decoder.decode()];
}
