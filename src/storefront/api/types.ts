import type { PlanFile } from '../../domain/plan-file.ts';
import type { appListOutput, appOutput } from '../../outputs/apps.ts';
import type { changeOutput, removalOutput } from '../../outputs/change.ts';
import type { credentialsOutput } from '../../outputs/credentials.ts';
import type { driftOutput, repairOutput } from '../../outputs/drift.ts';
import type { eventsOutput } from '../../outputs/events.ts';
import type { historyOutput, installationListOutput } from '../../outputs/installations.ts';
import type { outdatedOutput } from '../../outputs/outdated.ts';
import type { planOutput } from '../../outputs/plan.ts';
import type { statusOutput } from '../../outputs/status.ts';
import type { storedOutput } from '../../outputs/stored.ts';
import type { whyOutput } from '../../outputs/why.ts';

// What the server answers is what the command line prints with `-o json` (docs/outputs.md): the types are those of the one piece that
// makes both.

export type AppList = ReturnType<typeof appListOutput> & Paged;
export type ListedApp = AppList['items'][number];
export type App = ReturnType<typeof appOutput>;
export type Change = ReturnType<typeof changeOutput>;
export type Removal = ReturnType<typeof removalOutput>;
export type Repair = ReturnType<typeof repairOutput>;
export type Plan = ReturnType<typeof planOutput>;
export type PlannedObject = Plan['objects'][number];
export type InstallationList = ReturnType<typeof installationListOutput> & Paged;
export type Installation = InstallationList['items'][number];
export type InstallationStatus = ReturnType<typeof statusOutput>;
export type RevisionList = ReturnType<typeof historyOutput>;
export type Diagnosis = ReturnType<typeof whyOutput>;
export type Drift = ReturnType<typeof driftOutput>;
export type EventList = ReturnType<typeof eventsOutput>;
export type UserValues = Extract<ReturnType<typeof storedOutput>, { readonly kind: 'UserValues' }>;
export type OutdatedList = ReturnType<typeof outdatedOutput>;
export type CredentialList = ReturnType<typeof credentialsOutput>;

interface Paged {
  readonly total?: number;
  /** Where the next page begins; absent at the last. */
  readonly next?: string;
}

/** Who is asking, and what is there for them. */
export interface Session {
  readonly kind: 'Session';
  readonly caller: { readonly name: string; readonly groups: readonly string[]; readonly mode: string };
  /** Absent where the caller sends a token with each request. */
  readonly csrf?: string;
  /** Plans can be approved here: the server has a key that it signs with. */
  readonly approves: boolean;
  readonly clusters: readonly string[];
  readonly defaultCluster?: string;
  /** Clusters where nothing really runs. */
  readonly sandboxes: readonly string[];
  readonly version: string;
}

export interface CategoryList {
  readonly items: readonly { readonly name: string; readonly apps: number }[];
}

/** A plan that waits in the cluster, as a list tells of it. */
export interface ListedPlan {
  readonly id: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: string;
  readonly app: string;
  readonly version: string;
  readonly made: { readonly at: string; readonly by: string };
  readonly state: 'waiting' | 'approved' | 'rejected' | 'free';
  readonly rejection?: { readonly by: string; readonly at: string; readonly reason: string };
}

export interface PlanList extends Paged {
  readonly items: readonly ListedPlan[];
  readonly limitedTo?: string;
}

export interface KeptPlan extends ListedPlan {
  readonly requireApproval: boolean;
  /** Those that hold. `own`: of whoever asks. */
  readonly approvals: readonly { readonly by: string; readonly at: string; readonly own: boolean }[];
  readonly plan: PlanFile;
}

/** Work on a deployment that was begun. */
export interface Operation {
  readonly kind: 'Operation';
  readonly id: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: string;
  readonly state: 'running' | 'done' | 'failed' | 'interrupted';
  readonly startedAt: string;
  readonly by?: string;
  /** It was asked to stop, and is about to. */
  readonly stopping?: boolean;
  readonly finishedAt?: string;
  readonly result?: Change | Removal | Repair;
  /** RFC 9457. */
  readonly problem?: Readonly<Record<string, unknown>>;
}

export interface LogLines {
  readonly items: readonly { readonly pod: string; readonly container: string; readonly text: string }[];
}
