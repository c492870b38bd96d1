import { history } from '../../services/inspect.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { tellPending } from '../tell-pending.ts';
import { historyView } from '../views/installations.ts';
import { printResult } from '../views/print.ts';

/** `appstore history <name>` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterOf(cli);
  const name = installationOf(cli, deps, argument(cli, 0));
  const report = await busy(cli, 'Looking', history(deps, name, cli.io.signal));
  tellPending(cli, name, report.record.pending);
  await printResult(cli, historyView(report));
}
