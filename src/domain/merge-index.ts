import type { CatalogFile } from './catalog-file.ts';
import type { CatalogIndex, IndexedApp, IndexedVersion } from './catalog-index.ts';
import { newestFirst } from './versions.ts';

/** A version that was published with other files: it must never change what somebody may have. */
export interface ChangedVersion {
  readonly name: string;
  readonly version: string;
  readonly published: string;
  readonly now: string;
}

/**
 * Lays what is to be published over what was: earlier versions stay, also those of apps that are not there any more, and a version
 * that is there stays as it is.
 *
 * @returns the versions that are there with other content, besides
 */
export function mergeIndex(
  published: CatalogIndex,
  fresh: CatalogIndex,
): { readonly index: CatalogIndex; readonly changed: readonly ChangedVersion[] } {
  const before = new Map(published.apps.map((app) => [app.name, app]));
  const now = new Map(fresh.apps.map((app) => [app.name, app]));
  const names = [...new Set([...before.keys(), ...now.keys()])].sort();
  const apps = names.map((name) => mergeApp(name, before.get(name), now.get(name)));
  const changed = fresh.apps.flatMap((app) => changedIn(app, before.get(app.name)));
  return { index: { ...fresh, apps }, changed };
}

function mergeApp(name: string, before?: IndexedApp, now?: IndexedApp): IndexedApp {
  const own = now?.versions ?? [];
  const earlier = before?.versions ?? [];
  const known = (version: IndexedVersion) =>
    earlier.find((one) => one.metadata.version === version.metadata.version);
  // What was published is told as it lies there: another zlib may have packed it.
  const kept = own.map((version) => {
    const other = known(version);
    if (other?.contentDigest !== version.contentDigest) return version;
    return { ...version, archiveDigest: other.archiveDigest, bytes: other.bytes };
  });
  const there = new Set(own.map(({ metadata }) => metadata.version));
  const versions = sorted([...kept, ...earlier.filter(({ metadata }) => !there.has(metadata.version))]);
  const icon = now?.icon ?? before?.icon;
  return { name, versions, ...(icon === undefined ? {} : { icon }) };
}

function changedIn(app: IndexedApp, before: IndexedApp | undefined): readonly ChangedVersion[] {
  return app.versions.flatMap(({ metadata: { version }, contentDigest: now }) => {
    const published = before?.versions.find((one) => one.metadata.version === version)?.contentDigest;
    return published === undefined || published === now ? [] : [{ name: app.name, version, published, now }];
  });
}

function sorted(versions: readonly IndexedVersion[]): readonly IndexedVersion[] {
  return newestFirst(versions.map((version) => ({ ...version.metadata, whole: version }))).map(
    ({ whole }) => whole,
  );
}

/**
 * Marks apps and versions as catalog.yaml says: a mark that stands there no more is taken away.
 *
 * @returns problems where it names what is not there
 */
export function markIndex(index: CatalogIndex, file: CatalogFile) {
  const apps = index.apps.map((app) => markApp(app, file));
  const byName = new Map(index.apps.map((app) => [app.name, app]));
  const problems = [...file.apps].flatMap(([name, { yanked }]) => {
    const app = byName.get(name);
    if (app === undefined) return [file.problem(['apps', name], 'is no app of this catalog')];
    return Object.keys(yanked)
      .filter((version) => !app.versions.some(({ metadata }) => metadata.version === version))
      .map((version) => file.problem(['apps', name, 'yanked', version], 'is no version that was published'));
  });
  return { index: { ...index, apps }, problems };
}

function markApp(app: IndexedApp, file: CatalogFile): IndexedApp {
  const marks = file.apps.get(app.name);
  return {
    ...app,
    versions: app.versions.map((version) => {
      const { deprecation, yanked: _, deprecated, ...metadata } = version.metadata;
      // A chart may call itself deprecated; what the catalog said before counts no more.
      const own = deprecated === true && deprecation === undefined;
      const yanked = marks?.yanked[metadata.version];
      return {
        ...version,
        metadata: {
          ...metadata,
          ...(own || marks?.deprecated !== undefined ? { deprecated: true } : {}),
          ...(marks?.deprecated === undefined ? {} : { deprecation: marks.deprecated }),
          ...(yanked === undefined ? {} : { yanked }),
        },
      };
    }),
  };
}
