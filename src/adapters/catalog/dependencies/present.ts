import type { PackageFile } from '../../../domain/app.ts';
import { chartFile } from '../../../domain/chart-file.ts';
import { readChart } from '../../../domain/chart-yaml.ts';
import { unpackPackage } from '../archive/unpack.ts';

/**
 * Names of the charts in a chart's `charts/`: folders and archives, as Helm's loader takes them.
 *
 * @throws AppstoreError PACKAGE_INVALID for an archive that cannot be read, with its path
 */
export async function chartsPresent(
  files: readonly PackageFile[],
  source: string,
): Promise<ReadonlySet<string>> {
  const inside = files.filter(({ path }) => /^charts\/[^_.]/.test(path));
  const archives = inside.filter(({ path }) => /^charts\/[^/]+\.tgz$/.test(path));
  const heads = inside.filter(({ path }) => new RegExp(`^charts/[^/]+/${chartFile}$`).test(path));
  const packed = await Promise.all(
    archives.map(async ({ path, content }) =>
      readChart(await unpackPackage(content, `${source}/${path}`), path),
    ),
  );
  const unpacked = heads.map(({ path, content, mode }) =>
    readChart([{ path: chartFile, content, mode }], `${source}/${path.slice(0, -chartFile.length - 1)}`),
  );
  return new Set([...packed, ...unpacked].flatMap((chart) => (chart === undefined ? [] : [chart.name])));
}
