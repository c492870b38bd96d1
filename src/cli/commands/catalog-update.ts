import { updateCatalogs } from '../../services/catalogs.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { busy } from '../progress/busy.ts';
import { catalogUpdateView } from '../views/catalogs.ts';
import { printResult, say } from '../views/print.ts';

/** `appstore catalog update [names...]` */
export async function run(cli: Cli): Promise<number | undefined> {
  const store = await cli.context.catalogStore();
  const results = await busy(cli, 'Reading', updateCatalogs(store, cli.args, cli.io.signal));
  await printResult(cli, catalogUpdateView(results));
  if (results.length === 0) say(cli, 'No catalog was added: `appstore catalog add NAME LOCATION`.');
  const failed = results.find((result) => result.outcome === 'failed');
  return failed?.outcome === 'failed' ? exitCodes[failed.error.category] : undefined;
}
