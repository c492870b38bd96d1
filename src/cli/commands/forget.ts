import { forget } from '../../services/forget.ts';
import { withSession } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { printResult } from '../views/print.ts';
import { forgetView } from '../views/residue.ts';

/** `appstore forget <name>` */
export async function run(cli: Cli): Promise<undefined> {
  const deps = await clusterOf(cli);
  const request = {
    ...installationOf(cli, deps, argument(cli, 0)),
    confirmed: cli.options.yes === true,
    holder: cli.context.holder(),
    ...(cli.options.waitForLock === undefined ? {} : { waitForLock: cli.options.waitForLock }),
  };
  const result = await withSession(cli, { plan: false }, (session) => forget(deps, request, session));
  await printResult(cli, forgetView(result));
}
