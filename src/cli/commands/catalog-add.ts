import { resolve } from 'node:path';
import { AppstoreError } from '../../domain/errors.ts';
import type { CatalogSigner, GivenCredential } from '../../services/catalog-store.ts';
import { addCatalog } from '../../services/catalogs.ts';
import type { Cli } from '../cli.ts';
import { readStdin } from '../io.ts';
import { readSmall } from '../plan-files.ts';
import { busy } from '../progress/busy.ts';
import { argument } from '../target.ts';
import { catalogUpdateView } from '../views/catalogs.ts';
import { printResult } from '../views/print.ts';

/** `appstore catalog add <name> <location>` */
export async function run(cli: Cli): Promise<undefined> {
  const { io, options } = cli;
  const name = argument(cli, 0);
  const credential = await credentialOf(cli);
  const signedBy = await signerOf(cli);
  const file = (key: 'caFile' | 'certFile' | 'keyFile') => {
    const path = options[key];
    return path === undefined ? {} : { [key]: resolve(io.cwd, path) };
  };
  const request = {
    name,
    location: locationOf(cli),
    ...(options.plainHttp === true ? { plainHttp: true } : {}),
    ...file('caFile'),
    ...file('certFile'),
    ...file('keyFile'),
    ...(signedBy === undefined ? {} : { signedBy }),
    ...(credential === undefined ? {} : { credential }),
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

/** The key itself is kept: a file that is changed later changes nothing. */
async function signerOf({ io, options }: Cli): Promise<CatalogSigner | undefined> {
  const { signedBy, signedAs } = options;
  if (signedBy !== undefined)
    return { key: await readSmall(io, signedBy), ...(signedAs === undefined ? {} : { as: signedAs }) };
  if (signedAs === undefined) return undefined;
  throw new AppstoreError('USAGE', '--signed-as is said of a signer', {
    hint: 'Name the public key with --signed-by FILE.',
  });
}

/** Secrets come by stdin alone: what stands on a command line is seen by everybody on the machine. */
async function credentialOf(cli: Cli): Promise<GivenCredential | undefined> {
  const { username, passwordStdin, tokenStdin } = cli.options;
  if (username === undefined && passwordStdin !== true && tokenStdin !== true) return undefined;
  const basic = username !== undefined && passwordStdin === true && tokenStdin !== true;
  const bearer = username === undefined && passwordStdin !== true && tokenStdin === true;
  if (!basic && !bearer)
    throw new AppstoreError('USAGE', 'credentials are a user with a password, or a token', {
      hint: 'Give --username NAME --password-stdin, or --token-stdin, and write the secret to stdin.',
    });
  const secret = (await readStdin(cli.io)).replace(/\r?\n$/, '');
  if (secret === '' || /[\r\n\0]/.test(secret))
    throw new AppstoreError('USAGE', `stdin holds no ${basic ? 'password' : 'token'}`, {
      hint: 'Write it there in one line: `... < FILE`, or `printf %s "$SECRET" | appstore ...`.',
    });
  return basic && username !== undefined
    ? { kind: 'basic', username, password: secret }
    : { kind: 'bearer', token: secret };
}
