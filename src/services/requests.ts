import type { AdoptChoice } from '../domain/adoption.ts';
import type {
  AppMetadata,
  AppReference,
  ObjectPatch,
  PackageDescription,
  ResolvedPackage,
  SecretReference,
  YieldedField,
} from '../domain/app.ts';
import type { ConflictChoices } from '../domain/conflict-choices.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import type { AppstoreError, Problem } from '../domain/errors.ts';
import type { CauseCode, Health } from '../domain/health.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { KubeObject, ObjectRef } from '../domain/objects.ts';
import type { Plan, PlannedConflict } from '../domain/plan.ts';
import type { PlanFile } from '../domain/plan-file.ts';
import type {
  InstallationRecord,
  InstallationSummary,
  PendingOperation,
  RevisionSummary,
} from '../domain/release.ts';
import type { OpenLink, Output } from '../domain/rendered.ts';
import type { ReplaceChoice } from '../domain/replacement.ts';
import type { MissingValue } from '../domain/values.ts';
import type { Emit } from './events.ts';
import type { Catalog, Clock, Cluster, Random, Records, Renderer } from './ports.ts';

/** How long a change may take unless told, milliseconds. */
export const defaultTimeout = 5 * 60_000;

/** What services that read catalogs stand on. */
export interface BrowseDeps {
  readonly catalogs: readonly Catalog[];
  readonly renderers: readonly Renderer[];
}

/** What services that work on a cluster stand on. */
export interface ClusterDeps {
  readonly cluster: Cluster;
  readonly records: Records;
  readonly clock: Clock;
  /** Seconds after which a lock that is not renewed counts as abandoned; 15 unless told. */
  readonly lockSeconds?: number;
}

/** What services stand on that write without asking a catalog. */
export interface WriteDeps extends ClusterDeps {
  readonly random: Random;
}

/** What a change stands on. */
export interface ChangeDeps extends BrowseDeps, WriteDeps {}

export type { MissingValue } from '../domain/values.ts';

/** Questions to the person at the terminal. Absent where nobody is there: then nothing is ever asked. */
export interface Asker {
  /** Answers by path; throws DECLINED or INTERRUPTED. */
  values(missing: readonly MissingValue[], app: AppMetadata): Promise<JsonObject>;
  /** Shows the plan and asks whether to go on. */
  confirm(plan: Plan): Promise<boolean>;
  /** Whose value a field gets that another manager holds. */
  conflict(ref: ObjectRef, conflict: PlannedConflict): Promise<'take' | 'yield' | 'abort'>;
  /** Whether an object that exists already becomes part of the app; `why` is what is known of it. */
  adopt(ref: ObjectRef, why: string): Promise<boolean>;
  /** Asks a question that no plan says; `--yes` answers it. */
  goOn(question: string): Promise<boolean>;
}

/** How a running service speaks to whoever started it. */
export interface Session {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly ask?: Asker;
  /** Looks at every plan as it is shown, before anything of it is written; refuses it by throwing. */
  readonly check?: (shown: Plan) => void;
}

/** A name in a namespace. */
export interface InstallationName {
  readonly namespace: string;
  readonly name: string;
}

/** What the user chose on the command line or in a request; absent parts leave what is stored as it is. */
export interface GivenOptions {
  readonly values: JsonObject;
  /** `UserOptions.integers` */
  readonly integers?: readonly string[];
  readonly secretRefs: readonly SecretReference[];
  readonly patches?: readonly ObjectPatch[];
  readonly imageRegistry?: string;
  readonly imagePullSecrets?: readonly string[];
}

/** A plan that was saved, to be carried out. */
export interface SavedPlan {
  readonly file: PlanFile;
  /** As it was shown to whoever made it. */
  readonly plan: Plan;
  /** Public keys (PEM) of which one has to have approved it. */
  readonly approvedBy: readonly string[];
}

export interface ChangeRequest extends InstallationName {
  readonly operation: 'install' | 'upgrade' | 'rollback';
  /** For `upgrade` absent: the newest version of the installed app from its own catalog. */
  readonly app?: AppReference;
  /** For `rollback`: the revision to go back to; absent: the last that was deployed before the current one. */
  readonly revision?: number;
  /** For `rollback`: only from an operation that failed or was cut, back to what is deployed. */
  readonly undo?: boolean;
  /** Objects outside the namespace, and RBAC, may be written from the record with nobody there to be asked. */
  readonly allowClusterScope?: boolean;
  /** A plan to carry out as it is; of `given` only its secrets are taken then. */
  readonly saved?: SavedPlan;
  readonly given: GivenOptions;
  /** What was chosen for fields that other managers hold. */
  readonly conflicts?: ConflictChoices;
  /** Existing objects that become part of the app. */
  readonly adopt?: AdoptChoice;
  /** Objects that may be deleted and made anew. */
  readonly replace?: ReplaceChoice;
  /** The yes to deleting was given beforehand (`--yes`). */
  readonly confirmed?: boolean;
  /** Forget the stored values instead of merging the given ones over them. */
  readonly resetValues: boolean;
  readonly createNamespace: boolean;
  readonly wait: boolean;
  /** Milliseconds for the whole change. */
  readonly timeout: number;
  /** Milliseconds that evidence of a failure has to last before waiting ends; infinite: never. The table where absent. */
  readonly failAfter?: number;
  /** Milliseconds to wait for another operation on the installation that is under way; not at all unless told. */
  readonly waitForLock?: number;
  readonly dryRun: boolean;
  /** Revisions kept. */
  readonly keep: number;
  /** For people, in the record: user or host and process. */
  readonly holder: string;
  /** `PendingOperation.requestId` of what this begins. */
  readonly requestId?: string;
  /** After a failure go back: to what was deployed before, or, at a first install, to nothing. */
  readonly undoOnFailure?: boolean;
  /** False: no hook runs (`--no-hooks`). */
  readonly hooks?: boolean;
}

/** What came of a change. `unchanged`: nothing was written, no revision was made. */
export interface ChangeResult {
  readonly outcome: 'changed' | 'unchanged' | 'planned';
  readonly plan: Plan;
  readonly record?: InstallationRecord;
  /** Masked. */
  readonly notes: string;
  readonly outputs: readonly Output[];
  readonly open: readonly OpenLink[];
  /** False where `--no-wait` left the readiness open. */
  readonly waited: boolean;
  /** Paths of the generated secrets of a new installation, or of those that an upgrade had to make, for `credentials`. */
  readonly generated: readonly string[];
}

export interface RemoveRequest extends InstallationName {
  readonly wait: boolean;
  readonly timeout: number;
  readonly waitForLock?: number;
  readonly dryRun: boolean;
  /** The yes to destroying was given beforehand (`--yes`). */
  readonly confirmed: boolean;
  /** Volumes and generated secrets go too. Never implied by `confirmed`. */
  readonly purgeData: boolean;
  /** CustomResourceDefinitions go too, and with them every object of their kinds, whoever made it. */
  readonly purgeCrds?: boolean;
  /** The namespace goes too, if an install made it and nothing else is in it. */
  readonly deleteNamespace?: boolean;
  /** False: no hook runs (`--no-hooks`). */
  readonly hooks?: boolean;
  /** As in `ChangeRequest`: hooks come from the record. */
  readonly allowClusterScope?: boolean;
  /** Takes back a first install that failed: the record stays, with the failed revision and why it failed. */
  readonly keepRecord?: boolean;
  readonly holder: string;
  /** `PendingOperation.requestId` of what this begins. */
  readonly requestId?: string;
}

export interface RemoveResult {
  readonly outcome: 'removed' | 'planned';
  readonly plan: Plan;
  /** False where `--no-wait` left the end open: objects may still be going. */
  readonly waited: boolean;
  /** What is still there, and why. */
  readonly left: readonly { readonly ref: ObjectRef; readonly reason: string }[];
}

export interface TestRequest extends InstallationName {
  /** Names of tests; all where empty. */
  readonly only: readonly string[];
  /** The log of every test is shown, whatever it says itself. */
  readonly logs: boolean;
  /** Milliseconds for all of them. */
  readonly timeout: number;
  readonly waitForLock?: number;
  /** As in `ChangeRequest`: tests come from the record. */
  readonly allowClusterScope?: boolean;
  readonly holder: string;
}

/** What came of the tests of an installation. Masked. */
export interface TestReport extends InstallationName {
  readonly revision: number;
  readonly tests: readonly {
    readonly ref: ObjectRef;
    readonly result: 'passed' | 'failed';
    /** RFC 3339. */
    readonly startedAt: string;
    readonly finishedAt: string;
    readonly cause?: CauseCode;
    /** Why it failed; `''` where it passed. */
    readonly message: string;
  }[];
}

/** A field that is not as the revision has it. */
export interface DriftedField {
  readonly path: string;
  /** Masked, as `live` is; absent where the revision does not have the field. */
  readonly expected?: Json;
  /** Absent where the field is gone. */
  readonly live?: Json;
  /** Who holds it now, where that is known. */
  readonly manager?: string;
}

/** An object that is not as the revision has it. */
export interface DriftedObject {
  readonly ref: ObjectRef;
  readonly state: 'missing' | 'changed' | 'added' | 'replaced' | 'foreign' | 'terminating';
  /** Who wrote it after us, the latest first, or whose it is now; empty where nothing is known. */
  readonly by: readonly string[];
  readonly fields: readonly DriftedField[];
}

export interface DriftReport extends InstallationName {
  /** The revision that the cluster was compared with. */
  readonly revision: number;
  readonly objects: readonly DriftedObject[];
  readonly problems: readonly Problem[];
  readonly pending?: PendingOperation;
}

export interface RepairRequest extends InstallationName {
  /** `Kind/name` or `Kind/name:.field`; everything that drifted where empty. */
  readonly only: readonly string[];
  readonly wait: boolean;
  readonly timeout: number;
  readonly waitForLock?: number;
  readonly dryRun: boolean;
  /** As in `ChangeRequest`: what is taken back comes from the record. */
  readonly allowClusterScope?: boolean;
  readonly holder: string;
}

export interface RepairResult {
  readonly outcome: 'repaired' | 'unchanged' | 'planned';
  readonly plan: Plan;
  /** What is not ours any more, and stays as it is. */
  readonly left: readonly { readonly ref: ObjectRef; readonly reason: string }[];
}

/** What is left of an installation, found in the cluster itself. */
export interface VerifyReport extends InstallationName {
  readonly left: readonly { readonly ref: ObjectRef; readonly reason: string }[];
  /** Kinds that the caller may not list, as `plural.group`: nothing can be said of them. */
  readonly unread: readonly string[];
}

/** One thing that `doctor` looked at. */
export interface Finding {
  readonly area: 'cluster' | 'catalogs' | 'state';
  /** What was looked at: `version`, a catalog, `namespace/name`. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem' | 'skipped';
  readonly message: string;
  readonly fix?: string;
}

export interface DoctorReport {
  readonly findings: readonly Finding[];
  /** False where there is a problem; warnings do not count. */
  readonly healthy: boolean;
}

export interface ForgetRequest extends InstallationName {
  /** For people: who takes the lock. */
  readonly holder: string;
  readonly waitForLock?: number;
  /** The yes was given beforehand (`--yes`). */
  readonly confirmed: boolean;
}

export interface ForgetResult {
  readonly record: InstallationRecord;
  /** What stays in the cluster and belongs to nobody from now on. */
  readonly kept: readonly ObjectRef[];
}

export interface TemplateRequest extends InstallationName {
  readonly app: AppReference;
  readonly given: GivenOptions;
  /** Kubernetes version assumed, for example `1.36`. */
  readonly kubernetes?: string;
}

/** Who gets rights. A service account is one of the installation's namespace. */
export interface RbacSubject {
  readonly kind: 'ServiceAccount' | 'User' | 'Group';
  readonly name: string;
}

export interface RbacRequest extends TemplateRequest {
  readonly subject: RbacSubject;
  /** The right to make the namespace is among them. */
  readonly createNamespace: boolean;
}

/** A catalog, or an app of it, that could not be read. */
export interface UnreadPart {
  readonly catalog: string;
  readonly error: AppstoreError;
}

export interface AppDetails {
  readonly resolved: ResolvedPackage;
  readonly description: PackageDescription;
  readonly versions: readonly AppMetadata[];
}

/** One object of an installation as it is now. */
export interface ObjectStatus {
  readonly ref: ObjectRef;
  readonly health: Health;
  /** For example `2/2 ready`, `Bound 8Gi`, an address; `''` where there is nothing to say. */
  readonly detail: string;
  readonly age: string;
}

export interface StatusReport {
  readonly record: InstallationRecord;
  readonly objects: readonly ObjectStatus[];
  /** All current: `healthy`; anything failed or missing: `unhealthy`; else `progressing`. */
  readonly health: 'healthy' | 'progressing' | 'unhealthy';
  readonly pending?: PendingOperation;
  /** What its newest revision was made from, as the record has it; absent where the record may not be read. */
  readonly package?: ResolvedPackage;
  readonly outputs: readonly Output[];
  readonly open: readonly OpenLink[];
  readonly notes: string;
  readonly problems: readonly Problem[];
}

/** Why an installation is not healthy, or was not. Masked. */
export interface WhyReport {
  readonly record: InstallationRecord;
  /** Looked at now, or read from what was stored with a revision. */
  readonly source: 'live' | 'record';
  /** The revision that it is about. */
  readonly revision: number;
  /** Now; absent where a revision was asked for. */
  readonly health?: StatusReport['health'];
  /** Absent where nothing is wrong, or was. */
  readonly diagnosis?: Diagnosis;
  /** How the newest revision failed, where it did and this report is not about that. */
  readonly failed?: RevisionSummary;
  readonly problems: readonly Problem[];
}

export interface InstallationList {
  readonly items: readonly InstallationSummary[];
  /** The one namespace that could be read, where listing all is not allowed. */
  readonly limitedTo?: string;
}

/** What `outdated` finds. */
export interface OutdatedReport {
  /** How many installations were looked at. */
  readonly checked: number;
  readonly items: readonly {
    readonly installation: InstallationSummary;
    readonly latest: { readonly version: string; readonly appVersion: string };
  }[];
  /** Of which it cannot be said, and why. */
  readonly unknown: readonly { readonly installation: InstallationSummary; readonly reason: string }[];
  readonly limitedTo?: string;
}

export interface HistoryReport {
  readonly record: InstallationRecord;
  /** Newest first. */
  readonly revisions: readonly RevisionSummary[];
}

/** What `get` shows, secrets masked, and what is under way. */
export type StoredPart = Stored & {
  readonly pending?: PendingOperation;
  /** It is of a release that Helm manages. */
  readonly ofHelm?: true;
};

type Stored =
  | {
      readonly part: 'values';
      readonly values: JsonObject;
      readonly secretRefs: readonly SecretReference[];
      /** Fields that are left to other managers. */
      readonly yielded: readonly YieldedField[];
      readonly patches: readonly ObjectPatch[];
      /** `''` for none. */
      readonly imageRegistry: string;
      readonly imagePullSecrets: readonly string[];
    }
  | { readonly part: 'manifest'; readonly objects: readonly KubeObject[] }
  | { readonly part: 'notes'; readonly notes: string }
  | { readonly part: 'outputs'; readonly outputs: readonly Output[] };
