import { readFile } from 'node:fs/promises';
import type { CatalogEntry, GivenCredential } from '../../../services/catalog-store.ts';
import { reading } from '../reading.ts';
import type { CatalogSurroundings } from '../surroundings.ts';
import { credentialsFrom } from './credentials.ts';
import type { HttpSettings } from './settings.ts';

/**
 * How the server of a catalog is asked: with its certificates and credentials, on these surroundings.
 *
 * @throws AppstoreError FILE_UNREADABLE
 */
export async function httpSettingsFor(
  entry: CatalogEntry,
  credential: GivenCredential | undefined,
  surroundings: CatalogSurroundings,
): Promise<HttpSettings> {
  const [ca, cert, key] = await Promise.all([entry.caFile, entry.certFile, entry.keyFile].map(pemOf));
  const location = URL.parse(entry.location.replace(/^git\+/i, ''));
  const own = location === null || credential === undefined ? {} : { own: { location, credential } };
  const { environment, home, userAgent } = surroundings;
  return {
    environment,
    userAgent,
    credentials: credentialsFrom({ ...own, environment, home }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined || location === null
      ? {}
      : { certificate: { cert, key, host: location.host } }),
  };
}

async function pemOf(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : reading(file, () => readFile(file, 'utf8'));
}
