import type { CatalogState } from '../services/catalog-store.ts';
import { apiVersion } from './api-version.ts';

/** The catalogs that were added. */
export function catalogListOutput(catalogs: readonly CatalogState[]) {
  return {
    apiVersion,
    kind: 'CatalogList' as const,
    items: catalogs.map(({ checked, anonymous, signedBy: _key, trust: _trust, ...catalog }) => ({
      ...catalog,
      credentials: !anonymous,
      ...(checked === undefined ? {} : { checked: checked.toISOString() }),
    })),
  };
}
