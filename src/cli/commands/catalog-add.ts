import { resolve } from 'node:path';
import { AppstoreError } from '../../domain/errors.ts';
import type { CatalogSigner } from '../../services/catalog-store.ts';
import { addCatalog } from '../../services/catalogs.ts';
import type { Cli } from '../cli.ts';
import { readSmall } from '../plan-files.ts';
import { busy } from '../progress/busy.ts';
import { serverOptions } from '../server-options.ts';
import { argument } from '../target.ts';
import { catalogUpdateView } from '../views/catalogs.ts';
import { printResult } from '../views/print.ts';

/** `appstore catalog add <name> <location>` */
export async function run(cli: Cli): Promise<undefined> {
  const { io } = cli;
  const name = argument(cli, 0);
  const signedBy = await signerOf(cli);
  const request = {
    name,
    location: locationOf(cli),
    ...(await serverOptions(cli)),
    ...(signedBy === undefined ? {} : { signedBy }),
  };
  const store = await cli.context.catalogStore();
  const { entry: _, ...reading } = await busy(cli, 'Reading', addCatalog(store, request, io.signal));
  await printResult(cli, catalogUpdateView([{ name, ...reading }]));
}

/** A path is kept whole: the next command may run in another folder. */
function locationOf(cli: Cli): string {
  const text = argument(cli, 1);
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : resolve(cli.io.cwd, text);
}

/** Keys and roots themselves are kept: a file that is changed later changes nothing. */
async function signerOf({ io, options }: Cli): Promise<CatalogSigner | undefined> {
  const { signedBy = [], signer, issuer, trustedRoot, signedAs } = options;
  if ((signer === undefined) !== (issuer === undefined))
    throw new AppstoreError('USAGE', 'an identity is one of a provider', {
      hint: 'Give both --signer IDENTITY and --issuer URL: the same name at another provider is somebody else.',
    });
  const named = signedBy.length > 0 || signer !== undefined;
  if (!named && (signedAs !== undefined || trustedRoot !== undefined))
    throw new AppstoreError('USAGE', '--signed-as and --trusted-root are said of a signer', {
      hint: 'Name the public key with --signed-by FILE, or whoever signs with --signer IDENTITY --issuer URL.',
    });
  if (!named) return undefined;
  const keys = await Promise.all(signedBy.map((path) => readSmall(io, path)));
  return {
    ...(keys.length === 0 ? {} : { key: keys.join('\n') }),
    ...(signer === undefined || issuer === undefined ? {} : { identities: [{ identity: signer, issuer }] }),
    ...(trustedRoot === undefined ? {} : { trustedRoot: await readSmall(io, trustedRoot) }),
    ...(signedAs === undefined ? {} : { as: signedAs }),
  };
}
