import type { AppMetadata } from './app.ts';
import type { Json, JsonObject } from './json.ts';
import { stableJson } from './stable-json.ts';

/** A version of an app as the index of a catalog lists it. */
export interface IndexedVersion {
  readonly metadata: AppMetadata;
  readonly format: 'app' | 'chart';
  /** Of the files, the same for every packing: what makes a version the same version. */
  readonly contentDigest: string;
  /** `sha256:<hex>` of the archive. */
  readonly archiveDigest: string;
  /** Of the archive. */
  readonly bytes: number;
}

/** An app with its versions, newest first. */
export interface IndexedApp {
  readonly name: string;
  /** Path of its icon beside the index; absent where there is none. */
  readonly icon?: string;
  readonly versions: readonly IndexedVersion[];
}

/** What a catalog made by `catalog build` or `catalog push` has. */
export interface CatalogIndex {
  readonly title: string;
  readonly description: string;
  readonly home: string;
  /** Sorted by name. */
  readonly apps: readonly IndexedApp[];
}

/** The head of an index: all of it but the apps. */
export type IndexHead = Omit<CatalogIndex, 'apps'>;

/** The index beside the archives of a site. */
export const indexFileName = 'index.json';

/** Where the archive of a version lies, as seen from the index. */
export function archivePath(name: string, version: string): string {
  return `packages/${name}/${name}-${version}.tgz`;
}

/** What an index says that it is. */
export const indexKind = { apiVersion: 'appstore.dev/v1', kind: 'CatalogIndex' } as const;

/**
 * An index as text: one JSON document, one line an app, so that it can be read app by app. The same index gives the same bytes.
 */
export function* indexLines({ apps, ...head }: CatalogIndex): Generator<string> {
  const written = Object.entries({ ...indexKind, ...head }).filter(([, value]) => value !== '');
  yield `${JSON.stringify(Object.fromEntries(written)).slice(0, -1)},"apps":[\n`;
  for (const [position, app] of apps.entries())
    yield `${JSON.stringify(writeApp(app))}${position === apps.length - 1 ? '' : ','}\n`;
  yield ']}\n';
}

/** What versions say of themselves is mostly the same from one to the next: it is written once. */
function writeApp({ name, icon, versions }: IndexedApp): JsonObject {
  const texts = new Map<string, number>();
  const rows = versions.map((version) => {
    const key = stableJson(writeTexts(version.metadata));
    if (!texts.has(key)) texts.set(key, texts.size);
    return writeVersion(version, texts.get(key) ?? 0);
  });
  const deprecation = versions[0]?.metadata.deprecation;
  return {
    name,
    ...(icon === undefined ? {} : { icon }),
    ...(deprecation === undefined ? {} : { deprecated: deprecation }),
    texts: [...texts.keys()].map((key) => JSON.parse(key) as Json),
    versions: rows,
  };
}

function writeVersion(
  { metadata, format, contentDigest, archiveDigest, bytes }: IndexedVersion,
  at: number,
): JsonObject {
  return {
    version: metadata.version,
    appVersion: metadata.appVersion,
    text: at,
    ...(format === 'chart' ? { format } : {}),
    content: contentDigest,
    archive: archiveDigest,
    bytes,
    ...(metadata.yanked === undefined ? {} : { yanked: metadata.yanked }),
  };
}

const textNames = ['title', 'summary', 'description', 'category', 'license', 'home', 'icon'] as const;

/** Empty ones are left out. */
function writeTexts(metadata: AppMetadata): JsonObject {
  const { keywords, sources, maintainers, deprecated, deprecation } = metadata;
  const named = textNames.map((name) => [name, metadata[name]] as const);
  return {
    ...Object.fromEntries(named.filter(([, value]) => value !== '')),
    ...(keywords.length === 0 ? {} : { keywords: [...keywords] }),
    ...(sources.length === 0 ? {} : { sources: [...sources] }),
    ...(maintainers.length === 0 ? {} : { maintainers: maintainers.map((one) => ({ ...one })) }),
    // what the catalog says of the whole app stands beside its name
    ...(deprecated === true && deprecation === undefined ? { deprecated } : {}),
  };
}
