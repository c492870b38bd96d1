import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { PackageFile } from '../../../domain/app.ts';
import { appFile } from '../../../domain/app-file.ts';
import { parseApp } from '../../../domain/app-yaml.ts';
import {
  type CatalogFile,
  catalogFileName,
  emptyCatalogFile,
  parseCatalogFile,
} from '../../../domain/catalog-file.ts';
import type { IndexedVersion } from '../../../domain/catalog-index.ts';
import { appMetadataOf, readChart } from '../../../domain/chart-yaml.ts';
import { contentDigest } from '../../../domain/content-digest.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { isMissing } from '../../sandbox/files.ts';
import { checkedMetadata } from '../metadata.ts';
import { isLeftover } from '../package-files.ts';
import { readPackageFolder } from '../read-folder.ts';
import { reading } from '../reading.ts';

/** A package as it lies in the folder of a catalog. */
export interface SourcePackage {
  readonly files: readonly PackageFile[];
  readonly version: Omit<IndexedVersion, 'archiveDigest' | 'bytes'>;
}

/** What the folder says of the catalog as a whole. Throws YAML_INVALID, CATALOG_INVALID, FILE_UNREADABLE. */
export async function readCatalogFile(folder: string): Promise<CatalogFile> {
  const file = join(folder, catalogFileName);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    return reading(file, () => Promise.reject(error));
  });
  return text === undefined ? emptyCatalogFile(file) : parseCatalogFile(text, file);
}

/** The folders of a catalog that hold an app or a chart, sorted. */
export async function packageFolders(folder: string): Promise<readonly string[]> {
  const entries = await reading(folder, () => readdir(folder, { withFileTypes: true }));
  const names = entries
    .filter((entry) => entry.isDirectory() && !isLeftover(entry.name))
    .map(({ name }) => name);
  const found = await Promise.all(
    names.map(async (name) => ((await isPackage(join(folder, name))) ? [join(folder, name)] : [])),
  );
  return found.flat().sort();
}

/** True for a folder with an app.yaml or a Chart.yaml, however wrong it is. */
export async function isPackage(folder: string): Promise<boolean> {
  return checkedMetadata(folder, folder).then(
    (metadata) => metadata !== undefined,
    (error: unknown) => {
      if (error instanceof AppstoreError) return true;
      throw error;
    },
  );
}

/**
 * Reads and checks a package: all of its app.yaml, not only what a catalog shows.
 *
 * @throws AppstoreError PACKAGE_INVALID, YAML_INVALID, FILE_UNREADABLE; CATALOG_INVALID where its folder has another name
 */
export async function readSourcePackage(folder: string, signal: AbortSignal): Promise<SourcePackage> {
  const files = await readPackageFolder(folder, folder, signal);
  const { format, metadata } = describe(files, folder);
  if (metadata.name !== basename(folder))
    throw new AppstoreError('CATALOG_INVALID', `${folder}: the folder holds the app \`${metadata.name}\`.`, {
      hint: `Rename the folder to \`${metadata.name}\`.`,
    });
  return { files, version: { format, metadata, contentDigest: contentDigest(files) } };
}

function describe(
  files: readonly PackageFile[],
  source: string,
): Pick<IndexedVersion, 'format' | 'metadata'> {
  if (files.some(({ path }) => path === appFile))
    return { format: 'app', metadata: parseApp(files, source).description.metadata };
  const chart = readChart(files, source);
  if (chart !== undefined) return { format: 'chart', metadata: appMetadataOf(chart) };
  throw new AppstoreError('PACKAGE_INVALID', `${source}: it holds neither ${appFile} nor Chart.yaml.`);
}
