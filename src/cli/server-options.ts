import { resolve } from 'node:path';
import { AppstoreError } from '../domain/errors.ts';
import type { CatalogEntry, GivenCredential } from '../services/catalog-store.ts';
import type { Cli } from './cli.ts';
import { readStdin } from './io.ts';

type ServerOptions = Pick<CatalogEntry, 'plainHttp' | 'caFile' | 'certFile' | 'keyFile'> & {
  readonly credential?: GivenCredential;
};

/** How a server is asked, as the flags of `catalog add` and `catalog push` say. Throws USAGE. */
export async function serverOptions(cli: Cli): Promise<ServerOptions> {
  const { io, options } = cli;
  const credential = await credentialOf(cli);
  const file = (key: 'caFile' | 'certFile' | 'keyFile') => {
    const path = options[key];
    return path === undefined ? {} : { [key]: resolve(io.cwd, path) };
  };
  return {
    ...(options.plainHttp === true ? { plainHttp: true } : {}),
    ...file('caFile'),
    ...file('certFile'),
    ...file('keyFile'),
    ...(credential === undefined ? {} : { credential }),
  };
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
