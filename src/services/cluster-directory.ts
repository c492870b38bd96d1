import type { Cluster } from './ports.ts';

/** What proves to a cluster who asks. Never the server itself, but for the user of a kubeconfig on a laptop. */
export type ClusterCredential =
  /** The user of the kubeconfig that the server was started with: only for whoever started it. */
  | { readonly kind: 'own' }
  /** The caller's own token; asked for with each request to a cluster, so that it may be renewed meanwhile. */
  | { readonly kind: 'token'; readonly token: () => Promise<string> }
  /** Somebody who logged in, in whose name the server's account asks (a mode of its own, that says what it amounts to). */
  | { readonly kind: 'impersonate'; readonly user: string; readonly groups: readonly string[] };

/** A cluster that deployments live in. */
export interface ClusterInfo {
  readonly name: string;
  readonly server: string;
  readonly default: boolean;
  readonly simulated: boolean;
}

/** How a connection tells what happens to it, and how long it bears with a server that is away. */
export interface ConnectionLine {
  readonly onConnection?: (state: 'lost' | 'restored', reason: string) => void;
  /** On the clock of `performance`. */
  readonly patientUntil?: () => number;
}

/** The clusters of the server, each connected with what a caller brings. */
export interface ClusterDirectory {
  list(): Promise<readonly ClusterInfo[]>;
  /** @throws AppstoreError CLUSTER_UNKNOWN */
  connect(name: string, credential: ClusterCredential, line?: ConnectionLine): Promise<Cluster>;
}
