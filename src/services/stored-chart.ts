import type { PackageFile } from '../domain/app.ts';
import { AppstoreError } from '../domain/errors.ts';
import { chartOfFiles, missingSubcharts } from '../domain/helm-chart-files.ts';
import type { InstallationRecord } from '../domain/release.ts';
import type { RenderedObject } from '../domain/rendered.ts';
import { type ResolvedApp, readPackage } from './browse.ts';
import type { ChangeDeps } from './requests.ts';

/**
 * The chart of an installation that was taken over from Helm, as it is stored: no catalog of it is known. Throws USAGE where
 * subcharts are missing, which Helm does not store, and PACKAGE_INVALID where nothing renders charts.
 */
export async function storedChart(
  deps: ChangeDeps,
  record: InstallationRecord,
  revision: number,
  signal: AbortSignal,
): Promise<ResolvedApp> {
  const { content, package: files } = await deps.records.whole(record, revision, signal);
  const missing = subchartsOf(files.files, content.rendered.objects);
  if (missing.length === 0) return readPackage(deps, files, 'rendering');
  throw new AppstoreError(
    'USAGE',
    `${record.name} was taken over from Helm, which does not store subcharts (${missing.join(', ')}): name the chart`,
    { hint: `appstore upgrade ${record.name} ./FOLDER -n ${record.namespace}` },
  );
}

function subchartsOf(files: readonly PackageFile[], objects: readonly RenderedObject[]): string[] {
  if (files.some(({ path }) => path.startsWith('charts/'))) return [];
  const manifest = objects.map(({ source }) => `# Source: ${source.file}`).join('\n');
  return missingSubcharts({ chart: chartOfFiles(files), manifest });
}
