import type { AppReference, Package } from '../domain/app.ts';
import { HELM_CATALOG, LOCAL_CATALOG } from '../domain/catalog-names.ts';
import { AppstoreError } from '../domain/errors.ts';
import type { RevisionHead } from '../domain/release.ts';
import { cleanLine } from '../domain/text.ts';
import { isBelow, newerVersion } from '../domain/versions.ts';
import { openApp } from './browse.ts';
import type { ChangeDeps, ChangeRequest } from './requests.ts';

/** The newest revision, and the package of the app that the request names, where it names one. */
interface Known {
  readonly stored: RevisionHead | undefined;
  readonly opening: Promise<Package> | undefined;
}

/**
 * The package that a change is about: of the app that is named or, where none is, of the one that is installed; undefined where
 * no catalog of that is known. An upgrade that names no version never goes below what is installed
 * (docs/decisions/0057). Throws what opening throws, and VERSION_NOT_FOUND where the catalog has nothing that is not below.
 */
export async function openWanted(
  deps: ChangeDeps,
  request: ChangeRequest,
  { stored, opening }: Known,
  signal: AbortSignal,
): Promise<Package | undefined> {
  if (opening === undefined && stored?.package.catalog === HELM_CATALOG) return undefined;
  const reference = request.app ?? referenceOf(request, stored);
  checkCatalog(deps, request, reference, stored);
  const open = () => opening ?? openApp(deps, reference, signal);
  if (request.operation !== 'upgrade' || stored === undefined || namesVersion(reference)) return open();
  const newest = await open().catch(noVersion);
  if (newest instanceof AppstoreError) return notBelow(deps, request, { reference, stored, newest }, signal);
  const { catalog, name, version } = newest.resolved;
  const other = name !== stored.package.name || ![catalog, HELM_CATALOG].includes(stored.package.catalog);
  if (other || !isBelow(version, stored.package.version)) return newest;
  return notBelow(deps, request, { reference, stored, newest }, signal);
}

/** True where there is nothing to choose: a range is named, or a location that holds one version. */
function namesVersion({ range, location }: AppReference): boolean {
  return range !== undefined || (location !== undefined && !/^oci:\/\/[^@]+$/i.test(location));
}

/** The answer of a catalog that has the app, and of it nothing that is chosen unasked. */
function noVersion(error: unknown): AppstoreError {
  if (error instanceof AppstoreError && error.code === 'VERSION_NOT_FOUND') return error;
  throw error;
}

interface Falling {
  readonly reference: AppReference;
  readonly stored: RevisionHead;
  /** What the catalog answers by itself. */
  readonly newest: Package | AppstoreError;
}

/** What is above the installed version by the rule for it, else that version itself, taken back or not. */
async function notBelow(
  deps: ChangeDeps,
  request: ChangeRequest,
  { reference, stored, newest }: Falling,
  signal: AbortSignal,
): Promise<Package> {
  const { version } = stored.package;
  const from = newest instanceof AppstoreError ? reference.catalog : newest.resolved.catalog;
  const catalog = deps.catalogs.find(({ name }) => name === (from ?? stored.package.catalog));
  const versions =
    reference.location === undefined ? await catalog?.versions(reference.name, signal) : undefined;
  const range = newerVersion(versions ?? [], version)?.version ?? version;
  const kept = await openApp(deps, { ...reference, range }, signal).catch(noVersion);
  if (!(kept instanceof AppstoreError) && !isBelow(kept.resolved.version, version)) return kept;
  throw newest instanceof AppstoreError ? newest : wouldFall(request, reference, newest, version);
}

function wouldFall(
  { name, namespace }: ChangeRequest,
  reference: AppReference,
  { resolved }: Package,
  installed: string,
): AppstoreError {
  const app = reference.location ?? `${resolved.catalog}/${resolved.name}`;
  const below = cleanLine(resolved.version);
  return new AppstoreError(
    'VERSION_NOT_FOUND',
    `${name} in namespace ${namespace} runs ${cleanLine(installed)}, and the newest that ${cleanLine(app)} has is ${below}: an upgrade goes below what is installed only where the version is named`,
    {
      hint: `To go down on purpose, knowing that ${below} can read what ${cleanLine(installed)} has written: \`appstore upgrade ${name} ${cleanLine(app)} --version ${below} -n ${namespace}\`.`,
    },
  );
}

/** Where the catalog that an installation came from is not here any more, what helps is another than for a mistyped name. */
function checkCatalog(
  { catalogs }: ChangeDeps,
  { operation, name, namespace }: ChangeRequest,
  { catalog, location }: AppReference,
  stored: RevisionHead | undefined,
): void {
  if (operation !== 'upgrade' || location !== undefined) return;
  if (catalog === undefined || catalog !== stored?.package.catalog) return;
  if (catalogs.some((one) => one.name === catalog)) return;
  const names = catalogs.map((one) => one.name).filter((one) => one !== LOCAL_CATALOG);
  const gone = cleanLine(catalog);
  throw new AppstoreError(
    'CATALOG_NOT_FOUND',
    `${name} in namespace ${namespace} came from the catalog \`${gone}\`, which is not here. There is: ${names.join(', ')}.`,
    {
      hint: `Add it again under that name: \`appstore catalog add ${gone} LOCATION\`. Until then \`status\`, \`rollback\` and \`remove\` work as ever.`,
    },
  );
}

function referenceOf(request: ChangeRequest, stored: RevisionHead | undefined): AppReference {
  if (stored === undefined) {
    throw new AppstoreError(
      'INSTALLATION_NOT_FOUND',
      `nothing is installed as ${request.name} in namespace ${request.namespace}`,
    );
  }
  const { catalog, name, source } = stored.package;
  // The location in the record is not trusted: whoever may edit the namespace could point it at another folder of this machine,
  // or at a registry of their own (docs/decisions/0034).
  if (catalog === LOCAL_CATALOG) {
    throw new AppstoreError(
      'USAGE',
      `${request.name} was installed from a location (${cleanLine(source)}), not from a catalog: name the location again`,
      {
        hint: `appstore upgrade ${request.name} LOCATION -n ${request.namespace}, where LOCATION is a folder, archive or oci:// address that you trust. A catalog that you add (\`appstore catalog add\`) is remembered by its name.`,
      },
    );
  }
  return { text: `${catalog}/${name}`, catalog, name };
}
