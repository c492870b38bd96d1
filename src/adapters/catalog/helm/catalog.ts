import type { AppMetadata, AppReference, Provenance, ResolvedPackage } from '../../../domain/app.ts';
import type { VerifiedIndex } from '../../../domain/index-statement.ts';
import type { SearchQuery } from '../../../domain/search.ts';
import { requireCurrent } from '../../../domain/signature-policy.ts';
import { chooseVersion } from '../../../domain/versions.ts';
import type { CatalogEntry } from '../../../services/catalog-store.ts';
import type { Catalog, CatalogHit } from '../../../services/ports.ts';
import type { ArchiveCache } from '../archive-cache.ts';
import type { Reach } from '../http/reach.ts';
import type { HttpSettings } from '../http/settings.ts';
import { neverRead } from '../never-read.ts';
import { readPackages } from '../read-packages.ts';
import { requireKept } from '../trust/kept.ts';
import type { PullOci } from './fetch-version.ts';
import { type ListedVersion, type LocalIndex, lastChecked, openIndex } from './local-index.ts';

export interface HelmCatalogSettings {
  readonly name: string;
  /** Address of the repository. */
  readonly location: string;
  /** Where its local index lies. */
  readonly index: string;
  readonly archives: ArchiveCache;
  /** Made when something is downloaded. */
  http(): Promise<HttpSettings>;
  readonly pullOci: PullOci;
  /** Where the catalog is pinned to a signer: what is known of its signatures. */
  readonly pinned?: Pick<CatalogEntry, 'name' | 'signedBy' | 'trust'>;
  now(): Date;
}

/**
 * A Helm repository as a catalog. Everything but the archives comes from the local index that `catalog update` built: no
 * request is made to search, to list versions or to choose one.
 *
 * Its methods throw CATALOG_INVALID where there is no local index: nobody knows then whether the catalog has an app.
 */
export function openHelmCatalog(settings: HelmCatalogSettings): Catalog {
  const { name } = settings;
  const packages = readPackages();
  return {
    name,
    search: async (query: SearchQuery): Promise<readonly CatalogHit[]> =>
      withIndex(settings, (index) => index.search(query).map((ranked) => ({ catalog: name, ...ranked }))),
    versions: async (app: string): Promise<readonly AppMetadata[]> =>
      withIndex(settings, (index) => index.versions(app).map(({ metadata }) => metadata)),
    async resolve(reference: AppReference, signal?: AbortSignal): Promise<ResolvedPackage | undefined> {
      if (reference.location !== undefined || (reference.catalog ?? name) !== name) return undefined;
      const listed = withIndex(settings, (index, signed) => choose(index, signed, name, reference));
      if (listed === undefined) return undefined;
      const { provenance, signed } = listed;
      // Searching goes on; what is installed must be known to be the newest.
      if (signed !== undefined) requireCurrent(signed, name, settings.now());
      // What downloads is loaded for that alone: a search must not wait for it.
      const { fetchVersion } = await import('./fetch-version.ts');
      const opened = await fetchVersion(
        { ...settings, ...listed, catalog: name, http: await settings.http() },
        listed.version,
        signal,
      );
      return packages.keep({ ...opened, resolved: { ...opened.resolved, provenance } });
    },
    open: packages.open,
    lastChecked: () => lastChecked(settings.index),
    ...(settings.pinned === undefined
      ? {}
      : {
          signedFor: async () =>
            withIndex(settings, (_, signed) => signed ?? { issued: never, expires: never }),
        }),
  };
}

const never = new Date(0).toISOString();

interface Chosen {
  readonly version: ListedVersion;
  readonly reach: Reach;
  readonly provenance: Provenance;
  readonly signed: VerifiedIndex | undefined;
}

function choose(
  index: LocalIndex,
  signed: VerifiedIndex | undefined,
  catalog: string,
  { name, range }: AppReference,
): Chosen | undefined {
  const versions = index.versions(name);
  if (versions.length === 0) return undefined;
  const flat = versions.map((listed) => ({ ...listed.metadata, listed }));
  return {
    version: chooseVersion(`${catalog}/${name}`, flat, range).listed,
    reach: index.facts.reach as Reach,
    provenance: provenanceOf(index.facts.digest, signed),
    signed,
  };
}

function provenanceOf(indexDigest: string, signed: VerifiedIndex | undefined): Provenance {
  if (signed === undefined) return { indexDigest };
  const { signer, issuer, catalog, version, verifiedAt } = signed;
  const by = issuer === undefined ? { signer } : { signer, issuer };
  return { indexDigest, signature: { ...by, catalog, version, verifiedAt } };
}

function withIndex<T>(
  settings: HelmCatalogSettings,
  work: (index: LocalIndex, signed: VerifiedIndex | undefined) => T,
): T {
  const index = openIndex(settings.index);
  const { pinned } = settings;
  try {
    if (index?.facts.location === settings.location)
      return work(index, pinned === undefined ? undefined : requireKept(pinned, index.facts.digest));
  } finally {
    index?.close();
  }
  throw neverRead(settings.name);
}
