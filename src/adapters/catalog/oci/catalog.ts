import type { AppMetadata, AppReference, Package, ResolvedPackage } from '../../../domain/app.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { type OciReference, parseOciReference } from '../../../domain/oci-reference.ts';
import { cleanLine } from '../../../domain/text.ts';
import type { Catalog } from '../../../services/ports.ts';
import { openArchive } from '../archive/open-archive.ts';
import type { LocationKind } from '../location.ts';
import { readPackages } from '../read-packages.ts';
import { chartVersions, pullChart } from './pull.ts';
import type { RegistrySettings } from './session.ts';

export interface OciCatalogSettings {
  readonly name: string;
  /** `oci://host/path`: each app is a repository below it. */
  readonly location: string;
  registry(): Promise<RegistrySettings>;
}

/**
 * The repositories of a registry below one path as a catalog. A registry cannot say what there is, so nothing is listed, and a name is
 * looked for here only where it is written with the catalog's (`team/web`): a bare name must not make requests.
 */
export function openOciCatalog(settings: OciCatalogSettings): Catalog {
  const { name } = settings;
  const packages = readPackages();
  return {
    name,
    search: async () => [],
    versions: async (app: string, signal?: AbortSignal): Promise<readonly AppMetadata[]> => {
      const at = repositoryOf(settings.location, app);
      const versions = at === undefined ? [] : await chartVersions(await settings.registry(), at, signal);
      return (versions ?? []).map((version) => bareMetadata(app, version));
    },
    async resolve(reference: AppReference, signal?: AbortSignal): Promise<ResolvedPackage | undefined> {
      if (reference.location !== undefined || reference.catalog !== name) return undefined;
      const at = repositoryOf(settings.location, reference.name);
      if (at === undefined) return undefined;
      const { range } = reference;
      const wanted = { ...at, ...(range === undefined ? {} : { version: range }) };
      const opened = await openChart(await settings.registry(), wanted, name, signal);
      if (opened === undefined) return undefined;
      requireName(opened.resolved, reference.name);
      return packages.keep(opened);
    },
    open: packages.open,
  };
}

/** Charts named by their repository: `oci://host/path:version`. */
export function ociLocation(
  catalog: string,
  registry: (address: string) => Promise<RegistrySettings>,
): LocationKind {
  return {
    takes: (location) => /^oci:\/\//i.test(location),
    async read({ location, range, text }, signal) {
      const read = parseOciReference(location);
      if (typeof read === 'string') throw new AppstoreError('USAGE', `\`${text}\`: ${read}`);
      const wanted = range === undefined ? read : { ...read, version: range };
      const opened = await openChart(await registry(location), wanted, catalog, signal);
      if (opened !== undefined) return opened;
      throw new AppstoreError(
        'APP_NOT_FOUND',
        `there is no repository \`${location}\`, or you may not see it.`,
        {
          hint: `Check the address, or log in with \`helm registry login ${read.host}\`.`,
        },
      );
    },
  };
}

async function openChart(
  registry: RegistrySettings,
  reference: OciReference,
  catalog: string,
  signal?: AbortSignal,
): Promise<Package | undefined> {
  const pulled = await pullChart(registry, reference, signal);
  if (pulled === undefined) return undefined;
  const { host, repository, digest } = reference;
  const source = `oci://${host}/${repository}${digest === undefined ? ':' : '@'}${pulled.reference}`;
  const opened = await openArchive(pulled.archive, { catalog, source });
  const { version } = opened.resolved;
  // Tags that are no version (`latest`) may stand for any.
  const tagged = pulled.reference.replaceAll('_', '+');
  if (/^v?\d+\.\d+\.\d+/.test(tagged) && version.replace(/^v/, '') !== tagged.replace(/^v/, ''))
    throw new AppstoreError(
      'CATALOG_INVALID',
      `${source} holds version ${cleanLine(version)} of the chart.`,
      {
        hint: 'The tag says another version than the chart. Name the chart by its digest if that is what you want.',
      },
    );
  return opened;
}

function requireName({ name, source }: ResolvedPackage, wanted: string): void {
  if (name === wanted) return;
  throw new AppstoreError('CATALOG_INVALID', `${source} holds the chart ${cleanLine(name)}.`, {
    hint: 'A repository of a catalog has the name of its chart, as `helm push` makes it.',
  });
}

/** Names that no repository can have are of no app here. */
function repositoryOf(location: string, app: string): OciReference | undefined {
  const read = parseOciReference(`${location.replace(/\/+$/, '')}/${app}`);
  return typeof read === 'string' ? undefined : read;
}

/** A tag says a version and nothing more. */
function bareMetadata(name: string, version: string): AppMetadata {
  const none = {
    appVersion: '',
    title: name,
    summary: '',
    description: '',
    category: '',
    license: '',
    home: '',
    icon: '',
  };
  return { ...none, name, version, keywords: [], sources: [], maintainers: [] };
}
