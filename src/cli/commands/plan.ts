import { isInstalled } from '../../services/state.ts';
import { runChange } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { installationOf, nameOf, referenceOf, requiredArgument } from '../target.ts';

/** `appstore plan <app> [name]`: what an install or an upgrade would do, whichever fits what is recorded. */
export async function run(cli: Cli): Promise<number | undefined> {
  if (cli.options.show !== undefined)
    return (await import('../saved-run.ts')).runPlanShow(cli, cli.options.show);
  const app = referenceOf(requiredArgument(cli, 0, 'plan app'), cli.options.version);
  const name = await nameOf(cli, app);
  const deps = await busy(cli, 'Connecting', cli.context.cluster());
  const { namespace } = installationOf(cli, deps, name);
  const installed = isInstalled(await deps.records.read(namespace, name, cli.io.signal));
  const operation = installed ? 'upgrade' : 'install';
  if (cli.options.out !== undefined)
    return (await import('../saved-run.ts')).runPlanOut(cli, { operation, app, name });
  const planning: Cli = { ...cli, options: { ...cli.options, dryRun: true } };
  return runChange(planning, { operation, app, name });
}
