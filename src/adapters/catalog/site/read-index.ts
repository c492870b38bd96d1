import type { CatalogIndex, IndexedApp, IndexHead } from '../../../domain/catalog-index.ts';
import { endsIndex, type ReadApp, readIndexApp, readIndexHead } from '../../../domain/catalog-index-read.ts';
import { IndexRefused, linesOf } from '../helm/sections.ts';

/** It is something else, or of a version that is not known: no damaged index. */
export class NoSiteIndex extends IndexRefused {}

/** A piece of an index: its head comes first. */
type Piece = { readonly head: IndexHead } | ReadApp;

/**
 * Reads an index app by app, while it comes in.
 *
 * @throws IndexRefused
 */
export async function* readSiteIndex(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  let [number, ended] = [0, false];
  for await (const line of linesIn(chunks)) {
    number += 1;
    if (ended && line !== '') throw new IndexRefused(`goes on behind its end (line ${number})`);
    if (number === 1) {
      const head = readIndexHead(line);
      if (typeof head === 'string') throw new NoSiteIndex(head);
      yield { head };
    } else if (endsIndex(line)) ended = true;
    else if (line !== '') yield readIndexApp(line, number);
  }
  if (!ended) throw new IndexRefused(number <= 1 ? 'is empty' : 'is cut off');
}

async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  try {
    for await (const lines of linesOf(chunks)) yield* lines;
  } catch (error) {
    throw error instanceof TypeError ? new IndexRefused('is not text in UTF-8') : error;
  }
}

/**
 * The whole of an index that is built upon: nothing may be left out of it.
 *
 * @throws IndexRefused
 */
export async function wholeIndex(chunks: AsyncIterable<Uint8Array>): Promise<CatalogIndex> {
  let head: IndexHead | undefined;
  const apps = new Map<string, IndexedApp>();
  for await (const piece of readSiteIndex(chunks)) {
    if ('head' in piece) head = piece.head;
    else {
      const [first] = piece.skipped;
      if (first !== undefined) throw new IndexRefused(`cannot be built upon: ${first.at}: ${first.why}`);
      if (piece.app !== undefined) apps.set(piece.app.name, piece.app);
    }
  }
  if (head === undefined) throw new IndexRefused('is empty');
  return { ...head, apps: [...apps.values()] };
}
