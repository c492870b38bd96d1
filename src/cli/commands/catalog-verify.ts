import { verifyCatalogs } from '../../services/catalogs.ts';
import type { Cli } from '../cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { busy } from '../progress/busy.ts';
import { catalogVerificationView } from '../views/catalog-verification.ts';
import { printResult, say } from '../views/print.ts';

/** `appstore catalog verify [names...]` */
export async function run(cli: Cli): Promise<number | undefined> {
  const store = await cli.context.catalogStore();
  const found = await busy(cli, 'Verifying', verifyCatalogs(store, cli.args, cli.io.signal));
  await printResult(cli, catalogVerificationView(found));
  if (found.length === 0) say(cli, 'No catalog was added: `appstore catalog add NAME LOCATION`.');
  // Who names a catalog asks whether it is signed; who names none asks whether all is as it was.
  const named = cli.args.length > 0;
  const bad = found.some(({ outcome }) => outcome === 'failed' || (named && outcome === 'unsigned'));
  return bad ? exitCodes.failed : undefined;
}
