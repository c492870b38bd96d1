import { rename, rm } from 'node:fs/promises';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { AppMetadata } from '../../../domain/app.ts';
import { newestVersion } from '../../../domain/newest-version.ts';
import { searchTerms } from '../../../domain/search.ts';
import type { IndexEntry, ReadEntry, Skipped } from './entries.ts';
import { type IndexFacts, indexFormat } from './local-index.ts';

/** What came of building an index. */
export interface BuiltIndex {
  readonly apps: number;
  readonly versions: number;
  /** What was left out; all are counted, some are told. */
  readonly skipped: { readonly count: number; readonly first: readonly Skipped[] };
}

const tables = `
  pragma journal_mode = off;
  pragma synchronous = off;
  create table facts (name text primary key, value text not null) without rowid;
  create table apps (id integer primary key, name text not null unique, lower text not null, head text not null);
  create index apps_by_lower on apps (lower);
  create table versions (
    app integer not null, position integer not null, version text not null, app_version text not null,
    digest text not null, content_digest text not null, yanked text not null, urls text not null, text integer not null, primary key (app, position)
  ) without rowid;
  create table texts (id integer primary key, json text not null);
  create virtual table words using fts5(text, tokenize = 'ascii', detail = none, content = '', columnsize = 0);
  create table spellings (length integer primary key, words text not null);
`;

/** Skipped entries that are told one by one. */
const told = 10;

/**
 * Builds the local index of a catalog beside its place and moves it there when it is whole: a search sees the old one or the new
 * one, and one that is being read stays readable.
 *
 * @param facts asked for when all entries are read: what is known only at the end of a download
 */
export async function writeIndex(
  file: string,
  entries: AsyncIterable<ReadEntry>,
  facts: () => IndexFacts,
): Promise<BuiltIndex> {
  const fresh = `${file}.${process.pid}.${Math.trunc(performance.now() * 1000)}.new`;
  await rm(fresh, { force: true });
  try {
    const built = await build(fresh, entries, facts);
    await rename(fresh, file);
    return built;
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

async function build(
  file: string,
  entries: AsyncIterable<ReadEntry>,
  facts: () => IndexFacts,
): Promise<BuiltIndex> {
  const database = new DatabaseSync(file);
  try {
    database.exec(tables);
    database.exec('begin');
    const writer = writerOf(database);
    const first: Skipped[] = [];
    let [apps, versions, count] = [0, 0, 0];
    for await (const { entry, skipped } of entries) {
      count += skipped.length;
      first.push(...skipped.slice(0, told - first.length));
      if (entry === undefined) continue;
      if (!writer.add(entry)) {
        count += 1;
        if (first.length < told) first.push({ at: entry.name, why: 'it is listed twice' });
        continue;
      }
      apps += 1;
      versions += entry.versions.length;
    }
    writer.end({ ...facts(), format: indexFormat, apps: String(apps), versions: String(versions) });
    database.exec('commit');
    database.exec("insert into words(words) values ('optimize')");
    return { apps, versions, skipped: { count, first } };
  } finally {
    database.close();
  }
}

interface Writer {
  /** False where an app of that name was there already: the first counts. */
  add(entry: IndexEntry): boolean;
  end(facts: Readonly<Record<string, string>>): void;
}

function writerOf(database: DatabaseSync): Writer {
  const app = database.prepare('insert or ignore into apps (name, lower, head) values (?, ?, ?)');
  const words = database.prepare('insert into words (rowid, text) values (?, ?)');
  const addVersions = versionWriter(database);
  const spellings = new Set<string>();
  return {
    add({ name, versions }) {
      const { metadata } = newestVersion(versions);
      const { changes, lastInsertRowid: id } = app.run(name, name.toLowerCase(), JSON.stringify(metadata));
      if (changes === 0) return false;
      const terms = searchTerms(metadata);
      words.run(id, terms.words.join(' '));
      for (const spelling of terms.spellings) spellings.add(spelling);
      addVersions(Number(id), versions);
      return true;
    },
    end(facts) {
      const byLength = Map.groupBy(spellings, (word) => word.length);
      const spelling = database.prepare('insert into spellings (length, words) values (?, ?)');
      for (const [length, all] of byLength) spelling.run(length, all.sort().join('\n'));
      const fact = database.prepare('insert into facts (name, value) values (?, ?)');
      for (const [name, value] of Object.entries(facts)) fact.run(name, value);
    },
  };
}

/** What versions say of themselves is mostly the same from one to the next: it is written once. */
function versionWriter(database: DatabaseSync): (app: number, versions: IndexEntry['versions']) => void {
  const version = database.prepare(
    `insert into versions (app, position, version, app_version, digest, content_digest, yanked, urls, text)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const text = database.prepare('insert into texts (json) values (?)');
  return (app, versions) => {
    const known = new Map<string, number>();
    for (const [position, { metadata, digest, contentDigest = '', urls }] of versions.entries()) {
      const { yanked = '', ...shared } = metadata;
      const id = textId(known, text, { ...shared, version: '', appVersion: '' });
      const { version: number, appVersion } = metadata;
      version.run(app, position, number, appVersion, digest, contentDigest, yanked, JSON.stringify(urls), id);
    }
  };
}

function textId(known: Map<string, number>, insert: StatementSync, metadata: AppMetadata): number {
  const json = JSON.stringify(metadata);
  const id = known.get(json) ?? Number(insert.run(json).lastInsertRowid);
  known.set(json, id);
  return id;
}
