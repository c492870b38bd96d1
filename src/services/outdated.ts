import type { AppMetadata } from '../domain/app.ts';
import { LOCAL_CATALOG } from '../domain/catalog-names.ts';
import { AppstoreError } from '../domain/errors.ts';
import { parseHelmVersion } from '../domain/helm-version.ts';
import { cleanLine } from '../domain/text.ts';
import { newerVersion } from '../domain/versions.ts';
import { listInstallations } from './inspect.ts';
import type { Catalog } from './ports.ts';
import type { BrowseDeps, ClusterDeps, InstallationList, OutdatedReport } from './requests.ts';

type Item = InstallationList['items'][number];
type Unknown = OutdatedReport['unknown'][number];

/**
 * Installations for which their own catalog has a newer version (NEEDS row 15). Reads no Secret. What was taken back is
 * newer for nobody, and prereleases count only for who runs one: it is what an upgrade would take. Throws what listing throws; a catalog that is not there makes its installations unknown and hides no other.
 */
export async function outdated(
  deps: BrowseDeps & ClusterDeps,
  scope: { readonly namespace?: string },
  signal: AbortSignal,
): Promise<OutdatedReport> {
  const list = await listInstallations(deps, scope, signal);
  const apps = Map.groupBy(list.items, ({ catalog, app }) => `${catalog}/${app}`);
  const answers = await Promise.all([...apps.values()].map((items) => judge(deps, items, signal)));
  const order = new Map(list.items.map((item, index) => [item, index]));
  const byPlace = (a: { readonly installation: Item }, b: { readonly installation: Item }) =>
    (order.get(a.installation) ?? 0) - (order.get(b.installation) ?? 0);
  return {
    ...(list.limitedTo === undefined ? {} : { limitedTo: list.limitedTo }),
    checked: list.items.length,
    items: answers.flatMap(({ items }) => items).sort(byPlace),
    unknown: answers.flatMap(({ unknown }) => unknown).sort(byPlace),
  };
}

/** The installations of one app of one catalog. */
async function judge(
  deps: BrowseDeps,
  items: readonly Item[],
  signal: AbortSignal,
): Promise<Pick<OutdatedReport, 'items' | 'unknown'>> {
  const [first] = items;
  if (first === undefined) return { items: [], unknown: [] };
  const catalog = deps.catalogs.find(({ name }) => name === first.catalog);
  const all = (reason: string) => ({
    items: [],
    unknown: items.map((installation) => ({ installation, reason })),
  });
  if (first.catalog === LOCAL_CATALOG)
    return all('it came from a folder or an archive, which no catalog has versions of');
  if (catalog === undefined) return all(`there is no catalog ${cleanLine(first.catalog)} here`);
  const found = await versionsOf(catalog, first.app, signal);
  if (found instanceof AppstoreError) return all(cleanLine(found.message));
  if (found.length === 0) return all(`catalog ${cleanLine(first.catalog)} does not have it`);
  const judged = items.map((installation) => newer(installation, found));
  return {
    items: judged.filter((one) => 'latest' in one),
    unknown: judged.filter((one): one is Unknown => 'reason' in one),
  };
}

/** A catalog that cannot be asked makes its own installations unknown, and hides no other. */
async function versionsOf(
  catalog: Catalog,
  app: string,
  signal: AbortSignal,
): Promise<readonly AppMetadata[] | AppstoreError> {
  try {
    return await catalog.versions(app, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppstoreError) return error;
    throw error;
  }
}

function newer(
  installation: Item,
  versions: readonly AppMetadata[],
): OutdatedReport['items'][number] | Unknown | { readonly current: true } {
  if (parseHelmVersion(installation.version) === undefined)
    return { installation, reason: `its version ${cleanLine(installation.version)} is none` };
  const latest = newerVersion(versions, installation.version);
  if (latest === undefined) return { current: true };
  return { installation, latest: { version: latest.version, appVersion: latest.appVersion } };
}
