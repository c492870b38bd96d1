import type { Package } from '../../domain/app.ts';
import type { Catalog } from '../../services/ports.ts';
import { type LocationKind, type LocationReference, locationCatalog } from './location.ts';
import { pathLocation } from './path-location.ts';
import type { CatalogSurroundings } from './surroundings.ts';

/** Packages that are named by their location: paths, and addresses, for which the network is loaded when one is named. */
export function openLocations(surroundings: CatalogSurroundings): Catalog {
  return locationCatalog([pathLocation(surroundings.cwd), lazyHttp(surroundings)]);
}

function lazyHttp({ environment, home, userAgent }: CatalogSurroundings): LocationKind {
  return {
    takes: (location) => /^https?:\/\//i.test(location),
    async read(reference: LocationReference, signal?: AbortSignal): Promise<Package> {
      const [{ httpLocation }, { credentialsFrom }] = await Promise.all([
        import('./http-location.ts'),
        import('./http/credentials.ts'),
      ]);
      const credentials = credentialsFrom({ environment, home });
      return httpLocation({ environment, userAgent, credentials }).read(reference, signal);
    },
  };
}
