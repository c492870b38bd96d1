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

interface Ranked {
  readonly app: AppMetadata;
  readonly score: number;
}

/**
 * Ranks apps for a query. Every word must match somewhere; an empty query matches all, by name. Equal scores are ordered by
 * name, so the answer is the same each time. Typing mistakes count only in names, titles and keywords: one in words of four
 * letters, two from eight on.
 */
export function rankApps(
  apps: readonly AppMetadata[],
  query: { readonly text: string; readonly category?: string },
): readonly Ranked[] {
  const words = wordsOf(query.text);
  const category = query.category?.toLowerCase();
  return apps
    .filter((app) => category === undefined || app.category.toLowerCase() === category)
    .map((app) => ({ app, score: scoreAll(app, words) }))
    .filter(({ score }) => words.length === 0 || score > 0)
    .sort((a, b) => b.score - a.score || compare(a.app.name, b.app.name));
}

function scoreAll(app: AppMetadata, words: readonly string[]): number {
  const scores = words.map((word) => scoreWord(app, word));
  return scores.includes(0) ? 0 : scores.reduce((sum, score) => sum + score, 0);
}

function scoreWord(app: AppMetadata, word: string): number {
  const name = app.name.toLowerCase();
  if (name === word) return POINTS.name;
  const keywords = app.keywords.map((keyword) => keyword.toLowerCase());
  const begins = (text: string) => wordsOf(text).some((part) => part.startsWith(word));
  const named = () => [name, ...wordsOf(app.name), ...wordsOf(app.title), ...keywords];
  // Asked one after the other: what is found early spares the long texts.
  const rules: readonly (readonly [number, () => boolean])[] = [
    [POINTS.namePrefix, () => name.startsWith(word)],
    [POINTS.title, () => begins(app.title)],
    [POINTS.keyword, () => keywords.some((keyword) => keyword === word || wordsOf(keyword).includes(word))],
    [POINTS.nameInside, () => name.includes(word)],
    [POINTS.category, () => app.category.toLowerCase() === word],
    [POINTS.summary, () => begins(app.summary)],
    [POINTS.similar, () => named().some((part) => similar(part, word))],
    [POINTS.description, () => begins(app.description)],
  ];
  return rules.find(([, matches]) => matches())?.[0] ?? 0;
}

function similar(candidate: string, word: string): boolean {
  const allowed = word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0;
  return allowed > 0 && distance(candidate, word) <= allowed;
}

/** Letters and digits of any script. Making the pattern for all of them takes longer than a whole search, and few texts need it. */
function wordsOf(text: string): readonly string[] {
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
