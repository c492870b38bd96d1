import { begun } from '../domain/begun.ts';
import { AppstoreError, type Problem } from '../domain/errors.ts';
import { isOfRelease, withoutHelmMarks } from '../domain/helm-ownership.ts';
import { isHook } from '../domain/hooks.ts';
import type { Masker } from '../domain/masking.ts';
import { displayId, idKey, type KubeObject, type ObjectRef } from '../domain/objects.ts';
import { applyOrder } from '../domain/order.ts';
import { applySetId, classifyOwner, ownershipKeys, stampOwnership } from '../domain/ownership.ts';
import type { PlannedObject } from '../domain/plan.ts';
import type { RenderedObject } from '../domain/rendered.ts';
import { checkObjects } from '../domain/rendered-check.ts';
import { compareTakeover } from './compare-takeover.ts';
import { type Located, locate } from './locate.ts';
import { inParallel } from './parallel.ts';
import { planned } from './planned.ts';
import type { Cluster, PartialObject } from './ports.ts';
import { type Refusal, refusalOf, throwRefusals } from './refusals.ts';
import { liveAutoscalers, planReplicas } from './replicas.ts';
import type { InstallationName } from './requests.ts';
import { requestsAtOnce, survey } from './survey.ts';

/** What becomes ours, and what does not. */
export interface TakeoverPlan {
  readonly objects: readonly PlannedObject[];
  /** What stays as it is and whose it is. */
  readonly left: readonly { readonly ref: ObjectRef; readonly reason: string }[];
  readonly warnings: readonly Problem[];
}

interface TakeoverInput {
  readonly cluster: Cluster;
  readonly mask: Masker;
  readonly release: InstallationName;
  readonly rendered: readonly RenderedObject[];
}

/**
 * Which objects of a release become ours: those that carry its marks, live, whatever the release itself says. Reads only. Throws,
 * with every object at once: OBJECT_FOREIGN, FORBIDDEN and what the server refuses; KIND_UNKNOWN, OBJECT_INVALID.
 */
export async function planTakeover(input: TakeoverInput, signal: AbortSignal): Promise<TakeoverPlan> {
  const { cluster, release } = input;
  const normal = checkObjects(
    input.rendered.filter(({ phase }) => phase.kind === 'normal'),
    release.namespace,
    '',
  );
  const located = await wantedOf(cluster, normal, release, signal);
  const live = await survey(
    cluster,
    located.map(({ ref }) => ref),
    { byName: true, signal },
  );
  const answers = await inParallel(located, requestsAtOnce, (one) =>
    planOne(input, one, live.get(idKey(one.ref)), signal),
  );
  throwRefusals(answers.flatMap((answer) => ('refusal' in answer ? [answer.refusal] : [])));
  const all = [...answers, ...(await planHooks(input, signal))];
  const objects = all.flatMap((answer) => ('object' in answer ? [answer.object] : []));
  return {
    objects,
    left: all.flatMap((answer) => ('left' in answer ? [answer.left] : [])),
    warnings: [...missingWarning(objects), ...differsWarning(objects)],
  };
}

/** As a change of ours would want them, so that the next one finds nothing to do. */
async function wantedOf(
  cluster: Cluster,
  rendered: readonly RenderedObject[],
  release: InstallationName,
  signal: AbortSignal,
): Promise<Located[]> {
  const autoscalers = begun(liveAutoscalers(cluster, release.namespace, signal));
  const located = await locate(cluster, rendered, release.namespace, signal);
  const namespace = { exists: true, name: release.namespace, autoscalers };
  const replicas = await planReplicas(cluster, located, namespace, signal);
  const stamped = replicas.located.map((one) => ({ ...one, object: stampOwnership(one.object, release) }));
  return applyOrder(stamped, ({ ref }) => ref);
}

type Answer =
  | { readonly object: PlannedObject }
  | { readonly left: TakeoverPlan['left'][number] }
  | { readonly refusal: Refusal };

async function planOne(
  { cluster, mask, release }: TakeoverInput,
  wanted: Located,
  live: PartialObject | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  if (live === undefined) return { object: planned(wanted, 'unchanged', missingReason, 'server', {}) };
  const refused = refuse(wanted.ref, live, release);
  if (refused !== undefined) return refused;
  try {
    const found = await compareTakeover({ cluster, mask }, wanted, signal);
    if (found === undefined) return { object: planned(wanted, 'unchanged', missingReason, 'server', {}) };
    const reason =
      found.differs.length === 0 ? 'taken over as it is' : 'taken over as it is; it differs from the release';
    const details = { live: found.live, full: found.live, conflicts: found.differs };
    return { object: planned(wanted, 'update', reason, 'server', details) };
  } catch (error) {
    if (error instanceof AppstoreError && error.code === 'FIELD_CONFLICT')
      return { left: { ref: wanted.ref, reason: error.message } };
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { refusal };
  }
}

const missingReason = 'it is missing from the cluster; the next upgrade makes it';

/** Whose an object is that a release names. The release alone makes nothing ours: whoever may edit it could name anything. */
function refuse(ref: ObjectRef, { metadata }: PartialObject, release: InstallationName): Answer | undefined {
  const id = displayId(ref);
  if (metadata.deletionTimestamp !== undefined)
    return { refusal: { code: 'OPERATION_RUNNING', problem: { message: `${id}: is still being deleted` } } };
  const set = applySetId(release.namespace, release.name);
  if (metadata.labels?.[ownershipKeys.partOf] === set) return undefined;
  const marked = isOfRelease(metadata, release);
  const owner = classifyOwner(marked ? withoutHelmMarks(metadata) : metadata, { applySetId: set });
  if (owner.state === 'foreign') {
    const message = `${id}: it belongs to ${owner.owner}`;
    const hint = 'Take it out of the hands of that owner first.';
    return { refusal: { code: 'OBJECT_FOREIGN', problem: { message, hint } } };
  }
  if (marked) return undefined;
  const reason = `it does not carry the marks of Helm release ${release.namespace}/${release.name}: \`--adopt\` with the next upgrade takes it`;
  return { left: { ref, reason } };
}

/**
 * What hooks left behind. Helm puts no marks on it, deletes it by its name alone, and leaves it when the release goes; here it is ours,
 * as what our hooks make is. Only in the namespace of the release, and only where it has no owner at all.
 */
async function planHooks(input: TakeoverInput, signal: AbortSignal): Promise<Answer[]> {
  const { cluster, rendered, release, mask } = input;
  const named = rendered.filter((one) => isHook(one) && isNamed(one.object));
  const located = (await Promise.all(named.map((one) => locateHook(input, one, signal)))).flat();
  const hooks = [...new Map(located.map((one) => [idKey(one.ref), one])).values()];
  const live = await survey(
    cluster,
    hooks.map(({ ref }) => ref),
    { byName: true, signal },
  );
  const answers = await inParallel(hooks, requestsAtOnce, async (hook): Promise<Answer[]> => {
    const found = live.get(idKey(hook.ref));
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return [];
    const owned = isFree(hook.ref, found, release);
    if (!owned)
      return [
        {
          left: {
            ref: hook.ref,
            reason: 'a hook of the release has its name, but it is not known whose it is',
          },
        },
      ];
    const taken = await compareTakeover({ cluster, mask }, hook, signal);
    if (taken === undefined) return [];
    const details = { live: taken.live, full: taken.live };
    return [
      { object: planned(hook, 'update', 'left behind by a hook; taken over as it is', 'server', details) },
    ];
  });
  return answers.flat();
}

/** A hook of a kind that is not served any more left nothing behind. */
async function locateHook(
  { cluster, release }: TakeoverInput,
  hook: RenderedObject,
  signal: AbortSignal,
): Promise<Located[]> {
  try {
    const located = await locate(cluster, [hook], release.namespace, signal);
    return located.map((one) => ({ ...one, object: stampOwnership(one.object, release) }));
  } catch (error) {
    if (error instanceof AppstoreError && error.code === 'KIND_UNKNOWN') return [];
    throw error;
  }
}

function isFree(ref: ObjectRef, { metadata }: PartialObject, release: InstallationName): boolean {
  const set = applySetId(release.namespace, release.name);
  if (ref.namespace !== release.namespace) return false;
  return (
    metadata.labels?.[ownershipKeys.partOf] === set ||
    classifyOwner(metadata, { applySetId: set }).state === 'adoptable'
  );
}

function isNamed({ metadata }: KubeObject): boolean {
  return typeof metadata?.name === 'string' && metadata.name !== '';
}

function missingWarning(objects: readonly PlannedObject[]): Problem[] {
  return objects
    .filter(({ live }) => live === undefined)
    .map(({ ref }) => ({ message: `${displayId(ref)}: ${missingReason}` }));
}

function differsWarning(objects: readonly PlannedObject[]): Problem[] {
  const count = objects.filter(({ conflicts }) => conflicts.length > 0).length;
  if (count === 0) return [];
  return [
    {
      message: `${count} ${count === 1 ? 'object differs' : 'objects differ'} from the release and ${count === 1 ? 'stays' : 'stay'} so`,
      hint: '`appstore drift` shows it afterwards, `appstore drift --repair` takes it back.',
    },
  ];
}
