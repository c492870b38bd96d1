import type { Cli } from '../cli.ts';
import { argument } from '../target.ts';
import { catalogRemovalView } from '../views/catalogs.ts';
import { printResult } from '../views/print.ts';

/** `appstore catalog remove <name>` */
export async function run(cli: Cli): Promise<undefined> {
  const name = argument(cli, 0);
  const store = await cli.context.catalogStore();
  await store.remove(name, cli.io.signal);
  await printResult(cli, catalogRemovalView(name));
}
