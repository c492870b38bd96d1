import type { AppReference, Package, ResolvedPackage } from '../../domain/app.ts';
import { LOCAL_CATALOG } from '../../domain/catalog-names.ts';
import { AppstoreError } from '../../domain/errors.ts';
import type { Catalog } from '../../services/ports.ts';

/** A reference that stands for one package by itself. */
type LocationReference = AppReference & { readonly location: string };

/** One way to name a package by where it lies. */
export interface LocationKind {
  takes(location: string): boolean;
  /** Reads the package. Throws APP_NOT_FOUND, PACKAGE_INVALID, and what reading there throws. */
  read(reference: LocationReference, signal?: AbortSignal): Promise<Package>;
}

/**
 * The catalog of packages that are named by their location (`./folder`, `./x.tgz`, `https://...`, `oci://...`). It lists and
 * searches nothing: it answers only references with a location, so that services need to know nothing of paths and addresses.
 * The name of the app is what its package says, whatever the folder or file is called.
 *
 * What was read for `resolve` is kept for as long as the catalog is: a command asks for the same package more than once, and it
 * must not be another one the second time.
 */
export function locationCatalog(kinds: readonly LocationKind[]): Catalog {
  const read = new Map<string, Promise<Package>>();
  const packageAt = (reference: LocationReference, signal?: AbortSignal): Promise<Package> => {
    const key = `${reference.location}\n${reference.range ?? ''}`;
    const found = read.get(key) ?? readBy(kinds, reference, signal);
    read.set(key, found);
    return found;
  };
  return {
    name: LOCAL_CATALOG,
    search: async () => [],
    versions: async () => [],
    async resolve(reference: AppReference, signal?: AbortSignal): Promise<ResolvedPackage | undefined> {
      const { location } = reference;
      return location === undefined
        ? undefined
        : (await packageAt({ ...reference, location }, signal)).resolved;
    },
    async open(resolved: ResolvedPackage): Promise<Package> {
      const all = await Promise.all(read.values());
      const found = all.find((one) => one.resolved === resolved);
      if (found !== undefined) return found;
      throw new AppstoreError('INTERNAL', `${resolved.source} was not resolved by this catalog`);
    },
  };
}

async function readBy(
  kinds: readonly LocationKind[],
  reference: LocationReference,
  signal?: AbortSignal,
): Promise<Package> {
  const kind = kinds.find((one) => one.takes(reference.location));
  if (kind !== undefined) return kind.read(reference, signal);
  throw new AppstoreError('USAGE', `\`${reference.location}\` is no location that an app can be read from`);
}
