import { utimes } from 'node:fs/promises';
import type { CatalogReading } from '../../../services/catalog-store.ts';
import { type LocalIndex, openIndex } from './local-index.ts';

/** What is known of the local index of a catalog; undefined where there is none, or one of another location. */
export function keptFacts(file: string, location: string): LocalIndex['facts'] | undefined {
  const index = openIndex(file);
  index?.close();
  return index?.facts.location === location ? index.facts : undefined;
}

/** Notes that a local index is what its server has now. */
export async function stillCurrent(
  file: string,
  { apps, versions }: Pick<LocalIndex['facts'], 'apps' | 'versions'>,
  now: Date,
): Promise<CatalogReading> {
  await utimes(file, now, now);
  return { outcome: 'unchanged', apps: Number(apps), versions: Number(versions), skipped: 0, problems: [] };
}
