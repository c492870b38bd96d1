import { outdated } from '../../services/outdated.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { busy } from '../progress/busy.ts';
import { clusterAndCatalogsOf } from '../target.ts';
import { tellOld } from '../tell-old.ts';
import { outdatedView } from '../views/outdated.ts';
import { printResult, say } from '../views/print.ts';

/** `appstore outdated` */
export async function run(cli: Cli): Promise<number | undefined> {
  const deps = await clusterAndCatalogsOf(cli);
  const all = cli.options.allNamespaces === true;
  const namespace = cli.options.namespace ?? deps.cluster.target.namespace;
  const report = await busy(cli, 'Comparing', outdated(deps, all ? {} : { namespace }, cli.io.signal));
  if (report.limitedTo !== undefined)
    say(cli, `You may list namespace ${report.limitedTo} only, not all of them.`);
  await printResult(cli, outdatedView(report, { namespaces: all }));
  if (report.items.length === 0 && report.unknown.length === 0)
    say(cli, report.checked === 0 ? 'Nothing is installed here.' : 'Everything is up to date.');
  await tellOld(cli, deps.catalogs);
  return cli.options.exitCode === true && report.items.length > 0 ? exitCodes.pending : undefined;
}
