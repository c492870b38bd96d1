import type { LookupAddress } from 'node:dns';
import type { Reach } from './reach.ts';

/** What requests of a catalog stand on. */
export interface HttpSettings {
  /** HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read from it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  /** What the Authorization header is for this address; asked anew for every host on the way. */
  readonly credentials: (url: URL) => Promise<string | undefined>;
  /** PEM: certificates that are trusted besides the usual ones. */
  readonly ca?: string;
  /** PEM: certificate and key that this client shows, to this host (with its port) alone. */
  readonly certificate?: { readonly cert: string; readonly key: string; readonly host: string };
  /** Milliseconds. */
  readonly patience?: Patience;
  /** For tests, which have no public addresses: how names are resolved, and what an address counts as. */
  readonly network?: {
    resolve(host: string): Promise<readonly LookupAddress[]>;
    reachOf(address: string): Reach;
  };
}

export interface Patience {
  /** Until the connection stands and the answer begins. */
  readonly answer: number;
  /** Between two pieces of an answer. */
  readonly pause: number;
  /** For the whole. */
  readonly total: number;
}

/** A slow line gets an index of 50 MB in five minutes; a server that sends a byte now and then does not get longer. */
export const usualPatience: Patience = { answer: 30_000, pause: 30_000, total: 300_000 };
