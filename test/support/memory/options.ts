import type { ObjectRef } from '../../../src/domain/objects.ts';
import type { AccessQuestion, Cluster, ClusterTarget } from '../../../src/services/ports.ts';

/** A request as it reached the cluster. */
export interface MemoryRequest {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'log' | 'portforward';
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly metadataOnly: boolean;
  readonly dryRun: boolean;
}

/** Whether a request is allowed, and why not. */
type AccessPolicy = (
  question: AccessQuestion,
) => boolean | { readonly allowed: boolean; readonly reason: string };

export interface MemoryOptions {
  /** Whose requests these are; all is allowed where there is no policy. */
  readonly user?: string;
  readonly access?: AccessPolicy;
  /** Workloads become ready by themselves, as on a cluster with controllers and nodes. */
  readonly simulate?: boolean;
  readonly target?: Partial<ClusterTarget>;
  readonly version?: { readonly major: number; readonly minor: number; readonly gitVersion: string };
  readonly now?: () => Date;
  /** Last lines of containers by `namespace/pod/container`, `... previous` for the run before. */
  readonly logs?: Readonly<Record<string, string>>;
}

/** The in-memory cluster with what tests do to it. */
export interface MemoryCluster extends Cluster {
  /** Every request so far, in order. */
  readonly requests: MemoryRequest[];
  /** Refuses requests that fit with an error, so many times (for ever where not said). Returns what takes it back. */
  fail(
    matches: (request: MemoryRequest) => boolean,
    error: Error | (() => Error),
    times?: number,
  ): () => void;
  /** The same cluster as another user sees it, with requests and failures of its own. */
  as(user: string, access: AccessPolicy): MemoryCluster;
  /** Writes the status of an object, as its controller would. */
  setStatus(ref: ObjectRef, status: Readonly<Record<string, unknown>>): void;
  /** Waits until controllers and garbage collection have nothing more to do. */
  settle(): Promise<void>;
  /** Forgets the past, so that older resourceVersions are too old for a watch. */
  compact(): void;
  /** Sends a bookmark to every watch. */
  bookmark(): void;
  /** Ends every watch in good order. */
  endWatches(): void;
  /** How many watches are open. */
  openWatches(): number;
}
