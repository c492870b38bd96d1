import { realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { PackageFile } from '../../../domain/app.ts';
import { type ChartDependency, readChart } from '../../../domain/chart-yaml.ts';
import { AppstoreError } from '../../../domain/errors.ts';
import { inHelmRange, parseHelmRange, parseHelmVersion } from '../../../domain/helm-version.ts';
import { readPackageFolder } from '../read-folder.ts';
import { leadsOut, reading } from '../reading.ts';

/**
 * The files of a dependency that lies beside the chart (`file://../common`), below `charts/`. It has to lie in the working copy that the
 * chart is in, or, without one, beside the chart: a chart that somebody sent must not bring other folders of this machine into a cluster.
 *
 * @param folder of the chart, named on this command line
 * @throws AppstoreError DEPENDENCY_MISSING, PACKAGE_INVALID
 */
export async function readLocalDependency(
  folder: string,
  { name, version, repository }: ChartDependency,
  signal?: AbortSignal,
): Promise<readonly PackageFile[]> {
  const chart = await reading(folder, () => realpath(folder));
  const named = resolve(chart, repository.slice('file://'.length));
  const path = await realpath(named).catch(() => undefined);
  if (path === undefined) throw missing(name, `there is no folder ${named}`);
  const root = await rootOf(chart);
  if (leadsOut(root, path)) throw missing(name, `${named} lies outside of ${root}, where the chart is`);
  const files = await readPackageFolder(path, named, signal);
  const found = readChart(files, named);
  if (found === undefined || found.name !== name) throw missing(name, `${named} holds no chart of that name`);
  const [range, parsed] = [parseHelmRange(version), parseHelmVersion(found.version)];
  if (version !== '' && (range === undefined || parsed === undefined || !inHelmRange(parsed, range)))
    throw missing(name, `${named} has version ${found.version}, and \`${version}\` is wanted`);
  return files.map((file) => ({ ...file, path: `charts/${name}/${file.path}` }));
}

/** The folder that has `.git`; the chart's own parent where no folder above has. */
async function rootOf(chart: string): Promise<string> {
  for (let at = chart; at !== dirname(at); at = dirname(at)) {
    const found = await stat(join(at, '.git')).catch(() => undefined);
    if (found !== undefined) return at;
  }
  return dirname(chart);
}

/** What a chart needs and cannot be had. */
export function missing(name: string, why: string, cause?: unknown): AppstoreError {
  return new AppstoreError('DEPENDENCY_MISSING', `the dependency ${name} cannot be had: ${why}.`, {
    hint: 'Correct `dependencies` in Chart.yaml, or put the chart into charts/ by hand.',
    ...(cause === undefined ? {} : { cause }),
  });
}
