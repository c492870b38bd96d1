import type { PackageFile } from '../../../domain/app.ts';
import { type ChartLock, fitsLock, parseChartLock } from '../../../domain/chart-lock.ts';
import { type ChartDependency, type ChartMetadata, readChart } from '../../../domain/chart-yaml.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { cleanLine } from '../../../domain/text.ts';
import { openArchive } from '../archive/open-archive.ts';
import { missing, readLocalDependency } from './local.ts';
import { chartsPresent } from './present.ts';

/** Where dependencies come from. */
export interface DependencySources {
  /** The address of a repository that Chart.yaml names by a catalog (`@name`, `alias:name`); undefined where there is none. */
  addressOf(name: string): string | undefined;
  /** The archive of a chart: the version as Chart.lock has it, or the newest in a range. */
  fromRepository(address: string, name: string, range: string, signal?: AbortSignal): Promise<Uint8Array>;
  fromRegistry(address: string, range: string, signal?: AbortSignal): Promise<Uint8Array>;
}

/**
 * Adds what a chart's `charts/` lacks, from where Chart.yaml says it is: repositories, registries, folders beside the chart. What
 * is there is used as it is. Versions are those of Chart.lock, where there is one; nothing is written to the folder.
 *
 * @param folder of the chart: a person named it on this command line
 * @throws AppstoreError DEPENDENCY_MISSING, PACKAGE_INVALID, and what the sources throw
 */
export async function withDependencies(
  files: readonly PackageFile[],
  folder: string,
  sources: DependencySources,
  signal?: AbortSignal,
): Promise<readonly PackageFile[]> {
  const chart = readChart(files, folder);
  if (chart === undefined || chart.dependencies.length === 0) return files;
  const present = await chartsPresent(files, folder);
  const wanted = chart.dependencies.map((dependency) => withAddress(dependency, sources));
  const locked = lockedVersions(files, chart, wanted, folder);
  // One chart may be a dependency several times, under aliases.
  const lacking = [
    ...new Map(wanted.filter(({ name }) => !present.has(name)).map((one) => [keyOf(one), one])).values(),
  ];
  const added = await Promise.all(
    lacking.map((one) =>
      fetchOne({ ...one, version: locked?.get(one.name) ?? one.version }, folder, sources, signal),
    ),
  );
  return [...files, ...added.flat()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function keyOf({ name, version, repository }: ChartDependency): string {
  return JSON.stringify([name, version, repository]);
}

/** `@name` and `alias:name` are catalogs here, as they are repositories of Helm. */
function withAddress(dependency: ChartDependency, sources: DependencySources): ChartDependency {
  const named = /^(?:@|alias:)(.*)$/.exec(dependency.repository)?.[1];
  if (named === undefined) return dependency;
  const address = sources.addressOf(named);
  if (address !== undefined) return { ...dependency, repository: address };
  throw missing(dependency.name, `there is no catalog \`${cleanLine(named)}\` (\`appstore catalog add\`)`);
}

/** As `helm dependency build`: a lock that was made from other dependencies is refused. */
function lockedVersions(
  files: readonly PackageFile[],
  { apiVersion }: ChartMetadata,
  wanted: readonly ChartDependency[],
  folder: string,
): ReadonlyMap<string, string> | undefined {
  const [lockFile, of] =
    apiVersion === 'v1'
      ? (['requirements.lock', 'requirements.yaml'] as const)
      : (['Chart.lock', 'Chart.yaml'] as const);
  const file = files.find(({ path }) => path === lockFile) ?? files.find(({ path }) => path === 'Chart.lock');
  if (file === undefined) return undefined;
  const lock: ChartLock = parseChartLock(
    Buffer.from(file.content).toString('utf8'),
    `${folder}/${file.path}`,
  );
  if (fitsLock(wanted, lock, apiVersion))
    return new Map(lock.dependencies.map(({ name, version }) => [name, version]));
  throw new AppstoreError(
    'PACKAGE_INVALID',
    `${folder}/${file.path} is out of sync with the dependencies in ${of}.`,
    {
      hint: 'Make it anew with `helm dependency update`, or delete it: then the newest versions in range are taken.',
      place: { file: `${folder}/${file.path}` },
    },
  );
}

async function fetchOne(
  dependency: ChartDependency,
  folder: string,
  sources: DependencySources,
  signal?: AbortSignal,
): Promise<readonly PackageFile[]> {
  const { name, version, repository } = dependency;
  if (repository === '') throw missing(name, 'it names no repository, and is not in charts/');
  if (repository.startsWith('file://')) return readLocalDependency(folder, dependency, signal);
  if (/[/\\]|^\.+$/.test(name)) throw missing(name, 'its name is no name of a chart');
  const archive = await archiveOf(dependency, sources, signal);
  const { resolved } = await openArchive(archive, {
    catalog: '',
    source: `${name} ${version} (${repository})`,
  });
  if (resolved.name !== name)
    throw missing(name, `${cleanLine(repository)} gave ${cleanLine(resolved.name)} in its place`);
  return [{ path: `charts/${name}-${cleanLine(resolved.version)}.tgz`, mode: 0o644, content: archive }];
}

async function archiveOf(
  { name, version, repository }: ChartDependency,
  sources: DependencySources,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const range = version === '' ? '*' : version;
  if (/^oci:\/\//i.test(repository))
    return sources.fromRegistry(`${repository.replace(/\/+$/, '')}/${name}`, range, signal);
  if (/^https?:\/\//i.test(repository)) return sources.fromRepository(repository, name, range, signal);
  throw missing(name, `\`${cleanLine(repository)}\` is nothing to fetch from`);
}
