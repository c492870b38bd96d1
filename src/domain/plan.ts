import type { ResolvedPackage } from './app.ts';
import type { Place, Problem } from './errors.ts';
import type { Json } from './json.ts';
import type { KubeObject, ObjectRef } from './objects.ts';
import type { HookEvent, Phase } from './rendered.ts';

/** `adopt` takes a release over from Helm, `return` gives it back: neither makes a revision. */
export type Operation = 'install' | 'upgrade' | 'rollback' | 'remove' | 'adopt' | 'return';

/** What is done to one object. `keep` is an object that leaves the app and stays in the cluster. */
export type PlanAction = 'create' | 'update' | 'replace' | 'delete' | 'unchanged' | 'conflict' | 'keep';

/** A field that changes. Values are masked already where they are secret. */
export interface FieldChange {
  /** Path as Kubernetes writes it: `.spec.template.spec.containers[name="web"].image`. */
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
}

/** A field that another manager holds. */
export interface PlannedConflict {
  readonly manager: string;
  readonly field: string;
  readonly ours?: Json;
  readonly theirs?: Json;
  /** What was chosen: `take` sets ours, `yield` leaves theirs; absent where nothing was, and then nothing is written. */
  readonly choice?: 'take' | 'yield';
}

/**
 * How it is known that the object can be written: a server-side dry run, known rules (`schema`, where its namespace or CRD does
 * not exist yet, or where it is simple and nothing in the cluster judges it), live objects by field ownership (`ownership`, where
 * the caller may not write), or the record alone (`record`: neither the package nor the cluster changed since the last apply).
 */
export type Checked = 'server' | 'schema' | 'ownership' | 'record';

/** What is done to one object and why. */
export interface PlannedObject {
  readonly ref: ObjectRef;
  readonly action: PlanAction;
  readonly reason: string;
  readonly phase: Phase;
  /** Stage (1 to 5) and rank inside it; deletion runs backwards (DESIGN: applying). */
  readonly stage: number;
  readonly rank: number;
  readonly checked: Checked;
  readonly changes: readonly FieldChange[];
  readonly conflicts: readonly PlannedConflict[];
  /** What is applied; absent for `delete` and `keep`. Holds secrets: never shown, only through a view that masks. */
  readonly desired?: KubeObject;
  /** True for an object that another tool made: what that tool owned becomes ours before it is applied. */
  readonly adopt?: true;
  /** Where in the package it stands. */
  readonly source?: Place;
  /** What the plan read of the live object; absent where there is none. */
  readonly live?: { readonly uid: string; readonly digest: string };
}

/** An object of the app that runs as a hook: before or after the writes of an operation, or as a test. */
export interface PlannedHook {
  readonly ref: ObjectRef;
  /** When it runs in this operation; empty where it does not. */
  readonly runs: readonly HookEvent[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly logPolicies: readonly string[];
  /** `replace`: one of an earlier run is deleted first. `update`: it is applied over what is there. */
  readonly action: Extract<PlanAction, 'create' | 'update' | 'replace'>;
  readonly checked: Checked;
  /** Holds secrets, as that of objects does. */
  readonly desired: KubeObject;
  readonly source: Place;
}

/** A right over the whole cluster, or over another namespace, that the app would get. */
export interface Grant {
  /** `Kind/name` of the binding or role. */
  readonly by: string;
  /** One line: verbs, resources, to whom. */
  readonly rights: string;
}

/** A workload whose `replicas` another controller sets; handed over before our apply leaves the field out. */
export interface ReplicasHandover {
  readonly ref: ObjectRef;
  readonly by: string;
  /** True where we own the field alone and it must first be given to a second field manager with its live value. */
  readonly transfer: boolean;
}

/**
 * Why a revision is recorded even where no object differs: there is none yet, the package or the options are others, the newest
 * one failed, or an operation is not finished.
 */
export type RecordsFor = 'first' | 'package' | 'options' | 'failed' | 'unfinished';

/** Everything a change will do, as plain data. Computed first, executed after; dry run, diff, API and CLI share it. */
export interface Plan {
  readonly formatVersion: 1;
  /** `repair` takes drift back; it makes no revision, so that it never stands in a record. */
  readonly operation: Operation | 'repair';
  readonly target: {
    readonly context: string;
    readonly server: string;
    /** UID of the namespace `kube-system`; `''` where the caller may not read it. */
    readonly clusterUid: string;
    readonly namespace: string;
    readonly name: string;
  };
  readonly app: ResolvedPackage;
  /** The package that is installed now; absent at a first install. */
  readonly previous?: ResolvedPackage;
  /** Number of the revision that the change makes; the current one where nothing changes or for `remove`. */
  readonly revision: number;
  /** Absent where nothing is written unless an object differs. */
  readonly records?: RecordsFor;
  /** The revision that a rollback goes back to. */
  readonly restores?: number;
  /** resourceVersion of the index that the plan was made from; `''` where there was none. */
  readonly basis: string;
  /** True where the namespace is made first. */
  readonly createNamespace: boolean;
  /** True where the namespace is deleted last (remove). */
  readonly deleteNamespace?: boolean;
  /** In the order of writing. */
  readonly objects: readonly PlannedObject[];
  /** Every hook of the app, those that do not run now included; absent where it has none. */
  readonly hooks?: readonly PlannedHook[];
  readonly handovers: readonly ReplicasHandover[];
  readonly grants: readonly Grant[];
  /** Volumes and other things that stay, with the reason (remove). */
  readonly kept: readonly { readonly ref: ObjectRef; readonly reason: string }[];
  /** What would be written outside the namespace, or as RBAC, from a record that others may have edited. */
  readonly beyond?: readonly { readonly ref: ObjectRef; readonly reason: string }[];
  readonly warnings: readonly Problem[];
}

/** How many objects a plan creates, updates and so on. */
export function countActions(plan: Pick<Plan, 'objects'>): Readonly<Record<PlanAction, number>> {
  const counts: Record<PlanAction, number> = {
    create: 0,
    update: 0,
    replace: 0,
    delete: 0,
    unchanged: 0,
    conflict: 0,
    keep: 0,
  };
  for (const object of plan.objects) counts[object.action]++;
  return counts;
}
