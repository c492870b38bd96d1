import { why } from '../../services/why.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { tellPending } from '../tell-pending.ts';
import { printResult } from '../views/print.ts';
import { whyView } from '../views/why.ts';

/** `appstore why <name>` */
export async function run(cli: Cli): Promise<number | undefined> {
  const { revision } = cli.options;
  const deps = await clusterOf(cli);
  const name = { ...installationOf(cli, deps, argument(cli, 0)), revision };
  const report = await busy(cli, 'Looking', why(deps, name, cli.io.signal));
  tellPending(cli, name, report.record.pending);
  await printResult(cli, whyView(report, { simulated: deps.cluster.target.simulated }));
  const unwell = report.health !== undefined && report.health !== 'healthy';
  return cli.options.exitCode === true && unwell ? exitCodes.unhealthy : undefined;
}
