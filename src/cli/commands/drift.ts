import { AppstoreError } from '../../domain/errors.ts';
import { drift } from '../../services/drift.ts';
import { repair } from '../../services/repair.ts';
import type { RepairRequest } from '../../services/requests.ts';
import { patienceOf, viewOptions, withSession } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { defaultTimeout } from '../options.ts';
import { busy } from '../progress/busy.ts';
import { argument, clusterAndCatalogsOf, installationOf } from '../target.ts';
import { tellPending } from '../tell-pending.ts';
import { driftView, repairView } from '../views/drift.ts';
import { hasChanges } from '../views/plan.ts';
import { printResult } from '../views/print.ts';

/** `appstore drift <name>` */
export async function run(cli: Cli): Promise<number | undefined> {
  const { io, options } = cli;
  if (options.repair === true) return takeBack(cli);
  if (options.only !== undefined) {
    throw new AppstoreError('USAGE', '--only chooses what `--repair` takes back', { hint: 'Add --repair.' });
  }
  const deps = await clusterAndCatalogsOf(cli);
  const name = installationOf(cli, deps, argument(cli, 0));
  const session = { emit: () => {}, signal: io.signal };
  const report = await busy(cli, 'Comparing with the cluster', drift(deps, name, session));
  tellPending(cli, name, report.pending);
  await printResult(cli, driftView(report));
  return options.exitCode === true && report.objects.length > 0 ? exitCodes.pending : undefined;
}

async function takeBack(cli: Cli): Promise<number | undefined> {
  const { options } = cli;
  const deps = await clusterAndCatalogsOf(cli);
  const request: RepairRequest = {
    ...installationOf(cli, deps, argument(cli, 0)),
    only: options.only ?? [],
    wait: options.wait !== false,
    timeout: options.timeout ?? defaultTimeout,
    ...(options.waitForLock === undefined ? {} : { waitForLock: options.waitForLock }),
    dryRun: options.dryRun === true,
    allowClusterScope: options.allowClusterScope === true,
    holder: cli.context.holder(),
  };
  const shown = { plan: !request.dryRun, patience: patienceOf(request) };
  const result = await withSession(cli, shown, (session) => repair(deps, request, session));
  await printResult(cli, repairView(result, viewOptions(cli, deps.cluster.target.simulated)));
  const pending = result.outcome === 'planned' && hasChanges(result.plan);
  return options.exitCode === true && pending ? exitCodes.pending : undefined;
}
