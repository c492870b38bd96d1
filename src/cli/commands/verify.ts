import { verify } from '../../services/verify.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { printResult } from '../views/print.ts';
import { verifyView } from '../views/residue.ts';

/** `appstore verify <name>` */
export async function run(cli: Cli): Promise<number | undefined> {
  const deps = await clusterOf(cli);
  const name = installationOf(cli, deps, argument(cli, 0));
  const report = await busy(cli, 'Looking', verify(deps, name, cli.io.signal));
  await printResult(cli, verifyView(report));
  if (report.left.length > 0) return exitCodes.failed;
  return report.unread.length > 0 ? exitCodes.forbidden : undefined;
}
