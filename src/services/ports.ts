import type {
  AppMetadata,
  AppReference,
  ClusterFacts,
  Package,
  PackageDescription,
  PackageFile,
  ResolvedPackage,
  StoredPackage,
} from '../domain/app.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import type { AppstoreError } from '../domain/errors.ts';
import type { CauseCode } from '../domain/health.ts';
import type { HelmRelease, HelmStatus } from '../domain/helm-release.ts';
import type { IndexStatement } from '../domain/index-statement.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import type { JsonObject } from '../domain/json.ts';
import type {
  GroupKind,
  GroupVersionKind,
  KubeObject,
  ObjectId,
  ObjectMeta,
  ObjectRef,
} from '../domain/objects.ts';
import type {
  InstallationRecord,
  InstallationSummary,
  PendingOperation,
  RevisionContent,
  RevisionHead,
  RevisionSummary,
} from '../domain/release.ts';
import type { Rendered, RenderRequest } from '../domain/rendered.ts';
import type { SearchQuery } from '../domain/search.ts';

/** Where apps come from. A folder, a static site, git, OCI and Helm repositories are equals behind it. */
export interface Catalog {
  /** Name under which references and records know it. */
  readonly name: string;
  /** Every app at its newest version, ranked for the query; all of them, by name, for an empty one. */
  search(query: SearchQuery, options?: SearchOptions): Promise<readonly CatalogHit[]>;
  /** Versions of an app, newest first; empty where the catalog does not have it. */
  versions(app: string, signal?: AbortSignal): Promise<readonly AppMetadata[]>;
  /**
   * Makes a reference exact: the newest version in the range (prereleases only where the range names one).
   * Undefined where this catalog has no such app. Throws VERSION_NOT_FOUND with the versions that there are.
   */
  resolve(reference: AppReference, signal?: AbortSignal): Promise<ResolvedPackage | undefined>;
  /** The files of a resolved package, checked against its content digest. */
  open(resolved: ResolvedPackage, signal?: AbortSignal): Promise<Package>;
  /**
   * When what is kept here of it was last found to be what its server has; undefined where it was never read. Absent for catalogs
   * that are read where they lie.
   */
  lastChecked?(): Promise<Date | undefined>;
  /** From when to when the signature over what is kept of it counts. Absent for catalogs that are pinned to no signer. */
  signedFor?(): Promise<Pick<IndexStatement, 'issued' | 'expires'>>;
}

export interface SearchOptions {
  readonly signal?: AbortSignal;
  /** Told of each app that cannot be listed; where it is absent the first of them fails the search. */
  readonly unread?: (error: AppstoreError) => void;
}

export interface CatalogHit {
  readonly catalog: string;
  readonly app: AppMetadata;
  /** Higher is better; only comparable within one query. */
  readonly score: number;
}

/**
 * What a description is for. `rendering` and `questions` may do with a schema that says only what the values of a user mean (which are
 * secrets, which are made), and for `questions` which are required; `people` want all that there is to tell.
 */
export type DescribeFor = 'people' | 'questions' | 'rendering';

/** Turns a package and values into objects. */
export interface Renderer {
  /**
   * Names the renderer and its version where equal input always renders to the same: it asks neither the cluster nor chance nor
   * the clock, and does not see the number of the revision. Absent where that is not so.
   */
  readonly pure?: string;
  /** True where the package is of this renderer's format. */
  accepts(files: readonly PackageFile[]): boolean;
  /**
   * Metadata, schema and requirements. Throws PACKAGE_INVALID with every problem and its place.
   *
   * @param purpose what of it is needed, where finding out all is dear; everything where absent
   */
  describe(files: readonly PackageFile[], source: string, purpose?: DescribeFor): Promise<PackageDescription>;
  /** Throws EXPRESSION_FAILED, RENDER_LIMIT, OBJECT_INVALID, PACKAGE_INVALID with the place. */
  render(
    files: readonly PackageFile[],
    source: string,
    request: RenderRequest,
    lookup: Lookup,
    signal?: AbortSignal,
  ): Promise<Rendered>;
}

/**
 * Reads an object of the cluster with the caller's rights, for renderers that allow it; undefined where there is none. An empty name
 * asks for the list (`items`) of a namespace, and of all of them where that is empty too.
 */
export type Lookup = (ref: {
  apiVersion: string;
  kind: string;
  namespace: string;
  name: string;
}) => Promise<JsonObject | undefined>;

/** A kind as the cluster serves it. */
export interface ResourceType extends GroupVersionKind {
  /** Plural name in paths, for example `deployments`. */
  readonly resource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

export interface ListOptions {
  /** One namespace; all of them where absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal;
}

export interface List<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

/** What a metadata-only request answers: no spec, no data, no status. */
export interface PartialObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

export type WatchEvent<T> =
  | { readonly type: 'added' | 'modified' | 'deleted'; readonly object: T }
  /** The server says that it is this far; nothing changed. */
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

export interface WatchOptions extends ListOptions {
  /** Where to start: the resourceVersion of a list. */
  readonly resourceVersion: string;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** Asked before a write is sent, at each try. */
export interface WriteGuard {
  /** True where the write may be sent this very moment. */
  fresh(): boolean;
  /** Resolves once it may; throws where it may never. */
  ensure(): Promise<void>;
}

export interface WriteOptions {
  /** Asks the server to check everything and write nothing. */
  readonly dryRun?: boolean;
  readonly guard?: WriteGuard;
  readonly signal?: AbortSignal;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  /** Takes fields from other managers. Only for what somebody chose field by field (take-fields.ts), or in a dry run. */
  readonly force?: boolean;
}

export interface DeleteOptions extends WriteOptions {
  /** UID precondition: another object of the same name is not touched. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
}

/** One question to the authoriser. */
export interface AccessQuestion {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** `''` asks for the whole cluster. */
  readonly namespace: string;
  readonly name?: string;
}

/** Which part of a container's log. */
export interface LogOptions {
  readonly container: string;
  /** The last lines; all of them where absent. */
  readonly tailLines?: number;
  /** The run before a restart. */
  readonly previous?: boolean;
  /** Lines that are not older. */
  readonly sinceSeconds?: number;
}

export interface ClusterTarget {
  readonly context: string;
  readonly server: string;
  /** Namespace of the context, `default` where none is set. */
  readonly namespace: string;
  /** True for a sandbox: no container runs there, and every output says so. */
  readonly simulated: boolean;
}

/**
 * The Kubernetes API as plain JSON. The real adapter and the in-memory cluster pass the same contract suite
 * (test/contract/cluster.ts). Every method throws ApiError where the server refuses and AppstoreError
 * (CLUSTER_UNREACHABLE, UNAUTHENTICATED ...) where it cannot be asked; only NotFound is ever read as "absent".
 * Requests that are safe to repeat are repeated (429, 5xx, lost connections) inside.
 */
export interface Cluster {
  readonly target: ClusterTarget;
  version(signal?: AbortSignal): Promise<ClusterFacts['version']>;
  /** UID of kube-system, `''` where it may not be read. */
  uid(signal?: AbortSignal): Promise<string>;
  /** How the cluster serves a kind; the preferred version where none is named. Undefined where it does not. */
  resourceType(
    kind: GroupKind & { readonly version?: string },
    signal?: AbortSignal,
  ): Promise<ResourceType | undefined>;
  /** Every kind served, preferred versions only. */
  resourceTypes(signal?: AbortSignal): Promise<readonly ResourceType[]>;
  /** Every `group/version` and `group/version/Kind` that is served, sorted. */
  apiVersions(signal?: AbortSignal): Promise<readonly string[]>;
  /** Forgets cached discovery: after CRDs were applied. */
  forgetDiscovery(): void;

  get(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject | undefined>;
  /**
   * The same of an object that never changes once it is there: what the server remembers of it is as good as what is stored, and costs
   * half. What it does not remember is looked for where it is stored. One that was just deleted may still come.
   */
  getImmutable(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject | undefined>;
  getMetadata(ref: ObjectRef, signal?: AbortSignal): Promise<PartialObject | undefined>;
  list(kind: GroupVersionKind, options: ListOptions): Promise<List<KubeObject>>;
  /** Metadata only, paged inside: the cost does not depend on the payload. */
  listMetadata(kind: GroupVersionKind, options: ListOptions): Promise<List<PartialObject>>;
  /**
   * Changes since a list. Ends (returns) when the server closes it in good order; throws ApiError with status 410 where the
   * resourceVersion is too old: list again. One watch a (kind, namespace), on a connection of their own.
   */
  watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<WatchEvent<KubeObject>>;
  watchMetadata(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<WatchEvent<PartialObject>>;
  /** Begins to make the connection of watches that are sure to come. Never fails: the watch that comes tries anew. */
  expectWatches(): void;

  /** POST. Throws ApiError API_CONFLICT (reason AlreadyExists) where it exists. */
  create(object: KubeObject, options?: WriteOptions & { fieldManager?: string }): Promise<KubeObject>;
  /** PUT; with `metadata.resourceVersion` set, throws API_CONFLICT where the object changed. */
  replace(object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /**
   * Server-side apply. Throws FIELD_CONFLICT with every manager and field; with `metadata.resourceVersion` set, API_CONFLICT where
   * the object changed.
   */
  apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  /** The same, answering metadata only (managedFields included). */
  applyMetadata(object: KubeObject, options: ApplyOptions): Promise<PartialObject>;
  /** JSON merge patch (RFC 7386). */
  mergePatch(
    ref: ObjectRef,
    patch: JsonObject,
    options?: WriteOptions & { fieldManager?: string },
  ): Promise<KubeObject>;
  /** `gone`: it is not there any more; `terminating`: finalizers or dependents hold it; `absent`: there was none. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<'gone' | 'terminating' | 'absent'>;

  /** Answers in the order of the questions. `reason` is the authoriser's, where it gives one. */
  access(
    questions: readonly AccessQuestion[],
    signal?: AbortSignal,
  ): Promise<readonly { readonly allowed: boolean; readonly reason: string }[]>;
  /**
   * A container's log; `''` where it has none: not started yet, no run before this one, or gone.
   * @param options.limitBytes Bytes that are read at most, 256 KiB unless told.
   */
  logs(
    pod: ObjectId,
    options: LogOptions & { readonly limitBytes?: number; readonly signal?: AbortSignal },
  ): Promise<string>;
  /** Its lines as they come. Ends with the run, with a lost connection, or with the signal; throws ApiError where it has no log. */
  followLogs(pod: ObjectId, options: LogOptions & { readonly signal: AbortSignal }): AsyncIterable<string>;
  /** Listens on a loopback port and forwards each connection to a pod's port until the signal aborts. */
  portForward(
    pod: ObjectId,
    port: number,
    options: { localPort?: number; signal: AbortSignal; onError(error: Error): void },
  ): Promise<{ readonly port: number }>;
  /** Closes connections. */
  close(): Promise<void>;
}

/** What starts an operation in the record, before anything else is written. */
export interface BeginRequest {
  readonly namespace: string;
  readonly name: string;
  /** The record as it was read; absent where there was none. */
  readonly record?: InstallationRecord;
  readonly operation: PendingOperation;
  /** Content of the new revision and its package; absent for `remove`. */
  readonly content?: RevisionContent;
  readonly package?: Package | StoredPackage;
  /**
   * What another tool did before, oldest first, for `adopt`: these become the revisions as they stand, and `content` and `package`
   * are absent.
   */
  readonly past?: readonly PastRevision[];
  /** The recorded and the intended inventory together. */
  readonly inventory: readonly InventoryEntry[];
  readonly madeNamespace?: boolean;
  /** What is written beside the blobs and has to be there before the index is; its failure is that of `begin`. */
  readonly beside?: Promise<unknown> | undefined;
}

/** A revision that another tool made, with all that belongs to it. */
export interface PastRevision {
  readonly summary: RevisionSummary;
  readonly content: RevisionContent;
  readonly package: Package;
}

export interface FinishRequest {
  readonly result: 'deployed' | 'failed';
  readonly finishedAt: string;
  readonly cause?: CauseCode;
  readonly message?: string;
  /** Why it failed, in full, masked; kept with the revision as long as that is (at most 16 KiB of it). */
  readonly evidence?: Diagnosis;
  readonly inventory: readonly InventoryEntry[];
  /** Revisions to keep; older ones, and blobs that nothing refers to, are collected. */
  readonly keep: number;
}

/**
 * The record of installations (docs/record.md). The update of the index with the resourceVersion it was read at is the only
 * commit point: a second writer gets OPERATION_RUNNING. A record of a newer format throws RECORD_NEWER on any write.
 */
export interface Records {
  /** The same records, what was read of them included, written through another way to the same cluster. */
  through(cluster: Cluster): Records;
  /** One metadata request over all namespaces, or, where that is forbidden, over the fallback namespace (`limitedTo`). */
  list(
    scope: { readonly namespace?: string; readonly fallback: string },
    signal?: AbortSignal,
  ): Promise<{ readonly items: readonly InstallationSummary[]; readonly limitedTo?: string }>;
  read(namespace: string, name: string, signal?: AbortSignal): Promise<InstallationRecord | undefined>;
  /**
   * What a revision was made from, without what it rendered to: no blob is read.
   * Throws REVISION_NOT_FOUND or RECORD_INVALID.
   */
  revisionHead(record: InstallationRecord, number: number, signal?: AbortSignal): Promise<RevisionHead>;
  /**
   * What the revision of a head that `revisionHead` gave rendered to, by its blob alone. Its shape is checked: whoever may edit the namespace may
   * have edited it. Throws REVISION_NOT_FOUND or RECORD_INVALID.
   */
  rendering(record: InstallationRecord, head: RevisionHead, signal?: AbortSignal): Promise<Rendered>;
  /** Both, read anew. Throws REVISION_NOT_FOUND or RECORD_INVALID. */
  revision(record: InstallationRecord, number: number, signal?: AbortSignal): Promise<RevisionContent>;
  /** The same with its package, by requests that do not wait for one another. */
  whole(
    record: InstallationRecord,
    number: number,
    signal?: AbortSignal,
  ): Promise<{ readonly content: RevisionContent; readonly package: Package }>;
  /** The same, the package unread. A new revision with that package has it as it is stored: nobody reads or packs it. */
  stored(
    record: InstallationRecord,
    number: number,
    signal?: AbortSignal,
  ): Promise<{ readonly content: RevisionContent; readonly package: StoredPackage }>;
  /**
   * Why a revision failed, as it was found then; undefined where nothing was stored, and then no Secret is read.
   * Throws REVISION_NOT_FOUND or RECORD_INVALID.
   */
  evidence(record: InstallationRecord, number: number, signal?: AbortSignal): Promise<Diagnosis | undefined>;
  /** Begins what `begin` does of a new revision without the cluster, so that it is done while the lock is asked for. */
  packAhead(request: Required<Pick<BeginRequest, 'namespace' | 'name' | 'content' | 'package'>>): void;
  /** Blobs, revision, then the index with the pending operation. Nothing is visible before the last of them. */
  begin(request: BeginRequest, signal?: AbortSignal): Promise<InstallationRecord>;
  /** Rewrites pending operation, journal and inventory while the operation runs. */
  progress(
    record: InstallationRecord,
    change: { readonly operation: PendingOperation; readonly inventory: readonly InventoryEntry[] },
    signal?: AbortSignal,
  ): Promise<InstallationRecord>;
  /** Ends the pending operation, then collects what is not needed any more. */
  finish(
    record: InstallationRecord,
    request: FinishRequest,
    signal?: AbortSignal,
  ): Promise<InstallationRecord>;
  /** Writes the inventory alone, without a revision (drift taken back by an upgrade without change). */
  refresh(
    record: InstallationRecord,
    inventory: readonly InventoryEntry[],
    signal?: AbortSignal,
  ): Promise<InstallationRecord>;
  /** Deletes revisions and blobs, then the index, last. The generated secrets go only with `purgeGenerated`. */
  forget(
    record: InstallationRecord,
    options: { readonly purgeGenerated: boolean },
    signal?: AbortSignal,
  ): Promise<void>;

  /**
   * Deletes the parts of a record that no index names: an operation was cut before it named them. Only under the lock: an
   * operation under way writes its parts first. Answers how many there were; generated secrets stay.
   */
  sweep(namespace: string, name: string, signal?: AbortSignal): Promise<number>;

  /** Generated secrets by path in the values; empty where there are none. They outlive the record when volumes do. */
  readGenerated(
    namespace: string,
    name: string,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, string>>>;
  /** Adds keys; an existing key is never overwritten. Answers all of them as stored. */
  addGenerated(
    namespace: string,
    name: string,
    secrets: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, string>>>;
}

/** A revision of a Helm release by its metadata: nothing of what it holds is read. */
export interface HelmRevisionRef {
  /** Where Helm keeps it: its driver. */
  readonly kind: 'Secret' | 'ConfigMap';
  readonly namespace: string;
  /** Name of the release. */
  readonly name: string;
  readonly version: number;
  /** Version of Helm's format; another one than 1 can only be listed. */
  readonly format: number;
  /** Name of the object. */
  readonly object: string;
  /** As its label says it: anybody may have written it. */
  readonly status: string;
  /** RFC 3339. */
  readonly updatedAt: string;
  /** True where it was taken over: Helm does not find it then. */
  readonly adopted: boolean;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What Helm stored of its releases in the cluster (its drivers for Secrets and ConfigMaps). */
export interface HelmReleases {
  /** The same releases, written through another way to the same cluster. */
  through(cluster: Cluster): HelmReleases;
  /**
   * The newest revision of every release of Helm's own: one metadata request a driver. `unread` are the kinds that may not be listed.
   */
  list(
    scope: { readonly namespace?: string; readonly fallback: string },
    signal?: AbortSignal,
  ): Promise<{
    readonly items: readonly HelmRevisionRef[];
    readonly limitedTo?: string;
    readonly unread: readonly HelmRevisionRef['kind'][];
  }>;
  /** The revisions of a release, oldest first, those that were taken over among them. Metadata only. */
  history(namespace: string, name: string, signal?: AbortSignal): Promise<readonly HelmRevisionRef[]>;
  /** Throws HELM_RELEASE_INVALID. */
  read(ref: HelmRevisionRef, signal?: AbortSignal): Promise<HelmRelease>;
  /** Labels it so that Helm does not find it any more. Throws API_CONFLICT where it is not as it was seen. */
  hide(ref: HelmRevisionRef, signal?: AbortSignal): Promise<void>;
  /** Labels it as it was before `hide`. */
  show(ref: HelmRevisionRef, signal?: AbortSignal): Promise<void>;
  setStatus(ref: HelmRevisionRef, status: HelmStatus, signal?: AbortSignal): Promise<void>;
  /** Writes a revision, hidden; one that is there already stays. */
  create(kind: HelmRevisionRef['kind'], release: HelmRelease, at: Date, signal?: AbortSignal): Promise<void>;
}

export interface Clock {
  /** Wall clock, for records and people. */
  now(): Date;
  /** Milliseconds that only go forward, for timeouts. */
  monotonic(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Cryptographically strong bytes. */
  bytes(count: number): Uint8Array;
}
