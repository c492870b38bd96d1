import type { Cli } from '../cli.ts';
import { catalogListView } from '../views/catalogs.ts';
import { printResult, say } from '../views/print.ts';

/** `appstore catalog list` */
export async function run(cli: Cli): Promise<undefined> {
  const store = await cli.context.catalogStore();
  const catalogs = await store.list();
  await printResult(cli, catalogListView(catalogs));
  if (catalogs.length === 0) say(cli, 'No catalog was added; the built-in one is always there.');
}
