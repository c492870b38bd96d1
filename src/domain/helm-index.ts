import { archivePath, type CatalogIndex, type IndexedVersion } from './catalog-index.ts';
import { stableJson } from './stable-json.ts';

/** What a Helm repository has as its index. */
export const helmIndexFileName = 'index.yaml';

/**
 * The charts of a catalog as Helm lists them (https://helm.sh/docs/topics/chart_repository/#the-index-file), so that a site is a Helm
 * repository, too. JSON, which is YAML, and which Helm reads faster; a line a version. Versions that were taken back are left out: Helm knows
 * no such mark, and would choose them. Empty where no app is a chart.
 */
export function* helmIndexLines({ apps }: CatalogIndex): Generator<string> {
  let isFirst = true;
  for (const { name, versions } of apps) {
    const charts = versions.filter(
      ({ format, metadata }) => format === 'chart' && metadata.yanked === undefined,
    );
    if (charts.length === 0) continue;
    yield isFirst ? '{"apiVersion":"v1","entries":{\n' : '],\n';
    isFirst = false;
    yield `${JSON.stringify(name)}:[\n${charts.map((one) => stableJson(entryOf(one))).join(',\n')}\n`;
  }
  if (!isFirst) yield ']}}\n';
}

function entryOf({ metadata, archiveDigest }: IndexedVersion) {
  const { name, version, appVersion, summary, home, icon, keywords, sources, maintainers } = metadata;
  const texts = Object.entries({ appVersion, description: summary, home, icon });
  return {
    name,
    version,
    ...Object.fromEntries(texts.filter(([, value]) => value !== '')),
    ...(keywords.length === 0 ? {} : { keywords: [...keywords] }),
    ...(sources.length === 0 ? {} : { sources: [...sources] }),
    ...(maintainers.length === 0 ? {} : { maintainers: maintainers.map((one) => ({ ...one })) }),
    ...(metadata.deprecated === true ? { deprecated: true } : {}),
    digest: archiveDigest.replace(/^sha256:/, ''),
    urls: [archivePath(name, version)],
  };
}
