import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Package, PackageFile } from '../../domain/app.ts';
import { appFile } from '../../domain/app-file.ts';
import { LOCAL_CATALOG } from '../../domain/catalog-names.ts';
import { chartFile } from '../../domain/chart-file.ts';
import { AppstoreError } from '../../domain/errors.ts';
import type { LocationKind } from './location.ts';
import { holdsPackage } from './metadata.ts';
import { packageOf } from './opened.ts';
import { longestArchive } from './package-files.ts';
import { readPackageFolder } from './read-folder.ts';
import { reading } from './reading.ts';

/** Adds to the files of a chart what its `charts/` lacks. */
type AddDependencies = (
  files: readonly PackageFile[],
  folder: string,
  signal?: AbortSignal,
) => Promise<readonly PackageFile[]>;

/**
 * Folders and archives on this machine.
 *
 * @param cwd what relative paths start from
 * @param addDependencies asked for every folder; absent where nobody wants it
 */
export function pathLocation(cwd: string, addDependencies?: AddDependencies): LocationKind {
  return {
    takes: (location) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(location),
    async read({ location }, signal) {
      const path = resolve(cwd, location);
      const found = await stat(path).catch(absent);
      if (found === undefined) throw notThere(location, path);
      return found.isFile()
        ? readArchive(path, found.size)
        : readFolder(location, path, addDependencies, signal);
    },
  };
}

async function readFolder(
  location: string,
  path: string,
  addDependencies: AddDependencies | undefined,
  signal?: AbortSignal,
): Promise<Package> {
  if (!(await holdsPackage(path, path))) throw noPackage(location, path);
  const files = await readPackageFolder(path, path, signal);
  const whole = (await addDependencies?.(files, path, signal)) ?? files;
  return packageOf(whole, { catalog: LOCAL_CATALOG, source: path });
}

async function readArchive(path: string, bytes: number): Promise<Package> {
  if (bytes > longestArchive)
    throw new AppstoreError('PACKAGE_INVALID', `${path} has more than ${longestArchive} bytes.`);
  // Unpacking is loaded for an archive alone: every command opens this catalog.
  const { openArchive } = await import('./archive/open-archive.ts');
  return openArchive(await reading(path, () => readFile(path)), { catalog: LOCAL_CATALOG, source: path });
}

/** Undefined for what is not there. What else went wrong is told where it is read. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR')
    throw new AppstoreError('FILE_UNREADABLE', `${error.message}`, { cause: error });
}

function notThere(location: string, path: string): AppstoreError {
  return new AppstoreError('APP_NOT_FOUND', `\`${location}\` is not there: ${path} does not exist.`, {
    hint: namesFolder,
  });
}

const namesFolder =
  'Name the folder that app.yaml or Chart.yaml lies in, or an archive (`./x.tgz`). Without a leading `./` a name is looked up in the catalogs.';

function noPackage(location: string, path: string): AppstoreError {
  return new AppstoreError(
    'APP_NOT_FOUND',
    `\`${location}\` holds no app: there is no ${appFile} or ${chartFile} in ${path}.`,
    { hint: namesFolder },
  );
}
