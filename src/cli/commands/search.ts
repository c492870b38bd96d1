import { searchApps } from '../../services/browse.ts';
import { expiredCatalogs } from '../../services/catalogs.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { tellOld } from '../tell-old.ts';
import { appListView, unreadLines } from '../views/apps.ts';
import { printResult, say } from '../views/print.ts';

/** Rows of a table that a person reads; programs get all. */
const usualLimit = 100;

/** `appstore search [words...]` */
export async function run(cli: Cli): Promise<undefined> {
  const { category, output } = cli.options;
  const query = { text: cli.args.join(' '), ...(category === undefined ? {} : { category }) };
  const deps = await cli.context.browse();
  const { hits, unread } = await busy(cli, 'Searching', searchApps(deps, query, cli.io.signal));
  const forPeople = output === undefined || output === 'table' || output === 'wide';
  const limit = (cli.options.limit ?? (forPeople ? usualLimit : 0)) || hits.length;
  await printResult(cli, appListView(hits.slice(0, limit), unread));
  for (const line of unreadLines(unread)) say(cli, line);
  if (hits.length === 0) say(cli, 'No app was found; `appstore search` alone lists every app.');
  if (hits.length > limit) say(cli, `${limit} of ${hits.length} apps are shown; \`--limit 0\` shows all.`);
  await tellOld(cli, deps.catalogs);
  // Nothing is known of the signature of what could not be read.
  const read = deps.catalogs.filter(({ name }) => !unread.some(({ catalog }) => catalog === name));
  for (const { name, expired } of await expiredCatalogs(read, cli.context.clock))
    say(
      cli,
      `The signature of catalog ${name} counted until ${expired.toISOString()}: nothing is installed from it before \`appstore catalog update\`.`,
    );
}
