import { resolve } from 'node:path';
import { AppstoreError } from '../../domain/errors.ts';
import type { Cli } from '../cli.ts';
import { busy } from '../progress/busy.ts';
import { signatureOf } from '../signing-options.ts';
import { argument } from '../target.ts';
import { madeCatalogView } from '../views/made-catalog.ts';
import { printResult } from '../views/print.ts';

/** `appstore catalog build <folder> --out <site>` */
export async function run(cli: Cli): Promise<undefined> {
  const { io, options } = cli;
  if (options.out === undefined)
    throw new AppstoreError('USAGE', '--out names the folder of the site', {
      hint: 'For example `--out ./site`.',
    });
  const sign = await signatureOf(cli);
  const request = {
    folder: resolve(io.cwd, argument(cli, 0)),
    out: resolve(io.cwd, options.out),
    ...(sign === undefined ? {} : { sign }),
  };
  const maker = await cli.context.catalogMaker();
  const made = await busy(cli, 'Building', maker.build(request, io.signal));
  await printResult(cli, madeCatalogView(made));
}
