import type { CatalogMaker } from '../../../services/catalog-maker.ts';
import { buildSite } from './build.ts';

/** Makes catalogs of folders on this machine. */
export function localMaker(): CatalogMaker {
  return {
    async build(request, signal) {
      const { index: _, ...made } = await buildSite(request, signal);
      return made;
    },
  };
}
