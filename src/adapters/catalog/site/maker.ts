import type { CatalogMaker } from '../../../services/catalog-maker.ts';
import { type CatalogFolders, rootsFolder } from '../config/added.ts';
import { readConfig } from '../config/config.ts';
import { serversOf } from '../config/servers.ts';
import type { CatalogSurroundings } from '../surroundings.ts';

/**
 * Makes catalogs of folders on this machine.
 *
 * @param folders where the catalogs that were added are known: they say how their registries are asked
 */
export function localMaker(folders: CatalogFolders, surroundings: CatalogSurroundings): CatalogMaker {
  return {
    async build(request, signal) {
      const { buildSite } = await import('./build.ts');
      const { index: _, ...made } = await buildSite({ ...request, roots: rootsFolder(folders) }, signal);
      return made;
    },
    async push({ folder, target, credential, sign }, signal) {
      const { pushCatalog } = await import('../oci/push.ts');
      const added = await readConfig(folders.config);
      const told = credential !== undefined || Object.keys(target).length > 3;
      const servers = serversOf(
        {
          catalogs: told ? [target] : added.catalogs,
          credentials: credential === undefined ? added.credentials : { [target.name]: credential },
        },
        surroundings,
      );
      const registry = await servers.registry(target.location);
      const now = surroundings.now?.() ?? new Date();
      const signing = { roots: rootsFolder(folders), ...(sign === undefined ? {} : { sign }) };
      return pushCatalog({ folder, location: target.location, registry, now, ...signing }, signal);
    },
  };
}
