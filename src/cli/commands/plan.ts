import { isInstalled } from '../../services/state.ts';
import { runChange } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { argument, clusterOf, defaultName, installationOf, referenceOf } from '../target.ts';

/** `appstore plan <app> [name]`: what an install or an upgrade would do, whichever fits what is recorded. */
export async function run(cli: Cli): Promise<number | undefined> {
  const app = referenceOf(argument(cli, 0), cli.options.version);
  const name = cli.args[1] ?? (await defaultName(cli, app));
  const deps = await clusterOf(cli);
  const { namespace } = installationOf(cli, deps, name);
  const installed = isInstalled(await deps.records.read(namespace, name, cli.io.signal));
  const planning: Cli = { ...cli, options: { ...cli.options, dryRun: true } };
  return runChange(planning, { operation: installed ? 'upgrade' : 'install', app, name });
}
