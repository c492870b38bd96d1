import { staleCatalogs } from '../services/catalogs.ts';
import type { Catalog } from '../services/ports.ts';
import type { Cli } from './cli.ts';
import { tell } from './views/print.ts';

/** One hint where what is known of these catalogs is older than a day, about the oldest. Asks no server. */
export async function tellOld(cli: Cli, catalogs: readonly Catalog[]): Promise<void> {
  const [oldest] = (await staleCatalogs(catalogs, cli.context.clock)).toSorted((a, b) => b.hours - a.hours);
  if (oldest === undefined) return;
  const { name, hours } = oldest;
  const age = hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
  tell(cli, `What is known of catalog ${name} is ${age} old: \`appstore catalog update\`.`);
}
