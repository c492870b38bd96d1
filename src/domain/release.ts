import type { ClusterFacts, ResolvedPackage, UserOptions } from './app.ts';
import type { CauseCode } from './health.ts';
import type { InventoryEntry } from './inventory.ts';
import type { Operation } from './plan.ts';
import type { Rendered } from './rendered.ts';

/** Newest version of the record format that this program writes. A newer one is read, never written to. */
export const recordFormatVersion = 1;

/** How many revisions are kept unless told otherwise. */
export const defaultRevisionsKept = 10;

/** `deployed`: the current revision. `superseded`: a later one took its place. */
export type RevisionResult = 'pending' | 'deployed' | 'superseded' | 'failed';

/** What an installation is called while an operation is at work on it, or after that was cut. */
export const stateOfOperation = {
  install: 'installing',
  upgrade: 'upgrading',
  rollback: 'rolling-back',
  remove: 'removing',
  adopt: 'adopting',
  return: 'returning',
} as const satisfies Record<Operation, string>;

/** What `list` shows as the state of an installation. */
export const installationStates = ['deployed', 'failed', ...Object.values(stateOfOperation)] as const;

export type InstallationState = (typeof installationStates)[number];

/** One line of `history`; kept in the index so that no Secret is read for it. */
export interface RevisionSummary {
  readonly number: number;
  readonly operation: Operation;
  readonly version: string;
  readonly appVersion: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly result: RevisionResult;
  /** `PendingOperation.requestId` of the operation that made it. */
  readonly requestId?: string;
  /** The revision that a rollback went back to. */
  readonly target?: number;
  readonly cause?: CauseCode;
  /** One line for people, free of secrets. */
  readonly message?: string;
  /** Events that its hooks ask for (`HookEvent`), so that no Secret is read to know; absent where it has none. */
  readonly hooks?: readonly string[];
}

/** A step of an operation that has been done; what it names is never done twice. Part 2 adds kinds of steps. */
export interface JournalEntry {
  readonly step: string;
  readonly at: string;
}

/** An operation under way, stored before the first write to the cluster. */
export interface PendingOperation {
  /** Random; every later write of the operation must find it still there. */
  readonly id: string;
  readonly operation: Operation;
  /** Revision that it makes; 0 for `remove` and `return`; for `adopt` the one that is taken over. */
  readonly revision: number;
  readonly startedAt: string;
  /** Who runs it: user name or host and process, for people. */
  readonly holder: string;
  readonly journal: readonly JournalEntry[];
  /**
   * How whoever asked for it finds it again: it stays the same where the operation is gone on with, while `id` is another then. Words of
   * letters, digits, `-` and `_`; absent where nobody named it.
   */
  readonly requestId?: string;
  /** The revision that a rollback goes back to. */
  readonly target?: number;
  /** What to remember for a removal that is cut: whether volumes go too. */
  readonly purgeData?: boolean;
}

/** What a metadata-only list says of an installation. */
export interface InstallationSummary {
  readonly name: string;
  readonly namespace: string;
  readonly catalog: string;
  readonly app: string;
  readonly version: string;
  readonly appVersion: string;
  readonly revision: number;
  readonly state: InstallationState;
  /** Time of the last change, RFC 3339. */
  readonly updatedAt: string;
  readonly formatVersion: number;
}

/** The index of an installation: everything but the content of its revisions. */
export interface InstallationRecord extends InstallationSummary {
  /** UID and resourceVersion of the index ConfigMap: the only commit point. */
  readonly uid: string;
  readonly resourceVersion: string;
  /** Oldest first. */
  readonly revisions: readonly RevisionSummary[];
  readonly pending?: PendingOperation;
  /** Everything written or about to be written: the recorded and the pending inventory together. */
  readonly inventory: readonly InventoryEntry[];
  /** True where we made the namespace. */
  readonly madeNamespace: boolean;
}

/** What a revision was made from. Holds the user's own values, secrets included. */
export interface RevisionHead {
  readonly number: number;
  readonly package: ResolvedPackage;
  readonly options: UserOptions;
  readonly facts: ClusterFacts;
  /** Paths in the values that the schema of this package calls secret; their values are masked wherever they turn up. */
  readonly secretPaths: readonly string[];
  /** Values that were read from Secrets of the cluster (`--set-secret`), as they were then: masked wherever they turn up. */
  readonly readSecrets?: readonly string[];
  /** `Rendered.secrets` of this revision. */
  readonly madeSecrets?: readonly string[];
  /**
   * Random, the same in every revision of an installation. Keys the digests in the index: a plain hash of an object with a
   * weak password in it could be guessed at by whoever may read ConfigMaps.
   */
  readonly digestKey: string;
  /**
   * Keyed digest of everything that it was rendered from; absent where equal inputs may render otherwise. Equal to that of a new
   * request, nothing needs to be rendered to know the objects.
   */
  readonly inputs?: string;
}

/** Everything that belongs to one revision. Holds secrets. */
export interface RevisionContent extends RevisionHead {
  readonly rendered: Rendered;
}
