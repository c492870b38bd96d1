import { parse, Range, type SemVer } from 'semver';

/**
 * Reads a version as Helm does (Masterminds/semver `NewVersion`): a leading `v`, missing parts and leading zeros are allowed.
 *
 * @returns undefined where Helm would not take it for a version either
 */
export function parseHelmVersion(text: string): SemVer | undefined {
  const [, numbers, rest = ''] =
    /^v?(\d+(?:\.\d+){0,2})((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/.exec(text) ?? [];
  if (numbers === undefined) return undefined;
  const [major = '0', minor = '0', patch = '0'] = numbers
    .split('.')
    .map((part) => part.replace(/^0+(?=\d)/, ''));
  return parse(`${major}.${minor}.${patch}${rest}`) ?? undefined;
}

/** Newest first. What is no version comes last, in the order of its text. */
export function compareHelmVersions(a: string, b: string): number {
  const [left, right] = [parseHelmVersion(a), parseHelmVersion(b)];
  if (left !== undefined && right !== undefined) return right.compare(left) || right.compareBuild(left);
  if (left === undefined && right === undefined) return a < b ? -1 : a > b ? 1 : 0;
  return left === undefined ? 1 : -1;
}

/** Characters of a range: people write some dozen. */
const longestRange = 512;

/** One alternative (what `||` parts): all of it has to hold. */
interface Alternative {
  readonly range: Range;
  /** `!=` is Helm's alone. */
  readonly not: readonly Range[];
}

/** Versions that a chart or a person allows. */
export interface HelmRange {
  readonly alternatives: readonly Alternative[];
}

/**
 * Reads a range as Helm does (Masterminds/semver): like node's, with commas, `!=`, `=>`, `=<` and `~>` besides. A prerelease
 * fits where its alternative names any prerelease (`>=1.2.0-0`), not only one of the same release.
 *
 * @returns undefined where it is none
 */
export function parseHelmRange(text: string): HelmRange | undefined {
  if (text.length > longestRange) return undefined;
  const alternatives = text.split('||').map(readAlternative);
  return alternatives.every((one) => one !== undefined) ? { alternatives } : undefined;
}

/** True where a version lies in a range. */
export function inHelmRange(version: SemVer, range: HelmRange): boolean {
  return range.alternatives.some(
    (one) => one.range.test(version) && !one.not.some((excluded) => excluded.test(version)),
  );
}

/** An operator belongs to what follows it, whatever white space stands between. */
const comparator = /(?:!=|=>|=<|~>|>=|<=|[~^<>=])?\s*[^\s,]+/g;

function readAlternative(text: string): Alternative | undefined {
  // A hyphen range is told by the white space around its hyphen, which must stay.
  const hyphen = /^\s*\S+\s+-\s+\S+\s*$/.test(text);
  const parts = hyphen
    ? [text.trim()]
    : (text.match(comparator) ?? ['*']).map((part) => part.replace(/\s+/g, ''));
  const includePrerelease = parts.some((part) => /\d-[0-9A-Za-z]/.test(part));
  const read = (comparators: readonly string[]) =>
    rangeOf(comparators.map(asNode).join(' '), includePrerelease);
  const range = read(parts.filter((part) => !part.startsWith('!=')));
  const not = parts.filter((part) => part.startsWith('!=')).map((part) => read([part.slice(2)]));
  if (range === undefined || !not.every((one) => one !== undefined)) return undefined;
  return { range, not };
}

/** Operators that node writes the other way round or not at all. */
function asNode(part: string): string {
  return part.replace(/^=>/, '>=').replace(/^=</, '<=').replace(/^~>/, '~');
}

function rangeOf(text: string, includePrerelease: boolean): Range | undefined {
  try {
    return new Range(text, { includePrerelease });
  } catch {
    return undefined;
  }
}
