import type {
  AppMetadata,
  AppReference,
  Package,
  PackageDescription,
  ResolvedPackage,
} from '../domain/app.ts';
import { LOCAL_CATALOG } from '../domain/catalog-names.ts';
import { AppstoreError } from '../domain/errors.ts';
import { nearest } from '../domain/near.ts';
import { formatReference } from '../domain/reference.ts';
import type { SearchQuery } from '../domain/search.ts';
import type { Catalog, CatalogHit, DescribeFor, Renderer } from './ports.ts';
import type { AppDetails, BrowseDeps, UnreadPart } from './requests.ts';

/** An app made exact and read, with the renderer that understands it. */
export interface ResolvedApp {
  readonly resolved: ResolvedPackage;
  readonly package: Package;
  readonly description: PackageDescription;
  readonly renderer: Renderer;
}

/** What a search came to. */
export interface FoundApps {
  /** Best first. */
  readonly hits: readonly CatalogHit[];
  /** What could not be read: a catalog as a whole, or one app of it. The others are found all the same. */
  readonly unread: readonly UnreadPart[];
}

/**
 * Apps of all catalogs at their newest versions, best first; every one, by name, for an empty query. A catalog that cannot be read hides
 * no other.
 */
export async function searchApps(
  deps: Pick<BrowseDeps, 'catalogs'>,
  query: SearchQuery,
  signal?: AbortSignal,
): Promise<FoundApps> {
  const unread: UnreadPart[] = [];
  const searchIn = async (catalog: Catalog) => {
    const tell = (error: AppstoreError) => unread.push({ catalog: catalog.name, error });
    try {
      const options = { unread: tell, ...(signal === undefined ? {} : { signal }) };
      return await catalog.search(query, options);
    } catch (error) {
      if (!(error instanceof AppstoreError) || error.code === 'INTERRUPTED') throw error;
      tell(error);
      return [];
    }
  };
  const found = await Promise.all(deps.catalogs.map(searchIn));
  const hits = found.flat().sort((a, b) => b.score - a.score || compare(a.app.name, b.app.name));
  return { hits, unread: unread.toSorted((a, b) => compare(a.catalog, b.catalog)) };
}

/**
 * What `show` tells of an app.
 *
 * @throws AppstoreError as `resolveApp` does
 */
export async function showApp(
  deps: BrowseDeps,
  reference: AppReference,
  signal?: AbortSignal,
): Promise<AppDetails> {
  const { resolved, description } = await resolveApp(deps, reference, signal);
  return { resolved, description, versions: await versionsOf(deps, resolved, description.metadata, signal) };
}

/**
 * Makes a reference exact and reads the package. Where several catalogs have the app the person must choose: the order of
 * the catalogs never decides.
 *
 * @param purpose see `Renderer.describe`
 * @throws AppstoreError APP_NOT_FOUND with near matches, APP_AMBIGUOUS, VERSION_NOT_FOUND with the versions that there are,
 *   PACKAGE_INVALID, and what reading the catalog throws
 */
export async function resolveApp(
  deps: BrowseDeps,
  reference: AppReference,
  signal?: AbortSignal,
  purpose?: DescribeFor,
): Promise<ResolvedApp> {
  return readPackage(deps, await openApp(deps, reference, signal), purpose);
}

/**
 * Makes a reference exact and opens the package, without reading it.
 *
 * @throws AppstoreError as `resolveApp`, but for what is in the package
 */
export async function openApp(
  deps: BrowseDeps,
  reference: AppReference,
  signal?: AbortSignal,
): Promise<Package> {
  const { catalog, resolved } = await find(deps, reference, signal);
  return catalog.open(resolved, signal);
}

/**
 * Finds the renderer that understands a package, and what the package says of itself.
 *
 * @param purpose see `Renderer.describe`
 * @throws AppstoreError PACKAGE_INVALID
 */
export async function readPackage(
  deps: BrowseDeps,
  opened: Package,
  purpose?: DescribeFor,
): Promise<ResolvedApp> {
  const { resolved } = opened;
  const renderer = deps.renderers.find((candidate) => candidate.accepts(opened.files));
  if (renderer === undefined) {
    throw new AppstoreError(
      'PACKAGE_INVALID',
      `${resolved.source}: this is not a package of a known format.`,
      {
        hint: 'A package holds an app.yaml (docs/packages.md).',
      },
    );
  }
  const description = await renderer.describe(opened.files, resolved.source, purpose);
  return { resolved, package: opened, description, renderer };
}

/** A catalog that has the app: in a version that fits, or only in others. */
interface Holder {
  readonly catalog: Catalog;
  readonly resolved: ResolvedPackage | AppstoreError;
}

async function find(
  deps: BrowseDeps,
  reference: AppReference,
  signal?: AbortSignal,
): Promise<{ catalog: Catalog; resolved: ResolvedPackage }> {
  const asked = catalogsFor(deps, reference);
  // A catalog that cannot be asked fails the whole: it might have the app, and then the person must choose.
  const answers = await Promise.all(asked.map((catalog) => ask(catalog, reference, signal)));
  const holders = answers.filter((answer) => answer !== undefined);
  const [first, ...others] = holders;
  if (first === undefined) throw await notFound(deps, reference, signal);
  if (others.length > 0) throw ambiguous(reference, holders);
  if (first.resolved instanceof AppstoreError) throw first.resolved;
  return { catalog: first.catalog, resolved: first.resolved };
}

async function ask(
  catalog: Catalog,
  reference: AppReference,
  signal?: AbortSignal,
): Promise<Holder | undefined> {
  try {
    const resolved = await catalog.resolve(reference, signal);
    return resolved === undefined ? undefined : { catalog, resolved };
  } catch (error) {
    if (error instanceof AppstoreError && error.code === 'VERSION_NOT_FOUND')
      return { catalog, resolved: error };
    throw error;
  }
}

function catalogsFor(deps: BrowseDeps, reference: AppReference): readonly Catalog[] {
  if (reference.catalog === undefined) return deps.catalogs;
  const named = deps.catalogs.filter((catalog) => catalog.name === reference.catalog);
  if (named.length > 0) return named;
  // What is opened by its location has no name that could be given.
  const names = deps.catalogs.map(({ name }) => name).filter((name) => name !== LOCAL_CATALOG);
  throw new AppstoreError(
    'APP_NOT_FOUND',
    `There is no catalog \`${reference.catalog}\`. There is: ${names.join(', ')}.`,
    {
      hint: `For a folder begin with \`./\`: \`./${reference.text}\`.`,
    },
  );
}

async function notFound(
  deps: BrowseDeps,
  reference: AppReference,
  signal?: AbortSignal,
): Promise<AppstoreError> {
  const { hits: all } = await searchApps({ catalogs: catalogsFor(deps, reference) }, { text: '' }, signal);
  const names = [...new Set(all.map((hit) => hit.app.name))];
  const similar = nearest(reference.name, names);
  const where = reference.catalog === undefined ? 'No catalog' : `Catalog \`${reference.catalog}\``;
  const has = reference.catalog === undefined ? 'has' : 'does not have';
  return new AppstoreError(
    'APP_NOT_FOUND',
    `${where} ${has} an app \`${reference.location ?? reference.name}\`.`,
    {
      hint:
        similar.length > 0
          ? `Did you mean ${similar.map((name) => `\`${name}\``).join(' or ')}?`
          : 'See what there is with `appstore search`.',
    },
  );
}

function ambiguous(reference: AppReference, holders: readonly Holder[]): AppstoreError {
  const names = holders.map(({ catalog }) => catalog.name);
  const choices = names.map((catalog) => `\`${formatReference({ ...reference, catalog })}\``);
  return new AppstoreError(
    'APP_AMBIGUOUS',
    `${names.length} catalogs have an app \`${reference.name}\`: ${names.join(', ')}.`,
    { hint: `Name the catalog: ${choices.join(' or ')}.` },
  );
}

async function versionsOf(
  deps: BrowseDeps,
  resolved: ResolvedPackage,
  metadata: AppMetadata,
  signal?: AbortSignal,
): Promise<readonly AppMetadata[]> {
  const catalog = deps.catalogs.find((candidate) => candidate.name === resolved.catalog);
  const versions = await catalog?.versions(resolved.name, signal);
  return versions === undefined || versions.length === 0 ? [metadata] : versions;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
