import type { IndexedVersion } from './catalog-index.ts';
import { parseHelmVersion } from './helm-version.ts';

/**
 * What a list shows of an app: the newest version that is neither taken back nor a prerelease; else the newest of those that were not taken
 * back; else the newest.
 *
 * @param versions newest first, at least one
 */
export function newestVersion<
  T extends { readonly metadata: Pick<IndexedVersion['metadata'], 'version' | 'yanked'> },
>(versions: readonly T[]): T {
  const kept = versions.filter(({ metadata }) => metadata.yanked === undefined);
  const stable = kept.find(({ metadata }) => parseHelmVersion(metadata.version)?.prerelease.length === 0);
  const found = stable ?? kept[0] ?? versions[0];
  if (found === undefined) throw new Error('an app without versions');
  return found;
}
