import type { CatalogState } from '../services/catalog-store.ts';
import type { ClusterDirectory } from '../services/cluster-directory.ts';
import type { Clock, Cluster, Random, Records } from '../services/ports.ts';
import type { BrowseDeps } from '../services/requests.ts';
import type { Callers } from './callers/caller.ts';

/** What the server stands on. Only the composition root (`context.ts`) knows what is behind it. */
export interface Platform {
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Opens the catalogs anew: what their operator changed meanwhile counts. */
  browse(): Promise<BrowseDeps>;
  catalogStates(): Promise<readonly CatalogState[]>;
  readonly clusters: ClusterDirectory;
  records(cluster: Cluster): Promise<Records>;
  readonly callers: Callers;
  /** Name of the machine or pod, for people. */
  readonly host: string;
  readonly lockSeconds?: number;
}

/** How long the server bears with whoever is slow, milliseconds. */
export interface Patience {
  /** For the headers of a request, and for all of it: who sends a byte now and then is let go of. */
  readonly headers: number;
  readonly request: number;
  /** For a connection on which nothing moves: who asks and does not read is let go of. A stream of events moves every 15 seconds. */
  readonly silence: number;
  /** Between two looks at the first two. */
  readonly look: number;
}

/** What the operator decides. */
export interface ServerSettings {
  /** Addresses under which browsers may come, as `https://apps.example.org`; empty: no browser, and any name. */
  origins(): readonly string[];
  /** Requests a minute of one caller. */
  readonly requestsPerMinute: number;
  /** Milliseconds that operations have to end by themselves when the server is stopped. */
  readonly grace: number;
  /** Another patience than the usual one, for tests. */
  readonly patience?: Patience;
  /** Where the log goes, a line of JSON each; nowhere where absent. */
  readonly log?: { write(line: string): void };
  readonly logLevel?: 'debug' | 'info' | 'warn';
  /** What approvals of plans are signed with; nobody approves here where absent. */
  readonly approvalKey?: { readonly privateKey: string; readonly publicKey: string };
  /** Further public keys (PEM) whose approvals count. */
  readonly approvedBy: readonly string[];
  /** `/metrics` is answered elsewhere: `metrics-server.ts`. */
  readonly metricsApart?: boolean;
  /** A folder with the built storefront; none where absent. */
  readonly storefront?: string;
}
