import type { Catalog } from '../../services/ports.ts';
import { type LocationKind, locationCatalog } from './location.ts';
import { pathLocation } from './path-location.ts';

/**
 * Packages that are named by their location: paths from a folder on, and addresses.
 *
 * @param addDependencies see `pathLocation`
 */
export function openLocations(
  cwd: string,
  addresses: readonly LocationKind[],
  addDependencies?: Parameters<typeof pathLocation>[1],
): Catalog {
  return locationCatalog([...addresses, pathLocation(cwd, addDependencies)]);
}
