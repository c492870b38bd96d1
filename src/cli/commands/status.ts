import { status } from '../../services/status.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { tellPending } from '../tell-pending.ts';
import { printResult } from '../views/print.ts';
import { statusView } from '../views/status.ts';

/** `appstore status <name>` */
export async function run(cli: Cli): Promise<number | undefined> {
  const deps = await clusterOf(cli);
  const name = installationOf(cli, deps, argument(cli, 0));
  const report = await busy(cli, 'Looking', status(deps, name, cli.io.signal));
  tellPending(cli, name, report.pending);
  await printResult(cli, statusView(report, { simulated: deps.cluster.target.simulated }));
  return cli.options.exitCode === true && report.health !== 'healthy' ? exitCodes.unhealthy : undefined;
}
