import { isObject, type Json } from '../../../domain/json.ts';
import { type ReadEntry, readEntry, readSection } from './entries.ts';
import { IndexRefused, linesOf, sectionsOf } from './sections.ts';

/**
 * Bytes of an index, unpacked. The largest that is published has 54 MB with 200,000 versions.
 */
export const longestIndex = 256 * 1024 * 1024;

/** JSON is held as a whole. */
const longestJson = 96 * 1024 * 1024;

/**
 * Reads the charts of a repository's index one after the other: YAML as `helm repo index` writes it, in memory that one chart needs,
 * or JSON (which is YAML too), as a whole and up to 96 MB.
 *
 * @throws IndexRefused
 */
export async function* readIndex(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await firstText(iterator);
  const all = rest(first.chunks, iterator);
  const start = first.text.replace(/^\ufeff/, '').trimStart();
  if (start.startsWith('<')) throw new IndexRefused('is a page of HTML, not an index of a Helm repository');
  if (start.startsWith('{')) yield* entriesOfJson(await textOfAll(all));
  else yield* entriesOfYaml(all);
}

async function* entriesOfYaml(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry> {
  try {
    for await (const section of sectionsOf(linesOf(chunks))) yield readSection(section);
  } catch (error) {
    throw error instanceof TypeError ? new IndexRefused('is not text in UTF-8') : error;
  }
}

function* entriesOfJson(text: string): Generator<ReadEntry> {
  const index = parseJson(text);
  const entries = isObject(index) ? index.entries : undefined;
  if (!isObject(entries)) throw new IndexRefused('holds no `entries`: it is no index of a Helm repository');
  for (const name of Object.keys(entries)) yield readEntry(name, entries[name]);
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new IndexRefused(`is no valid JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

async function textOfAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    all.push(chunk);
    bytes += chunk.length;
    if (bytes > longestJson)
      throw new IndexRefused(`is JSON of more than ${longestJson} bytes: as YAML it may be larger`);
  }
  return Buffer.concat(all).toString('utf8');
}

/** Enough to tell what it is. */
async function firstText(
  iterator: AsyncIterator<Uint8Array>,
): Promise<{ readonly chunks: readonly Uint8Array[]; readonly text: string }> {
  const chunks: Uint8Array[] = [];
  for (let text = ''; ; text = Buffer.concat(chunks).toString('utf8')) {
    if (text.trim() !== '' || chunks.length > 8) return { chunks, text };
    const next = await iterator.next();
    if (next.done === true) return { chunks, text };
    chunks.push(next.value);
  }
}

async function* rest(
  first: readonly Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
}
