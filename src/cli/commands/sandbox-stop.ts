import { apiVersion } from '../../outputs/api-version.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { printResult } from '../views/print.ts';

/** `appstore sandbox stop` */
export async function run(cli: Cli): Promise<undefined> {
  const name = cli.options.sandboxName ?? 'default';
  const sandboxes = await cli.context.sandboxes();
  await busy(cli, 'Stopping', sandboxes.stop(name, cli.io.signal));
  const data = { apiVersion, kind: 'SandboxStop', name };
  await printResult(cli, { data, text: () => `Sandbox ${name} is stopped; nothing of it is left.\n` });
}
