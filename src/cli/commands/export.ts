import { join } from 'node:path';
import { AppstoreError } from '../../domain/errors.ts';
import { exportChart } from '../../services/export-chart.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterAndCatalogsOf, installationOf } from '../target.ts';
import { exportedChartView } from '../views/exported-chart.ts';
import { printResult } from '../views/print.ts';

/** `appstore export <name> --as-chart` */
export async function run(cli: Cli): Promise<undefined> {
  const { options, context, io } = cli;
  if (options.asChart !== true)
    throw new AppstoreError('USAGE', 'say as what: `--as-chart`', {
      hint: '`appstore get` prints what is stored of an installation.',
    });
  const deps = { ...(await clusterAndCatalogsOf(cli)), helm: await context.helmReleases() };
  const request = {
    ...installationOf(cli, deps, argument(cli, 0)),
    ...(options.revision === undefined ? {} : { revision: options.revision }),
  };
  const exported = await busy(cli, 'Reading', exportChart(deps, request, io.signal));
  const folder = join(options.out ?? '.', request.name);
  const { writeYaml } = await import('../../domain/yaml-write.ts');
  const files = {
    ...Object.fromEntries(
      Object.entries(exported.files).map(([path, content]) => [`chart/${path}`, content] as const),
    ),
    'values.yaml': writeYaml(exported.values),
  };
  await (await context.packageFolders()).create(folder, files, ['values.yaml']);
  await printResult(cli, exportedChartView(exported, folder));
}
