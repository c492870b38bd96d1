import { AppstoreError } from '../domain/errors.ts';
import { isHook } from '../domain/hooks.ts';
import { idKey } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import type { Plan, PlannedHook } from '../domain/plan.ts';
import type { InstallationRecord, RevisionSummary } from '../domain/release.ts';
import type { HookEvent } from '../domain/rendered.ts';
import { checkObjects } from '../domain/rendered-check.ts';
import { beyondNamespace, runningHooks } from './cluster-scope.ts';
import { locate } from './locate.ts';
import { planHooks, splitHooks } from './plan-hooks.ts';
import { throwRefusals } from './refusals.ts';
import type { ClusterDeps, Session } from './requests.ts';

/** Hooks that run from the record alone. */
export interface StoredHooks {
  readonly hooks: readonly PlannedHook[];
  /** `RevisionHead.digestKey`; `''` where there are no hooks. */
  readonly digestKey: string;
  /** See `Plan.beyond`: the record is where they come from, and others may have edited it. */
  readonly beyond: NonNullable<Plan['beyond']>;
}

/**
 * The hooks of the deployed revision that run at some events, planned. Where it has none of them no Secret is read. Throws
 * FORBIDDEN, RECORD_INVALID, KIND_UNKNOWN, OBJECT_FOREIGN, OBJECT_ADOPTABLE.
 */
export async function storedHooks(
  deps: ClusterDeps,
  record: InstallationRecord,
  events: readonly HookEvent[],
  session: Session,
): Promise<StoredHooks> {
  const line = hookRevision(record);
  if (line === undefined || !events.some((event) => line.hooks?.includes(event)))
    return { hooks: [], digestKey: '', beyond: [] };
  const { namespace, name } = record;
  const content = await deps.records.revision(record, line.number, session.signal);
  const due = content.rendered.objects.filter(
    (one) => isHook(one) && events.some((event) => one.phase.events.includes(event)),
  );
  const located = await locate(deps.cluster, checkObjects(due, namespace, ''), namespace, session.signal);
  const context = {
    cluster: deps.cluster,
    signal: session.signal,
    applySetId: applySetId(namespace, name),
    entries: new Map(record.inventory.map((entry) => [idKey(entry), entry])),
    adopt: [],
    namespaceExists: () => true,
    dryRun: false,
  };
  const { hooks, refusals } = await planHooks(context, splitHooks(located).hooks, record, events);
  throwRefusals(refusals);
  return { hooks, digestKey: content.digestKey, beyond: beyondNamespace(runningHooks(hooks), namespace) };
}

/** The revision whose hooks count: the deployed one, else the newest. */
function hookRevision(record: InstallationRecord): RevisionSummary | undefined {
  return record.revisions.findLast(({ result }) => result === 'deployed') ?? record.revisions.at(-1);
}

/** The same error with the way to do without hooks. */
export function withoutHooksHint(error: unknown): unknown {
  if (!(error instanceof AppstoreError)) return error;
  const hint = `${error.hint} \`--no-hooks\` does without the hooks of the app.`.trim();
  return new AppstoreError(error.code, error.message, { hint, problems: error.problems, cause: error });
}
