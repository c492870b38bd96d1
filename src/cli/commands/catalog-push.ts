import { resolve } from 'node:path';
import { pushCatalog } from '../../services/catalogs.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { serverOptions } from '../server-options.ts';
import { signatureOf } from '../signing-options.ts';
import { argument } from '../target.ts';
import { madeCatalogView } from '../views/made-catalog.ts';
import { printResult } from '../views/print.ts';

/** `appstore catalog push <folder> <location>` */
export async function run(cli: Cli): Promise<undefined> {
  const { io, context } = cli;
  const sign = await signatureOf(cli);
  const request = {
    folder: resolve(io.cwd, argument(cli, 0)),
    location: argument(cli, 1).replace(/\/+$/, ''),
    ...(await serverOptions(cli)),
    ...(sign === undefined ? {} : { sign }),
  };
  const pushing = pushCatalog(await context.catalogMaker(), request, io.signal);
  await printResult(cli, madeCatalogView(await busy(cli, 'Pushing', pushing)));
}
