import { AppstoreError } from '../../../domain/errors.ts';
import { parseOciReference } from '../../../domain/oci-reference.ts';
import { chooseVersion } from '../../../domain/versions.ts';
import type { CatalogEntry } from '../../../services/catalog-store.ts';
import type { ArchiveCache } from '../archive-cache.ts';
import type { Servers } from '../config/servers.ts';
import type { IndexEntry } from '../helm/entries.ts';
import { fetchArchive } from '../helm/fetch-version.ts';
import { indexAddress } from '../helm/index-address.ts';
import { longestIndex, readIndex } from '../helm/read-index.ts';
import { IndexRefused } from '../helm/sections.ts';
import { askHttp } from '../http/client.ts';
import type { Reach } from '../http/reach.ts';
import { pullChart } from '../oci/pull.ts';
import type { DependencySources } from './fetch.ts';
import { missing } from './local.ts';

export interface SourceSettings {
  readonly catalogs: readonly CatalogEntry[];
  readonly servers: Servers;
  readonly archives: ArchiveCache;
}

/** Repositories and registries, asked with the certificates and credentials of the catalogs that were added. */
export function dependencySources({ catalogs, servers, archives }: SourceSettings): DependencySources {
  const fromRegistry = async (address: string, range: string, signal?: AbortSignal, from?: Reach) => {
    const reference = parseOciReference(address);
    if (typeof reference === 'string') throw missing(address, reference);
    const wanted = reference.version === undefined ? { ...reference, version: range } : reference;
    const pulled = await pullChart(await servers.registry(address, from), wanted, signal);
    if (pulled === undefined) throw missing(address, 'there is no such repository, or you may not see it');
    return pulled.archive;
  };
  return {
    addressOf: (name) => catalogs.find((entry) => entry.name === name && entry.kind !== 'folder')?.location,
    fromRegistry: (address, range, signal) => fromRegistry(address, range, signal),
    async fromRepository(address, name, range, signal) {
      const http = await servers.http(address);
      const { entry, reach } = await findEntry(http, address, name, signal);
      const versions = entry.versions.map(({ metadata, digest, urls }) => ({
        ...metadata,
        listed: { metadata, digest, contentDigest: '', urls },
      }));
      const { listed } = chooseVersion(`${name} of ${address}`, versions, range);
      const pullOci = (oci: string, from: Reach, stop?: AbortSignal) => fromRegistry(oci, '*', stop, from);
      const settings = { catalog: address, location: address, http, archives, reach, pullOci };
      return (await fetchArchive(settings, listed, signal)).bytes;
    },
  };
}

/** Reads the index as far as the chart that is wanted. */
async function findEntry(
  http: Awaited<ReturnType<Servers['http']>>,
  address: string,
  name: string,
  signal?: AbortSignal,
): Promise<{ readonly entry: IndexEntry; readonly reach: Reach }> {
  const answer = await askHttp(http, {
    what: `the index of ${address}`,
    url: indexAddress(address),
    limit: longestIndex,
    compressed: true,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    for await (const { entry } of readIndex(answer.body))
      if (entry?.name === name) return { entry, reach: answer.reach };
  } catch (error) {
    if (!(error instanceof IndexRefused)) throw error;
    throw new AppstoreError('CATALOG_INVALID', `the index of ${address} ${error.message}.`, { cause: error });
  } finally {
    // The rest of it is not read.
    answer.close();
  }
  throw missing(name, `${address} does not have it`);
}
