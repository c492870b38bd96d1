import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GivenCredential } from '../../../services/catalog-store.ts';
import { isLoopback } from '../../kubernetes/proxy.ts';
import { type Login, loginOfNetrc } from './netrc.ts';

/** The value of an Authorization header. */
function authorizationOf(credential: GivenCredential): string {
  if (credential.kind === 'bearer') return `Bearer ${credential.token}`;
  return basic(credential);
}

export function basic({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

export interface CredentialSources {
  /** Given for a catalog; sent to the origin (scheme, host, port) of its location alone. */
  readonly own?: { readonly location: URL; readonly credential: GivenCredential };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/**
 * What is sent to which address: the catalog's own credentials to its origin, else what netrc (NETRC, or `~/.netrc`) has for the
 * host, and that over plain HTTP on this machine alone.
 */
export function credentialsFrom(sources: CredentialSources): (url: URL) => Promise<string | undefined> {
  const { own } = sources;
  return async (url) => {
    if (own !== undefined && own.location.origin === url.origin) return authorizationOf(own.credential);
    if (url.protocol !== 'https:' && !isLoopback(url.hostname)) return undefined;
    const login = loginOfNetrc(await readNetrc(sources), url.hostname);
    return login === undefined ? undefined : basic(login);
  };
}

/** No file is no login. One that cannot be read is none either, as with curl: most people have none. */
async function readNetrc({ environment, home }: CredentialSources): Promise<string> {
  const file = environment.NETRC || join(home, '.netrc');
  return readFile(file, 'utf8').catch(() => '');
}
