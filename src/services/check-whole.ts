import { begun } from '../domain/begun.ts';
import type { Problem } from '../domain/errors.ts';
import type { KubeObject } from '../domain/objects.ts';
import { idKey, type ObjectRef } from '../domain/objects.ts';
import type { PlanAction, PlannedHook, PlannedObject } from '../domain/plan.ts';
import { askAhead, checkWriteAccess, type KnownAccess } from './check-access.ts';
import { checkQuota, readQuotas } from './check-quota.ts';
import { runningHooks } from './cluster-scope.ts';
import type { Located } from './locate.ts';
import { isCompared } from './plan-by-ownership.ts';
import type { PlanContext } from './plan-object.ts';
import { type Refusal, throwRefusals } from './refusals.ts';
import type { ChangeDeps, ChangeRequest } from './requests.ts';

/** Questions about the whole that were begun beside the dry runs. */
interface Checks {
  readonly access: Promise<readonly Refusal[]>;
  readonly quotas: Promise<readonly KubeObject[] | undefined>;
}

/** What is asked beside the dry runs of a change that is no first install. */
export interface Asked {
  readonly rights: Promise<KnownAccess>;
  /** Where it is known that something is created. */
  readonly quotas?: Checks['quotas'];
}

interface Whole {
  readonly objects: readonly PlannedObject[];
  readonly wanted: readonly Located[];
  readonly hooks: readonly PlannedHook[];
  /** True where the namespace exists. */
  readonly ready: boolean;
  readonly checks?: Checks;
  /** What was asked beside the dry runs. */
  readonly asked?: Asked | undefined;
}

const unwritten: ReadonlySet<PlanAction> = new Set(['unchanged', 'keep', 'conflict']);

/** Begins to ask what `checkWhole` needs of a first install, where nothing is deleted. */
export function startChecks(
  deps: ChangeDeps,
  request: ChangeRequest,
  {
    context,
    wanted,
    hooks,
    ready,
  }: {
    readonly context: PlanContext;
    readonly wanted: readonly Located[];
    readonly hooks: readonly Located[];
    readonly ready: boolean;
  },
  signal: AbortSignal,
): Checks {
  const unasked = wanted
    .filter(
      ({ ref, served }) =>
        !served || !context.namespaceExists(ref.namespace) || context.spared.has(idKey(ref)),
    )
    .map(({ ref }) => ({ ref, action: 'create', checked: 'schema' }) as const);
  return {
    access: begun(
      checkWriteAccess(
        deps.cluster,
        request,
        [...unasked, ...hooks.map(rewritten)],
        { namespaceExists: ready },
        signal,
      ),
    ),
    quotas: begun(ready ? readQuotas(deps.cluster, request.namespace, signal) : Promise.resolve([])),
  };
}

/** Begins to ask what `checkWhole` needs of any other change. */
export function askBeside(
  deps: ChangeDeps,
  request: ChangeRequest,
  {
    context,
    wanted,
    hooks,
    leaving,
  }: {
    readonly context: Pick<PlanContext, 'live'>;
    readonly wanted: readonly Located[];
    readonly hooks: readonly Located[];
    readonly leaving: readonly PlannedObject[];
  },
  signal: AbortSignal,
): Asked {
  const creates = wanted.some(({ ref }) => !context.live.has(idKey(ref)));
  const rights = askAhead(deps.cluster, request, [...leaving, ...hooks.map(rewritten)], signal);
  return {
    rights: begun(rights),
    ...(creates ? { quotas: begun(readQuotas(deps.cluster, request.namespace, signal)) } : {}),
  };
}

/**
 * What no dry run of a single object shows: rights for what could not be dry-run, and the sum against the quotas. Answers what is
 * worth a warning.
 */
export async function checkWhole(
  deps: ChangeDeps,
  request: ChangeRequest,
  { objects, wanted, hooks, ready, checks, asked }: Whole,
  signal: AbortSignal,
): Promise<Problem[]> {
  const running = runningHooks(hooks);
  // Nothing to write but perhaps the record, whose own refusal would leave nothing half-done.
  if (running.length === 0 && objects.every((object) => unwritten.has(object.action))) return [];
  const written = [...objects, ...running.map(rewritten)];
  const quotas = () => checks?.quotas ?? asked?.quotas ?? readQuotas(deps.cluster, request.namespace, signal);
  const [access, quota] = await Promise.all([
    checks?.access ??
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
