import type { AppMetadata } from '../domain/app.ts';
import type { CatalogHit } from '../services/ports.ts';
import type { AppDetails, UnreadPart } from '../services/requests.ts';
import { apiVersion } from './api-version.ts';

/** Apps that a search found, and what could not be looked at. */
export function appListOutput(hits: readonly CatalogHit[], unread: readonly UnreadPart[]) {
  return {
    apiVersion,
    kind: 'AppList' as const,
    items: hits.map(hitOutput),
    ...(unread.length === 0 ? {} : { unread: unread.map(unreadOutput) }),
  };
}

function unreadOutput({ catalog, error: { code, message, hint } }: UnreadPart) {
  return { catalog, code, message, hint };
}

function hitOutput({ catalog, app }: CatalogHit) {
  const { name, version, appVersion, title, summary, category, keywords } = app;
  return { catalog, name, version, appVersion, title, summary, category, keywords };
}

/** One app in full. */
export function appOutput({ resolved, description, versions }: AppDetails) {
  const { metadata, requires, schema, readme } = description;
  return {
    apiVersion,
    kind: 'App' as const,
    catalog: resolved.catalog,
    ...metadata,
    ...marksOf(metadata, versions),
    source: resolved.source,
    contentDigest: resolved.contentDigest,
    ...(resolved.archiveDigest === undefined ? {} : { archiveDigest: resolved.archiveDigest }),
    ...(resolved.provenance === undefined ? {} : { provenance: resolved.provenance }),
    requires,
    versions: versions.map(({ version, appVersion, yanked }) => ({
      version,
      appVersion,
      ...(yanked === undefined ? {} : { yanked }),
    })),
    schema,
    readme,
  };
}

type Marks = Pick<AppMetadata, 'deprecated' | 'deprecation' | 'yanked'>;

/** What its catalog says of the app and this version: the package itself does not know it. */
export function marksOf(metadata: AppMetadata, versions: readonly AppMetadata[]): Marks {
  const listed = versions.find(({ version }) => version === metadata.version);
  return {
    ...(listed?.deprecated === true ? { deprecated: true } : {}),
    ...(listed?.deprecation === undefined ? {} : { deprecation: listed.deprecation }),
    ...(listed?.yanked === undefined ? {} : { yanked: listed.yanked }),
  };
}
