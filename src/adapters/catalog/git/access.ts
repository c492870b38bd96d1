import type { CatalogEntry } from '../../../services/catalog-store.ts';
import type { HttpSettings } from '../http/settings.ts';
import type { GitAccess } from './environment.ts';

/**
 * What the server of a repository is shown: the credentials that any other request to it would carry (http/credentials.ts), and the
 * certificates of its catalog. ssh and folders take none of them.
 */
export async function gitAccess(
  { caFile, certFile, keyFile }: CatalogEntry,
  url: string,
  { credentials }: Pick<HttpSettings, 'credentials'>,
): Promise<GitAccess> {
  if (!/^https?:/.test(url)) return {};
  const authorization = await credentials(new URL(url));
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}
