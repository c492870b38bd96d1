import { stat } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { AppMetadata } from '../../../domain/app.ts';
import { rankApps, type SearchQuery, searchWords, spellingsLike } from '../../../domain/search.ts';

/** Changes whenever the tables do: an index of another format is built anew by `catalog update`. */
export const indexFormat = '2';

/** What is known of an index as a whole. */
export interface IndexFacts {
  /** Where it was read from: an index of another location is not this catalog's. */
  readonly location: string;
  /** ISO 8601. */
  readonly read: string;
  /** For the next conditional request; `''` where the server gave none. */
  readonly etag: string;
  readonly lastModified: string;
  /** How far inside the server lay (http/reach.ts). */
  readonly reach: string;
  /** `sha256:<hex>` of the index as it came. */
  readonly digest: string;
}

/** A version as the catalog lists it. */
export interface ListedVersion {
  readonly metadata: AppMetadata;
  /** `sha256:<hex>`, or `''`. */
  readonly digest: string;
  /** `sha256:<hex>` of the files, or `''`. */
  readonly contentDigest: string;
  readonly urls: readonly string[];
}

/** The local index of a catalog, opened for reading. Never written to: `update` puts another one in its place. */
export interface LocalIndex {
  readonly facts: IndexFacts & { readonly apps: string; readonly versions: string };
  search(query: SearchQuery): ReturnType<typeof rankApps>;
  /** Newest first; empty where there is no such app. */
  versions(app: string): readonly ListedVersion[];
  close(): void;
}

/**
 * Opens the index of a catalog.
 *
 * @returns undefined where there is none, or one of another format, or a damaged one: it has to be built (anew)
 */
export function openIndex(file: string): LocalIndex | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const facts = factsOf(database);
    if (facts === undefined) throw new Error('another format');
    return indexOf(database, facts);
  } catch {
    database?.close();
    return undefined;
  }
}

/** When the index was last found to be what its server has; undefined where there is none. */
export async function lastChecked(file: string): Promise<Date | undefined> {
  // An update that finds nothing new sets the time of the file alone.
  return stat(file).then(
    ({ mtime }) => mtime,
    () => undefined,
  );
}

function factsOf(database: DatabaseSync): LocalIndex['facts'] | undefined {
  const rows = database.prepare('select name, value from facts').all();
  const facts = Object.fromEntries(rows.map(({ name, value }) => [String(name), String(value)]));
  return facts.format === indexFormat ? (facts as unknown as LocalIndex['facts']) : undefined;
}

function indexOf(database: DatabaseSync, facts: LocalIndex['facts']): LocalIndex {
  return {
    facts,
    search(query) {
      const words = searchWords(query.text);
      const ids = words.length === 0 ? undefined : candidates(database, words);
      return rankApps(headsOf(database, ids), query);
    },
    versions: (app) => versionsOf(database, app),
    close: () => database.close(),
  };
}

/**
 * Apps that may fit: whatever the ranking could find, and more. The ranking itself is that of every catalog, so that what it says is
 * comparable; here is only what spares it the others.
 */
function candidates(database: DatabaseSync, words: readonly string[]): readonly number[] {
  const [first = [], ...others] = words.map((word) => candidatesOf(database, word));
  const sets = others.map((ids) => new Set(ids));
  return [...new Set(first)].filter((id) => sets.every((set) => set.has(id)));
}

function candidatesOf(database: DatabaseSync, word: string): readonly number[] {
  const inside = database.prepare('select id from apps where instr(lower, ?) > 0').all(word);
  const begin = database.prepare('select rowid as id from words where words match ?').all(`"${word}"*`);
  const similar = similarSpellings(database, word).flatMap((spelling) => {
    const match = searchWords(spelling)
      .map((part) => `"${part}"`)
      .join(' AND ');
    return match === ''
      ? []
      : database.prepare('select rowid as id from words where words match ?').all(match);
  });
  return [...inside, ...begin, ...similar].map(({ id }) => Number(id));
}

function similarSpellings(database: DatabaseSync, word: string): readonly string[] {
  const like = spellingsLike(word);
  if (like === undefined) return [];
  const rows = database
    .prepare('select words from spellings where length between ? and ?')
    .all(...like.lengths);
  return rows.flatMap(({ words }) => String(words).split('\n')).filter(like.fits);
}

/** Past this many, reading all is as fast; SQLite ends at 32,766 values in one statement. */
const most = 10_000;

function headsOf(database: DatabaseSync, ids: readonly number[] | undefined): readonly AppMetadata[] {
  if (ids === undefined || ids.length > most) {
    const wanted = ids === undefined ? undefined : new Set(ids);
    const rows = database.prepare('select id, head from apps').all();
    return rows
      .filter(({ id }) => wanted?.has(Number(id)) !== false)
      .map(({ head }) => JSON.parse(String(head)));
  }
  const places = ids.map(() => '?').join(', ');
  const rows = database.prepare(`select head from apps where id in (${places})`).all(...ids);
  return rows.map(({ head }) => JSON.parse(String(head)));
}

function versionsOf(database: DatabaseSync, app: string): readonly ListedVersion[] {
  const rows = database
    .prepare(
      `select version, app_version as appVersion, digest, content_digest as contentDigest, yanked, urls, json from versions join texts on texts.id = versions.text
       where app = (select id from apps where name = ?) order by position`,
    )
    .all(app);
  return rows.map(({ version, appVersion, digest, contentDigest, yanked, urls, json }) => ({
    metadata: {
      ...JSON.parse(String(json)),
      version: String(version),
      appVersion: String(appVersion),
      ...(yanked === '' ? {} : { yanked: String(yanked) }),
    },
    digest: String(digest),
    contentDigest: String(contentDigest),
    urls: JSON.parse(String(urls)),
  }));
}
