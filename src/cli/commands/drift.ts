import { drift } from '../../services/drift.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { driftView } from '../views/drift.ts';
import { printResult } from '../views/print.ts';

/** `appstore drift <name>` */
export async function run(cli: Cli): Promise<number | undefined> {
  const { io, options } = cli;
  const deps = await clusterOf(cli);
  const name = installationOf(cli, deps, argument(cli, 0));
  const session = { emit: () => {}, signal: io.signal };
  const report = await busy(cli, 'Comparing with the cluster', drift(deps, name, session));
  await printResult(cli, driftView(report));
  return options.exitCode === true && report.objects.length > 0 ? exitCodes.pending : undefined;
}
