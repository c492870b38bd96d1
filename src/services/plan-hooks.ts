import { isDeletedAt, isHook, type RenderedHook, runsToAnEnd } from '../domain/hooks.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { idKey, type KubeObject } from '../domain/objects.ts';
import { fieldManager, stampOwnership } from '../domain/ownership.ts';
import type { Checked, PlannedHook } from '../domain/plan.ts';
import type { HookEvent, RenderedObject } from '../domain/rendered.ts';
import type { Located } from './locate.ts';
import { ownerOf } from './owner-of.ts';
import { inParallel } from './parallel.ts';
import { mayNotWrite } from './plan-by-ownership.ts';
import type { PlanContext } from './plan-context.ts';
import { refuseOwner } from './plan-object.ts';
import type { Cluster, PartialObject } from './ports.ts';
import { type Refusal, refusalOf } from './refusals.ts';
import type { InstallationName } from './requests.ts';
import { requestsAtOnce, type Survey, survey } from './survey.ts';

/** What planning hooks needs to know of the whole. */
type HookContext = Pick<
  PlanContext,
  'cluster' | 'signal' | 'applySetId' | 'entries' | 'adopt' | 'namespaceExists' | 'dryRun'
>;

/** The objects of an app that are written with it, and those that run as hooks. */
export function splitHooks<T extends { readonly rendered: RenderedObject }>(
  located: readonly T[],
): { readonly steady: T[]; readonly hooks: (T & { readonly rendered: RenderedHook })[] } {
  const steady: T[] = [];
  const hooks: (T & { readonly rendered: RenderedHook })[] = [];
  for (const one of located) {
    if (isHook(one.rendered)) hooks.push(one as T & { readonly rendered: RenderedHook });
    else steady.push(one);
  }
  return { steady, hooks };
}

/**
 * What becomes of every hook: whether it runs in this operation, and what of an earlier run it meets. Where one runs, the server is
 * asked for a dry run; what exists and is not ours is refused as any object is, for a hook would delete it.
 */
export async function planHooks(
  context: HookContext,
  hooks: readonly (Located & { readonly rendered: RenderedHook })[],
  installation: InstallationName,
  events: readonly HookEvent[],
): Promise<{ readonly hooks: PlannedHook[]; readonly refusals: Refusal[] }> {
  const running = hooks.filter((hook) => runsOf(hook, events).length > 0);
  const live = await surveyHooks(context, running);
  const planned: PlannedHook[] = [];
  const refusals: Refusal[] = [];
  await inParallel(hooks, requestsAtOnce, async (hook) => {
    const runs = runsOf(hook, events);
    const found = live.get(idKey(hook.ref));
    const made = plannedHook(hook, runs, found, installation);
    const refusal = runs.length === 0 ? undefined : await refuse(context, hook, found);
    const checked = refusal ?? (await check(context, hook, made, found));
    if (typeof checked === 'object') refusals.push(checked);
    else planned.push({ ...made, checked });
  });
  const order = new Map(hooks.map((hook, at) => [idKey(hook.ref), at]));
  const place = (hook: PlannedHook) => order.get(idKey(hook.ref)) ?? 0;
  return { hooks: planned.sort((a, b) => place(a) - place(b)), refusals };
}

function runsOf(
  { rendered }: { readonly rendered: RenderedHook },
  events: readonly HookEvent[],
): HookEvent[] {
  return events.filter((event) => rendered.phase.events.includes(event));
}

/** By name: hooks are few. Nothing is in a namespace that does not exist yet. */
async function surveyHooks(context: HookContext, hooks: readonly Located[]): Promise<Survey> {
  const refs = hooks
    .filter(({ ref, served }) => served && context.namespaceExists(ref.namespace))
    .map(({ ref }) => ref);
  return survey(context.cluster, refs, { byName: true, signal: context.signal });
}

function plannedHook(
  { rendered, object, ref }: Located & { readonly rendered: RenderedHook },
  runs: readonly HookEvent[],
  live: PartialObject | undefined,
  installation: InstallationName,
): Omit<PlannedHook, 'checked'> {
  const { weight, deletePolicies, logPolicies = [] } = rendered.phase;
  const anew = isDeletedAt({ ref, deletePolicies }, 'before-hook-creation') || runsToAnEnd(ref);
  const going = live?.metadata.deletionTimestamp !== undefined;
  return {
    ...{ ref, runs, weight, deletePolicies, logPolicies },
    action: live === undefined ? 'create' : anew || going ? 'replace' : 'update',
    desired: stampOwnership(object, installation),
    source: rendered.source,
  };
}

/** What is there belongs to somebody else, or to nobody. What is being deleted is waited for when the hook runs. */
async function refuse(
  context: HookContext,
  { ref }: Located,
  live: PartialObject | undefined,
): Promise<Refusal | undefined> {
  const entry: InventoryEntry | undefined = context.entries.get(idKey(ref));
  const owner = await ownerOf(context.cluster, live, { ...context, entry }, context.signal);
  return refuseOwner(context, { ref }, undefined, owner);
}

/**
 * Kinds whose dry run asks for what an earlier hook makes: a pod for its ServiceAccount, a binding for its role. What exists
 * already and is made anew cannot be dry-run either.
 */
const leaning: ReadonlySet<string> = new Set(['Pod', 'RoleBinding', 'ClusterRoleBinding']);

async function check(
  context: HookContext,
  { ref, served }: Located,
  hook: Omit<PlannedHook, 'checked'>,
  live: PartialObject | undefined,
): Promise<Checked | Refusal> {
  const asked = served && context.namespaceExists(ref.namespace) && !leaning.has(ref.kind);
  if (hook.runs.length === 0 || !asked || live !== undefined) return 'schema';
  try {
    await dryRun(context.cluster, hook.desired, context.signal);
    return 'server';
  } catch (error) {
    if (context.dryRun && mayNotWrite(error)) return 'ownership';
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return refusal;
  }
}

async function dryRun(cluster: Cluster, object: KubeObject, signal: AbortSignal): Promise<void> {
  await cluster.applyMetadata(object, { fieldManager, dryRun: true, signal });
}
