import { type CatalogIndex, indexLines } from '../../../domain/catalog-index.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { layPushes, type Push, settlePushes } from '../../../domain/merge-pushes.ts';
import { gzip } from '../archive/gzip.ts';
import { IndexRefused } from '../helm/sections.ts';
import { emptyIndex } from '../site/published.ts';
import { wholeIndex } from '../site/read-index.ts';
import { findIndex, type IndexPlace, indexRepository } from './index-artifact.ts';
import { recentTags, timedTag } from './timed-tags.ts';
import { emptyConfig, indexArtifact } from './types.ts';
import { openUploads } from './upload.ts';

interface PublishedIndex {
  readonly index: CatalogIndex;
  /** Pushes of the last day that are in it. */
  readonly pushes: readonly string[];
}

/** What was pushed to a place; nothing where no index is. Throws CATALOG_INVALID, and what asking throws. */
export async function readPushed(place: IndexPlace, signal: AbortSignal): Promise<PublishedIndex> {
  return (await readAt(place, indexArtifact.tag, signal)) ?? { index: emptyIndex, pushes: [] };
}

/** Rounds that others may spoil: whoever is through with theirs spoils no more. */
const mostRounds = 100;

/**
 * Makes the index of a catalog hold what this push has, and what others push at the same moment.
 *
 * A registry knows no condition on a tag: of two that read the index, add to it and put it back, the later one would take away what
 * the earlier one added. So each leaves its own index under a tag of its own first, and looks after it wrote whether all pushes of
 * the last day are in the index that is there now; where one is not, it is laid in. Whoever writes last looks last, so nothing is
 * lost (decision 0047).
 *
 * @returns the index as it is now
 * @throws AppstoreError CATALOG_INVALID, CATALOG_FORBIDDEN, CATALOG_UNREACHABLE
 */
export async function publishIndex(
  place: IndexPlace,
  own: CatalogIndex,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<CatalogIndex> {
  let current = await readPushed(place, signal);
  const isNews = textOf(layPushes(current.index, [{ name: '', index: own }]).index) !== textOf(current.index);
  const name = isNews ? await leave(place, own, now, signal) : undefined;
  const read = reader(place, signal, name === undefined ? undefined : { name, index: own });
  for (let round = 0; round < mostRounds; round += 1) {
    const recent = new Set([
      ...(await recentTags(place, prefix, { now, within: day, signal })),
      ...(name === undefined ? [] : [name]),
    ]);
    const missing = [...recent].filter((one) => !current.pushes.includes(one));
    if (missing.length === 0) return current.index;
    const { index, contested } = layPushes(current.index, await read(missing));
    const settled = contested ? settlePushes(index, await read([...recent])) : index;
    await put(place, { index: settled, pushes: [...recent] }, { tag: indexArtifact.tag, signal });
    current = await readPushed(place, signal);
  }
  throw new AppstoreError(
    'CATALOG_UNREACHABLE',
    `the index at ${place.location} was written by others ${mostRounds} times while this push wrote it.`,
    { hint: 'The apps are there. Push again when fewer push at the same moment.' },
  );
}

/** Of the tag of a push. */
const prefix = `${indexArtifact.tag}-push`;
/** A push takes minutes; a day leaves room for clocks that are wrong. Older ones are in the index. */
const day = 24 * 60 * 60 * 1000;

async function leave(
  place: IndexPlace,
  index: CatalogIndex,
  now: Date,
  signal: AbortSignal,
): Promise<string> {
  const tag = timedTag(prefix, now);
  await put(place, { index, pushes: [] }, { tag, signal });
  return tag;
}

/** Reads pushes, each once. One that was deleted meanwhile is none. */
function reader(place: IndexPlace, signal: AbortSignal, own: Push | undefined) {
  const known = new Map<string, Push>(own === undefined ? [] : [[own.name, own]]);
  return async (names: readonly string[]): Promise<readonly Push[]> => {
    for (const name of names.filter((one) => !known.has(one))) {
      const found = await readAt(place, name, signal);
      if (found !== undefined) known.set(name, { name, index: found.index });
    }
    return names.flatMap((name) => known.get(name) ?? []);
  };
}

async function readAt(
  { location, registry }: IndexPlace,
  tag: string,
  signal: AbortSignal,
): Promise<PublishedIndex | undefined> {
  try {
    const found = await findIndex(registry, location, signal, tag);
    return found === undefined ? undefined : { index: await wholeIndex(found.read()), pushes: found.pushes };
  } catch (error) {
    if (!(error instanceof IndexRefused)) throw error;
    throw new AppstoreError('CATALOG_INVALID', `the index at ${location} (${tag}) ${error.message}.`, {
      hint: 'Push to another path, or delete that tag in the registry.',
      cause: error,
    });
  }
}

async function put(
  { location, registry }: IndexPlace,
  { index, pushes }: PublishedIndex,
  { tag, signal }: { readonly tag: string; readonly signal: AbortSignal },
): Promise<void> {
  const uploads = openUploads(registry, ...indexRepository(location));
  const config = await uploads.blob(emptyConfig, Buffer.from('{}'), signal);
  const layer = await uploads.blob(indexArtifact.content, gzip(Buffer.from(textOf(index))), signal);
  const annotations = pushes.length === 0 ? {} : { [indexArtifact.pushes]: pushes.toSorted().join(' ') };
  const { artifactType } = indexArtifact;
  await uploads.manifest(
    tag,
    { artifactType, config: { ...config }, layers: [{ ...layer }], annotations },
    signal,
  );
}

/** The text of an index: a registry serves no icons. */
export function textOf(index: CatalogIndex): string {
  const apps = index.apps.map(({ icon: _, ...app }) => app);
  return [...indexLines({ ...index, apps })].join('');
}
