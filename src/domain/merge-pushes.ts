import type { CatalogIndex, IndexedVersion } from './catalog-index.ts';
import { mergeIndex } from './merge-index.ts';

/** What one push brought, by its name: names are sorted to say which of two is the first. */
export interface Push {
  readonly name: string;
  readonly index: CatalogIndex;
}

/**
 * Lays pushes over an index, in the order of their names. A version that is there stays as it is.
 *
 * @returns whether one of them brought other content for a version that is there: then `settlePushes` has to say whose counts
 */
export function layPushes(
  there: CatalogIndex,
  pushes: readonly Push[],
): { readonly index: CatalogIndex; readonly contested: boolean } {
  let [index, contested] = [there, false];
  for (const { index: own } of inOrder(pushes)) {
    const { changed } = mergeIndex(index, own);
    const others = new Set(changed.map(({ name, version }) => key(name, version)));
    index = mergeIndex(
      index,
      keepVersions(own, (name, version) => !others.has(key(name, version))),
    ).index;
    contested ||= others.size > 0;
  }
  return { index, contested };
}

/**
 * Decides for versions that several pushes brought with other content: the first of them counts, whoever asks and in whichever
 * order they came. What is there and came with none of them stays.
 *
 * @param pushes all that may be in the index
 */
export function settlePushes(index: CatalogIndex, pushes: readonly Push[]): CatalogIndex {
  const brought = new Map<string, IndexedVersion[]>();
  for (const push of inOrder(pushes))
    for (const app of push.index.apps)
      for (const version of app.versions) {
        const at = key(app.name, version.metadata.version);
        brought.set(at, [...(brought.get(at) ?? []), version]);
      }
  const settled = (name: string, version: IndexedVersion): IndexedVersion => {
    const all = brought.get(key(name, version.metadata.version)) ?? [];
    const [first] = all;
    const isBrought = all.some(({ contentDigest }) => contentDigest === version.contentDigest);
    return first === undefined || !isBrought || first.contentDigest === version.contentDigest
      ? version
      : first;
  };
  const apps = index.apps.map((app) => ({
    ...app,
    versions: app.versions.map((version) => settled(app.name, version)),
  }));
  return { ...index, apps };
}

function inOrder(pushes: readonly Push[]): readonly Push[] {
  return pushes.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function keepVersions(index: CatalogIndex, wanted: (name: string, version: string) => boolean): CatalogIndex {
  const apps = index.apps.map((app) => ({
    ...app,
    versions: app.versions.filter(({ metadata }) => wanted(app.name, metadata.version)),
  }));
  return { ...index, apps };
}

function key(name: string, version: string): string {
  return `${name}\n${version}`;
}
