import { begun } from '../domain/begun.ts';
import type { Problem } from '../domain/errors.ts';
import type { KubeObject, ObjectRef } from '../domain/objects.ts';
import type { PlanAction, PlannedHook, PlannedObject } from '../domain/plan.ts';
import { askAhead, checkWriteAccess, type KnownAccess } from './check-access.ts';
import { checkQuota, readQuotas } from './check-quota.ts';
import { runningHooks } from './cluster-scope.ts';
import type { Located } from './locate.ts';
import { isCompared } from './plan-by-ownership.ts';
import { throwRefusals } from './refusals.ts';
import type { ChangeDeps, ChangeRequest } from './requests.ts';

/** What is asked beside the dry runs. */
export interface Asked {
  readonly rights: Promise<KnownAccess>;
  /** Where it is known that something is created, in a namespace that is there. */
  readonly quotas?: Promise<readonly KubeObject[] | undefined>;
}

interface Whole {
  readonly objects: readonly PlannedObject[];
  readonly wanted: readonly Located[];
  readonly hooks: readonly PlannedHook[];
  /** True where the namespace exists. */
  readonly ready: boolean;
  /** What was asked beside the dry runs. */
  readonly asked: Asked | undefined;
}

const unwritten: ReadonlySet<PlanAction> = new Set(['unchanged', 'keep', 'conflict']);

/** Begins to ask what `checkWhole` will need to know. */
export function askBeside(
  deps: ChangeDeps,
  request: ChangeRequest,
  {
    changes,
    hooks,
    creates,
    ready,
    rights,
  }: {
    /** What is known to be done, or may be, and shows itself in no dry run. */
    readonly changes: readonly Pick<PlannedObject, 'ref' | 'action' | 'checked'>[];
    readonly hooks: readonly Located[];
    /** True where something is sure to be created. */
    readonly creates: boolean;
    /** True where the namespace exists. */
    readonly ready: boolean;
    /** Where they were asked for already. */
    readonly rights?: Asked['rights'] | undefined;
  },
  signal: AbortSignal,
): Asked {
  const objects = [...changes, ...hooks.map(rewritten)];
  return {
    rights: rights ?? begun(askAhead(deps.cluster, request, objects, { namespaceExists: ready }, signal)),
    ...(creates && ready ? { quotas: begun(readQuotas(deps.cluster, request.namespace, signal)) } : {}),
  };
}

/**
 * What no dry run of a single object shows: rights for what could not be dry-run, and the sum against the quotas. Answers what is
 * worth a warning.
 */
export async function checkWhole(
  deps: ChangeDeps,
  request: ChangeRequest,
  { objects, wanted, hooks, ready, asked }: Whole,
  signal: AbortSignal,
): Promise<Problem[]> {
  const running = runningHooks(hooks);
  // Nothing to write but perhaps the record, whose own refusal would leave nothing half-done.
  if (running.length === 0 && objects.every((object) => unwritten.has(object.action))) return [];
  const written = [...objects, ...running.map(rewritten)];
  const quotas = () => asked?.quotas ?? readQuotas(deps.cluster, request.namespace, signal);
  const [access, quota] = await Promise.all([
    checkWriteAccess(
      deps.cluster,
      request,
      written,
      { namespaceExists: ready, known: asked?.rights },
      signal,
    ),
    ready ? checkQuota(quotas, request.namespace, { objects, wanted }) : [],
  ]);
  // Who may not write and only wants to see the plan is told what they may not.
  const shown = request.dryRun && [...objects, ...running].some(isCompared);
  throwRefusals(shown ? quota : [...access, ...quota]);
  return shown ? access.map(({ problem }) => problem) : [];
}

/** A hook deletes what an earlier run left, and makes it anew. */
function rewritten({ ref }: { readonly ref: ObjectRef }) {
  return { ref, action: 'replace', checked: 'schema' } as const;
}
