import { AppstoreError } from '../../domain/errors.ts';
import { remove } from '../../services/remove.ts';
import type { RemoveRequest } from '../../services/requests.ts';
import { checkExitCode, patienceOf, viewOptions, withSession } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { canAsk } from '../io.ts';
import { defaultTimeout } from '../options.ts';
import { argument, clusterOf, installationOf } from '../target.ts';
import { removalView } from '../views/change.ts';
import { hasChanges } from '../views/plan.ts';
import { printResult } from '../views/print.ts';

/** `appstore remove <name>` */
export async function run(cli: Cli): Promise<number | undefined> {
  const { options } = cli;
  checkExitCode(options);
  const deps = await clusterOf(cli);
  const purgeData = options.purgeData === true;
  const purgeCrds = options.purgeCrds === true;
  const request: RemoveRequest = {
    ...installationOf(cli, deps, argument(cli, 0)),
    wait: options.wait !== false,
    timeout: options.timeout ?? defaultTimeout,
    dryRun: options.dryRun === true,
    // `--yes` never answers a question about data where someone is there to be asked.
    confirmed: options.yes === true && !((purgeData || purgeCrds) && canAsk(cli.io, options)),
    purgeData,
    purgeCrds,
    deleteNamespace: options.deleteNamespace === true,
    allowClusterScope: options.allowClusterScope === true,
    ...(options.hooks === false ? { hooks: false } : {}),
    holder: cli.context.holder(),
    ...(options.waitForLock === undefined ? {} : { waitForLock: options.waitForLock }),
  };
  if (cli.io.signal.aborted) throw new AppstoreError('INTERRUPTED', 'stopped before anything was written');
  const shown = { plan: !request.dryRun, patience: patienceOf(request) };
  const result = await withSession(cli, shown, (session) => remove(deps, request, session));
  await printResult(cli, removalView(result, viewOptions(cli, deps.cluster.target.simulated)));
  return options.exitCode === true && result.outcome === 'planned' && hasChanges(result.plan)
    ? exitCodes.pending
    : undefined;
}
