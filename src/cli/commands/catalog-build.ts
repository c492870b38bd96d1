import { resolve } from 'node:path';
import { AppstoreError } from '../../domain/errors.ts';
import type { SignatureRequest } from '../../services/catalog-maker.ts';
import type { Cli } from '../cli.ts';
import { readSmall } from '../plan-files.ts';
import { busy } from '../progress/busy.ts';
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

/** Long enough for a build a week, short enough that a server that is stuck is noticed. */
const usualLife = 30 * 24 * 3_600_000;

async function signatureOf({ io, options, context }: Cli): Promise<SignatureRequest | undefined> {
  const { signKey, signedAs, expires } = options;
  if (signKey === undefined) {
    if (signedAs === undefined && expires === undefined) return undefined;
    throw new AppstoreError('USAGE', '--signed-as and --expires are said of a signature', {
      hint: 'Name the key with --sign-key FILE; `appstore approve --new-key FILE` makes one.',
    });
  }
  return {
    key: await readSmall(io, signKey),
    ...(signedAs === undefined ? {} : { as: signedAs }),
    lasts: expires ?? usualLife,
    now: context.clock.now(),
  };
}
