import { searchApps } from '../../services/browse.ts';
import type { Cli } from '../cli.ts';
import { appListView } from '../views/apps.ts';
import { printResult } from '../views/print.ts';

/** `appstore search [words...]` */
export async function run(cli: Cli): Promise<undefined> {
  const { category } = cli.options;
  const query = { text: cli.args.join(' '), ...(category === undefined ? {} : { category }) };
  const hits = await searchApps(await cli.context.browse(), query, cli.io.signal);
  await printResult(cli, appListView(hits));
}
