import { begun } from '../domain/begun.ts';
import { noConflictChoices } from '../domain/conflict-choices.ts';
import type { Problem } from '../domain/errors.ts';
import { grantsOf } from '../domain/grants.ts';
import { hookEvents } from '../domain/hooks.ts';
import { idKey } from '../domain/objects.ts';
import { applyOrder } from '../domain/order.ts';
import { applySetId, stampOwnership } from '../domain/ownership.ts';
import type { Plan, PlannedObject } from '../domain/plan.ts';
import type { HookEvent } from '../domain/rendered.ts';
import { noReplacement } from '../domain/replacement.ts';
import { checkCrds } from './check-crds.ts';
import { checkWhole } from './check-whole.ts';
import { beyondNamespace, runningHooks } from './cluster-scope.ts';
import { startReads } from './early-reads.ts';
import { type Located, locate } from './locate.ts';
import { lookAhead } from './look-ahead.ts';
import { inParallel } from './parallel.ts';
import { unaskedWarning } from './plan-by-ownership.ts';
import { leaveYielded } from './plan-conflict.ts';
import type { PlanContext } from './plan-context.ts';
import { planHooks, splitHooks } from './plan-hooks.ts';
import { isRefusal, planObject } from './plan-object.ts';
import { planPrune } from './plan-prune.ts';
import type { Prepared } from './prepared.ts';
import { type Refusal, throwRefusals } from './refusals.ts';
import { planReplicas } from './replicas.ts';
import type { ChangeDeps, ChangeRequest, Session } from './requests.ts';
import { requestsAtOnce } from './survey.ts';

/**
 * The plan of a change, from live objects and server-side dry runs. Writes nothing. Throws, with every object at once:
 * OBJECT_FOREIGN, OBJECT_ADOPTABLE, FORBIDDEN, API_INVALID, FIELD_IMMUTABLE, ADMISSION_DENIED, QUOTA_EXCEEDED,
 * KIND_UNKNOWN, NAMESPACE_MISSING, NAMESPACE_TERMINATING. Field conflicts are in the plan.
 */
export async function planChange(
  deps: ChangeDeps,
  request: ChangeRequest,
  prepared: Prepared,
  session: Session,
): Promise<Plan> {
  const { signal } = session;
  session.emit({ type: 'step', step: 'plan', state: 'started', total: prepared.rendered.objects.length });
  const reads = prepared.reads ?? startReads(deps, request, Promise.resolve(prepared.record), signal);
  const [ready, clusterUid, located] = await Promise.all([
    reads.ready,
    reads.clusterUid,
    locate(deps.cluster, prepared.rendered.objects, request.namespace, signal),
  ]);
  const recorded = prepared.record?.inventory ?? [];
  const { steady, hooks } = splitHooks(located);
  const replicas = await planReplicas(
    deps.cluster,
    steady,
    { exists: ready, name: request.namespace, autoscalers: reads.autoscalers },
    signal,
  );
  const stamped = replicas.located.map((one) => ({ ...one, object: stampOwnership(one.object, request) }));
  const wanted = applyOrder(stamped, (one) => one.ref);
  const set = applySetId(request.namespace, request.name);
  const namespaceExists = (namespace: string) => ready || namespace !== request.namespace;
  const canAsk = ({ ref, served }: Located) => served && namespaceExists(ref.namespace);
  const own = {
    cluster: deps.cluster,
    signal,
    applySetId: set,
    installation: request,
    entries: new Map(recorded.map((entry) => [idKey(entry), entry])),
    mask: prepared.mask,
    digestKey: prepared.digestKey,
    namespaceExists,
    conflicts: request.conflicts ?? noConflictChoices,
    adopt: request.adopt ?? [],
    replace: request.replace ?? noReplacement,
    dryRun: request.dryRun,
  };
  const staying = new Set([...wanted, ...hooks].map((one) => idKey(one.ref)));
  const rendering = { wanted, hooks, recorded, staying, ready, canAsk, rights: reads.rights };
  const ahead = lookAhead(deps, request, rendering, signal);
  const planning = begun(planHooks(own, hooks, request, eventsOfChange(request)));
  const [known, more, spared] = await Promise.all([reads.recorded, ahead.unrecorded, ahead.spared]);
  const live = new Map([...known, ...more]);
  const asks = () => ahead.ask(wanted.some(({ ref }) => !live.has(idKey(ref))));
  const context: PlanContext = { ...own, live, spared, dryRuns: ahead.dryRuns, asks };
  const pruned = planPrune(recorded, staying, live, set);
  const settled = leaveYielded(wanted, live, prepared, request);
  const crds = await checkCrds(context, settled);
  const written = await planWrites({ ...context, refused: crds.refused }, settled, planning);
  const plannedHooks = (await planning).hooks;
  const objects = [...written, ...pruned];
  const unallowed = await checkWhole(
    deps,
    request,
    { objects, wanted, hooks: plannedHooks, ready, asked: ahead.asked() },
    signal,
  );
  session.emit({ type: 'step', step: 'plan', state: 'done', total: objects.length });
  return {
    formatVersion: 1,
    operation: request.operation,
    target: {
      context: deps.cluster.target.context,
      server: deps.cluster.target.server,
      clusterUid,
      namespace: request.namespace,
      name: request.name,
    },
    app: prepared.package.resolved,
    ...(prepared.stored === undefined ? {} : { previous: prepared.stored.package }),
    revision: prepared.nextRevision,
    ...(prepared.carried?.target === undefined ? {} : { restores: prepared.carried.target }),
    basis: prepared.record?.resourceVersion ?? '',
    createNamespace: !ready,
    objects,
    ...(plannedHooks.length === 0 ? {} : { hooks: plannedHooks }),
    handovers: replicas.handovers,
    grants: grantsOf(
      [...wanted, ...hooks].map((one) => one.object),
      request.namespace,
    ),
    kept: prepared.kept ?? [],
    ...(prepared.fromRecord === true
      ? { beyond: beyondNamespace([...objects, ...runningHooks(plannedHooks)], request.namespace) }
      : {}),
    warnings: [
      ...prepared.rendered.problems,
      ...prepared.warnings,
      ...elsewhere([...wanted, ...hooks], request.namespace),
      ...crds.warnings,
      ...unaskedWarning(objects),
      ...unallowed,
    ],
  };
}

/** The moments of a change at which hooks run; none where that is not wanted. */
function eventsOfChange({ operation, hooks }: ChangeRequest): readonly HookEvent[] {
  const { before, after } = hookEvents[operation];
  return hooks === false ? [] : [before, after];
}

/** The objects, or everything that is refused at once, of the hooks too. */
async function planWrites(
  context: PlanContext,
  wanted: readonly Located[],
  hooks: ReturnType<typeof planHooks>,
): Promise<PlannedObject[]> {
  const answers = await inParallel(wanted, requestsAtOnce, (one) => planObject(context, one));
  const refusals: Refusal[] = answers.filter(isRefusal);
  // Where one is refused, every object is asked for, so that everything is told at once.
  if (refusals.length > 0 && context.spared.size > 0)
    return planWrites({ ...context, spared: new Set() }, wanted, hooks);
  throwRefusals([...refusals, ...(await hooks).refusals]);
  return answers.filter((answer): answer is PlannedObject => !isRefusal(answer));
}

/** Objects in other namespaces are the package's right, but a person should see them. */
function elsewhere(wanted: readonly Located[], namespace: string): Problem[] {
  const others = new Set(
    wanted.map((one) => one.ref.namespace).filter((one) => one !== '' && one !== namespace),
  );
  return [...others].sort().map((other) => ({ message: `the app also writes to namespace ${other}` }));
}
