import { AppstoreError } from '../domain/errors.ts';
import type { Catalog } from './ports.ts';

/**
 * The same catalogs, which give nothing but packages of a signed index. The built-in one is part of the program, and as much to be believed.
 * Their `resolve` throws SIGNATURE_REQUIRED for any other package.
 */
export function onlySigned(catalogs: readonly Catalog[]): readonly Catalog[] {
  return catalogs.map((catalog) => (catalog.name === 'builtin' ? catalog : requireSignature(catalog)));
}

function requireSignature(catalog: Catalog): Catalog {
  return {
    ...catalog,
    async resolve(reference, signal) {
      const resolved = await catalog.resolve(reference, signal);
      if (resolved === undefined || resolved.provenance?.signature !== undefined) return resolved;
      throw new AppstoreError(
        'SIGNATURE_REQUIRED',
        `${resolved.catalog}/${resolved.name} ${resolved.version} (${resolved.source}) is of no signed catalog.`,
      );
    },
  };
}
