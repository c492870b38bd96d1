import { resolve } from 'node:path';
import type { AppReference, ResolvedPackage } from '../../domain/app.ts';
import { appFile } from '../../domain/app-file.ts';
import { AppstoreError } from '../../domain/errors.ts';
import { LOCAL_CATALOG } from '../../domain/reference.ts';
import type { Catalog } from '../../services/ports.ts';
import { openFolder, resolveFolder } from './folder.ts';
import { checkedMetadata } from './metadata.ts';

/**
 * The catalog of packages that are named by their folder (`./folder`). It lists and searches nothing: it answers only
 * references with a location, so that services need to know nothing of paths. The name of the app is what its app.yaml says,
 * whatever the folder is called.
 *
 * @param cwd what relative locations start from
 */
export function locationCatalog(cwd: string): Catalog {
  return {
    name: LOCAL_CATALOG,
    search: async () => [],
    versions: async () => [],
    async resolve(reference: AppReference, signal?: AbortSignal): Promise<ResolvedPackage | undefined> {
      if (reference.location === undefined) return undefined;
      const path = resolve(cwd, reference.location);
      const metadata = await checkedMetadata(path, path);
      if (metadata === undefined) throw noPackage(reference.location, path);
      return resolveFolder(LOCAL_CATALOG, { path, metadata }, signal);
    },
    open: openFolder,
  };
}

function noPackage(location: string, path: string): AppstoreError {
  return new AppstoreError('APP_NOT_FOUND', `\`${location}\` holds no app: there is no ${path}/${appFile}.`, {
    hint: 'Name the folder that app.yaml lies in. Without a leading `./` a name is looked up in the catalogs.',
  });
}
