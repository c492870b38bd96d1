import type { AppMetadata } from './app.ts';
import { distance } from './near.ts';

/** What a word of a query may match, best first. The points are only compared with one another. */
const POINTS = {
  /** The name itself: what people type who know what they want. */
  name: 100,
  /** Completing a name by its beginning must come before any mention elsewhere. */
  namePrefix: 60,
  title: 50,
  keyword: 40,
  /** Inside a name: `sql` finds postgresql. */
  nameInside: 30,
  category: 20,
  summary: 15,
  /** A name or keyword with a typing mistake. */
  similar: 10,
  /** Long texts mention many things: the weakest sign. */
  description: 5,
} as const;

/** What is searched for. */
export interface SearchQuery {
  readonly text: string;
  readonly category?: string;
}

interface Ranked {
  readonly app: AppMetadata;
  readonly score: number;
}

/**
 * Ranks apps for a query. Every word must match somewhere; an empty query matches all, by name. Equal scores are ordered by
 * name, so the answer is the same each time. Typing mistakes count only in names, titles and keywords: one in words of four
 * letters, two from eight on.
 */
export function rankApps(apps: readonly AppMetadata[], query: SearchQuery): readonly Ranked[] {
  const words = searchWords(query.text).map((word) => ({ word, like: spellingsLike(word) }));
  const category = query.category?.toLowerCase();
  return apps
    .filter((app) => category === undefined || app.category.toLowerCase() === category)
    .map((app) => ({ app, score: scoreAll(app, words) }))
    .filter(({ score }) => words.length === 0 || score > 0)
    .sort((a, b) => b.score - a.score || compare(a.app.name, b.app.name));
}

interface QueryWord {
  readonly word: string;
  /** Undefined where it is too short to be mistyped. */
  readonly like: ReturnType<typeof spellingsLike>;
}

function scoreAll(app: AppMetadata, words: readonly QueryWord[]): number {
  const scores = words.map((word) => scoreWord(app, word));
  return scores.includes(0) ? 0 : scores.reduce((sum, score) => sum + score, 0);
}

function scoreWord(app: AppMetadata, { word, like }: QueryWord): number {
  const name = app.name.toLowerCase();
  if (name === word) return POINTS.name;
  const keywords = app.keywords.map((keyword) => keyword.toLowerCase());
  // Most texts do not hold the word at all: that is seen long before they are cut into words.
  const begins = (text: string) =>
    text.toLowerCase().includes(word) && searchWords(text).some((part) => part.startsWith(word));
  const isKeyword = (keyword: string) =>
    keyword === word || (keyword.includes(word) && searchWords(keyword).includes(word));
  const named = () => [name, ...searchWords(app.name), ...searchWords(app.title), ...keywords];
  // Asked one after the other: what is found early spares the long texts.
  const rules: readonly (readonly [number, () => boolean])[] = [
    [POINTS.namePrefix, () => name.startsWith(word)],
    [POINTS.title, () => begins(app.title)],
    [POINTS.keyword, () => keywords.some(isKeyword)],
    [POINTS.nameInside, () => name.includes(word)],
    [POINTS.category, () => app.category.toLowerCase() === word],
    [POINTS.summary, () => begins(app.summary)],
    [POINTS.similar, () => like !== undefined && named().some((part) => like.fits(part))],
    [POINTS.description, () => begins(app.description)],
  ];
  return rules.find(([, matches]) => matches())?.[0] ?? 0;
}

function mistakesIn(word: string): number {
  return word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0;
}

/** What an index has to keep of an app to find whatever `rankApps` would find. */
export interface SearchTerms {
  /** A word of a query begins one of these, or stands inside the name. */
  readonly words: readonly string[];
  /** Names and keywords as a whole: what a mistyped word is compared with. */
  readonly spellings: readonly string[];
}

/** The terms of an app. */
export function searchTerms(app: AppMetadata): SearchTerms {
  const { name, title, keywords, category, summary, description } = app;
  const texts = [name, title, ...keywords, category, summary, description];
  const spellings = [name, ...searchWords(name), ...searchWords(title), ...keywords];
  return {
    words: [...new Set(texts.flatMap(searchWords))],
    spellings: [...new Set(spellings.map((text) => text.toLowerCase()))],
  };
}

/**
 * Finds among many spellings those that a word may be a mistyped form of.
 *
 * @returns undefined where the word is too short to be mistyped; `lengths` are the shortest and longest that come into question
 */
export function spellingsLike(
  word: string,
): { readonly lengths: readonly [number, number]; fits(spelling: string): boolean } | undefined {
  const allowed = mistakesIn(word);
  if (allowed === 0) return undefined;
  // A mistake brings in one letter at most: counting those that the word lacks spares nearly all comparisons.
  const letters = new Set(word);
  const foreign = (spelling: string): boolean => {
    let count = 0;
    for (const letter of spelling) if (!letters.has(letter)) count += 1;
    return count > allowed;
  };
  return {
    lengths: [word.length - allowed, word.length + allowed],
    fits: (spelling) =>
      Math.abs(spelling.length - word.length) <= allowed &&
      !foreign(spelling) &&
      distance(spelling, word) <= allowed,
  };
}

/**
 * The words of a text, in lower case: letters and digits of any script. Making the pattern for all of them takes longer than a whole search, and few
 * texts need it.
 */
export function searchWords(text: string): readonly string[] {
  const lower = text.toLowerCase();
  return lower.match(isAscii(lower) ? /[a-z0-9]+/g : anyScript()) ?? [];
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}

function anyScript(): RegExp {
  return /[\p{L}\p{N}]+/gu;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
