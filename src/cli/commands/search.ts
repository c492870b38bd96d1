import { searchApps } from '../../services/browse.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { appListView } from '../views/apps.ts';
import { printResult, say } from '../views/print.ts';

/** `appstore search [words...]` */
export async function run(cli: Cli): Promise<undefined> {
  const { category } = cli.options;
  const query = { text: cli.args.join(' '), ...(category === undefined ? {} : { category }) };
  const hits = await busy(cli, 'Searching', searchApps(await cli.context.browse(), query, cli.io.signal));
  await printResult(cli, appListView(hits));
  if (hits.length === 0) say(cli, 'No app was found; `appstore search` alone lists every app.');
}
