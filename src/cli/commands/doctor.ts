import { doctor } from '../../services/doctor.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { busy } from '../progress/busy.ts';
import { clusterAndCatalogsOf } from '../target.ts';
import { doctorView } from '../views/doctor.ts';
import { printResult } from '../views/print.ts';

/** `appstore doctor` */
export async function run(cli: Cli): Promise<number | undefined> {
  const { namespace } = cli.options;
  const deps = {
    browse: await cli.context.browse(),
    clock: cli.context.clock,
    connect: () => clusterAndCatalogsOf(cli),
  };
  const work = doctor(deps, namespace === undefined ? {} : { namespace }, cli.io.signal);
  const report = await busy(cli, 'Examining', work);
  await printResult(cli, doctorView(report));
  return report.healthy ? undefined : exitCodes.failed;
}
