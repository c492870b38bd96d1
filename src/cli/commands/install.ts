import { runChange } from '../change-run.ts';
import type { Cli } from '../cli.ts';
import { argument, defaultName, referenceOf } from '../target.ts';

/** `appstore install <app> [name]` */
export async function run(cli: Cli): Promise<number | undefined> {
  const app = referenceOf(argument(cli, 0), cli.options.version);
  return runChange(cli, { operation: 'install', app, name: cli.args[1] ?? (await defaultName(cli, app)) });
}
