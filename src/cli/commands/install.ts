import { runChange } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { nameOf, referenceOf, requiredArgument } from '../target.ts';

/** `appstore install <app> [name]` */
export async function run(cli: Cli): Promise<number | undefined> {
  if (cli.options.plan !== undefined) return (await import('../saved-run.ts')).runSaved(cli, 'install');
  const app = referenceOf(requiredArgument(cli, 0, 'install app'), cli.options.version);
  return runChange(cli, { operation: 'install', app, name: await nameOf(cli, app) });
}
