import type { TestRequest } from '../../services/requests.ts';
import { runTests } from '../../services/run-tests.ts';
import { viewOptions, withSession } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { defaultTimeout } from '../options.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { printResult } from '../views/print.ts';
import { testsView } from '../views/tests.ts';

/** `appstore test <name>` */
export async function run(cli: Cli): Promise<number | undefined> {
  const { options } = cli;
  const deps = await clusterOf(cli);
  const request: TestRequest = {
    ...installationOf(cli, deps, argument(cli, 0)),
    only: options.only ?? [],
    logs: options.logs === true,
    timeout: options.timeout ?? defaultTimeout,
    ...(options.waitForLock === undefined ? {} : { waitForLock: options.waitForLock }),
    allowClusterScope: options.allowClusterScope === true,
    holder: cli.context.holder(),
  };
  cli.context.rideOut(request.timeout);
  const report = await withSession(cli, { plan: false }, (session) => runTests(deps, request, session));
  await printResult(cli, testsView(report, viewOptions(cli, deps.cluster.target.simulated)));
  return report.tests.some(({ result }) => result === 'failed') ? exitCodes.unhealthy : undefined;
}
