import { AppstoreError } from './errors.ts';
import { type GoPattern, matchesGoPattern, parseGoPattern } from './go-match.ts';

/** The file whose lines say what of a chart's folder is no part of the chart. */
export const helmIgnoreFile = '.helmignore';

/** Says of a path inside the chart whether it is left out; what is inside an ignored folder is left out with it. */
export type HelmIgnore = (path: string, isFolder: boolean) => boolean;

interface Rule {
  readonly pattern: GoPattern;
  readonly negated: boolean;
  readonly onlyFolders: boolean;
  /** Without a `/` inside, the last part of the path alone is compared. */
  readonly wholePath: boolean;
}

/** Helm's own: hidden files directly in `templates/`. */
const defaults = 'templates/.?*';

/**
 * Reads a `.helmignore` by Helm's rules (its `pkg/ignore`), which are not those of git: the first rule that fits decides; a rule
 * that begins with `!` leaves out all that it does not match, and ends the search unless it matches; there is no `**`.
 *
 * @param source how messages name the package
 * @throws AppstoreError PACKAGE_INVALID with the line that Helm would refuse as well
 */
export function parseHelmIgnore(text: string, source: string): HelmIgnore {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const rules = [...lines, defaults].flatMap((line, index) => readRule(line.trim(), index + 1, source));
  return (path, isFolder) => {
    for (const rule of rules) {
      const decided = decide(rule, path, isFolder);
      if (decided) return true;
    }
    return false;
  };
}

/** A negated rule for folders leaves out every file: what it says of files is never asked. */
function decide(rule: Rule, path: string, isFolder: boolean): boolean {
  const applies = !rule.onlyFolders || isFolder;
  if (!applies) return rule.negated;
  return matchesGoPattern(rule.pattern, rule.wholePath ? path : lastPart(path)) !== rule.negated;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function readRule(line: string, number: number, source: string): readonly Rule[] {
  if (line === '' || line.startsWith('#')) return [];
  if (line.includes('**')) throw refused(source, number, line, 'Helm knows no `**` there');
  // Helm tries the line as it stands, `!` and `/` included.
  if (parseGoPattern(line) === undefined) throw refused(source, number, line, 'it is no pattern');
  const negated = line.startsWith('!');
  const open = negated ? line.slice(1) : line;
  const onlyFolders = open.endsWith('/');
  const bare = onlyFolders ? open.slice(0, -1) : open;
  const pattern = parseGoPattern(bare.replace(/^\//, ''));
  if (pattern === undefined) throw refused(source, number, line, 'it is no pattern');
  return [{ pattern, negated, onlyFolders, wholePath: bare.includes('/') }];
}

function refused(source: string, line: number, text: string, why: string): AppstoreError {
  const file = `${source}/${helmIgnoreFile}`;
  return new AppstoreError('PACKAGE_INVALID', `${file}:${line}: \`${text}\` is refused: ${why}.`, {
    hint: 'Write it as a pattern of one folder level (https://helm.sh/docs/chart_template_guide/helm_ignore_file/).',
    place: { file, line },
  });
}
