import { forget } from '../../services/forget.ts';
import { patienceOf, withSession } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { defaultTimeout } from '../options.ts';
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
  const patience = patienceOf({ ...request, timeout: defaultTimeout });
  const result = await withSession(cli, { plan: false, patience }, (session) =>
    forget(deps, request, session),
  );
  await printResult(cli, forgetView(result));
}
