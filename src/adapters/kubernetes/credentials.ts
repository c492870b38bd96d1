import type { RequestHeaders } from './connection.ts';

/** What a TLS connection is made with, in PEM. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

/** What proves to the server who asks. Never printed. */
export interface Credential {
  readonly headers: RequestHeaders;
  readonly tls: TlsMaterial;
}

/** Where credentials come from. */
export interface Credentials {
  /** The credential for the next request; the same object as long as it holds. */
  current(): Promise<Credential>;
  /** After a 401 with `used`: true where there is another one now and the request is worth repeating. */
  renew(used: Credential): Promise<boolean>;
}

/** A source whose answer is kept: until `expires` (milliseconds of the epoch), or until the server refuses it. */
export interface CredentialSource {
  read(): Promise<{ readonly credential: Credential; readonly expires?: number }>;
  /** Reads anew after a 401; absent where that can never help. */
  refresh?(): Promise<{ readonly credential: Credential; readonly expires?: number }>;
}

/** Keeps the answer of a source while it holds. Requests that find it expired at the same time ask the source once. */
export function cachedCredentials(source: CredentialSource, now: () => number = Date.now): Credentials {
  let held: ReturnType<CredentialSource['read']> | undefined;
  const keep = (reading: ReturnType<CredentialSource['read']>) => {
    held = reading;
    reading.catch(() => {
      if (held === reading) held = undefined;
    });
    return reading;
  };
  const valid = async () => {
    const before = held;
    const answer = await (before ?? keep(source.read()));
    if (answer.expires === undefined || answer.expires > now()) return answer;
    // Somebody else may have renewed it meanwhile; after a renewal its answer counts, whatever its expiry says.
    return held === before || held === undefined ? keep(source.read()) : held;
  };
  return {
    current: async () => (await valid()).credential,
    renew: async (used) => {
      if (source.refresh === undefined) return false;
      const before = held;
      if ((await before)?.credential !== used) return true;
      // Of several requests that were refused together, one asks the source.
      const fresh = await (held === before || held === undefined ? keep(source.refresh()) : held);
      return !sameCredential(fresh.credential, used);
    },
  };
}

/** True where nothing that the server sees differs. */
function sameCredential(a: Credential, b: Credential): boolean {
  return JSON.stringify(a.headers) === JSON.stringify(b.headers) && sameTls(a.tls, b.tls);
}

/** True where a connection made with one may be used with the other. */
function sameTls(a: TlsMaterial, b: TlsMaterial): boolean {
  return a === b || (['ca', 'cert', 'key'] as const).every((part) => String(a[part]) === String(b[part]));
}
