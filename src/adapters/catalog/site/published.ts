import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogIndex, indexFileName } from '../../../domain/catalog-index.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { isMissing } from '../../sandbox/files.ts';
import { IndexRefused } from '../helm/sections.ts';
import { reading } from '../reading.ts';
import { wholeIndex } from './read-index.ts';
import { isStage } from './stage.ts';

/** A catalog without apps. */
export const emptyIndex: CatalogIndex = { title: '', description: '', home: '', apps: [] };

/**
 * What a site has published; nothing where there is no folder or an empty one.
 *
 * @throws AppstoreError CATALOG_INVALID where the folder holds something else, or an index that cannot be built upon
 */
export async function readPublished(site: string): Promise<CatalogIndex> {
  const names: readonly string[] = await readdir(site).catch((error: unknown) => {
    if (isMissing(error)) return [];
    return reading(site, () => Promise.reject(error));
  });
  if (names.includes(indexFileName)) return readIndexFile(join(site, indexFileName));
  // A first build that was killed while it published leaves parts of a site and no index.
  const foreign = names.find((name) => !isStage(name) && !siteNames.test(name));
  if (foreign === undefined) return emptyIndex;
  throw new AppstoreError('CATALOG_INVALID', `${site} holds other things than a site (\`${foreign}\`).`, {
    hint: 'Name an empty folder, one that is not there yet, or one that `appstore catalog build` made.',
  });
}

const siteNames =
  /^(packages|icons|assets|apps|index\.html|index\.yaml|page-\d+\.html|search\.json|index\.json\.sigstore\.json)$/;

async function readIndexFile(file: string): Promise<CatalogIndex> {
  try {
    return await reading(file, () => wholeIndex(createReadStream(file)));
  } catch (error) {
    const refused = error instanceof AppstoreError ? error.cause : error;
    if (!(refused instanceof IndexRefused)) throw error;
    throw new AppstoreError('CATALOG_INVALID', `${file} ${refused.message}.`, {
      hint: 'Nothing was changed. Get the site as it was published, or name another folder.',
      cause: error,
    });
  }
}
