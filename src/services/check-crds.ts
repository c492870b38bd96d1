import { type CrdProblem, crdProblems } from '../domain/crd-compatibility.ts';
import { isForbidden, type Problem } from '../domain/errors.ts';
import { displayId, idKey, type KubeObject } from '../domain/objects.ts';
import type { Located } from './locate.ts';
import { inParallel } from './parallel.ts';
import type { PlanContext } from './plan-context.ts';
import { recordedUnchanged } from './plan-object.ts';
import type { Refusal } from './refusals.ts';
import { requestsAtOnce } from './survey.ts';

/** What the compatibility check of definitions came to. */
export interface CrdChecks {
  readonly refused: ReadonlyMap<string, Refusal>;
  readonly warnings: readonly Problem[];
}

/**
 * Compares every CustomResourceDefinition that changes with the live one and counts the objects of its kind (NEEDS row 4). Whoever
 * may not count them is told as if there were some.
 */
export async function checkCrds(context: PlanContext, wanted: readonly Located[]): Promise<CrdChecks> {
  const changing = wanted.filter(
    (one) =>
      one.ref.kind === 'CustomResourceDefinition' &&
      one.ref.group === 'apiextensions.k8s.io' &&
      changes(context, one),
  );
  const checks = await inParallel(changing, requestsAtOnce, (one) => checkCrd(context, one));
  return {
    refused: new Map(checks.flatMap(({ refused }) => refused)),
    warnings: checks.flatMap(({ warnings }) => warnings),
  };
}

function changes(context: PlanContext, { ref, object }: Located): boolean {
  const live = context.live.get(idKey(ref));
  return live !== undefined && !recordedUnchanged(context, object, live);
}

interface OneCheck {
  readonly refused: (readonly [string, Refusal])[];
  readonly warnings: Problem[];
}

async function checkCrd(context: PlanContext, { ref, object }: Located): Promise<OneCheck> {
  const live = await readable(context.cluster.get(ref, context.signal));
  const problems = live === undefined ? [] : crdProblems(live, object);
  if (live === undefined || problems.length === 0) return { refused: [], warnings: [] };
  const count = await countObjects(context, live);
  const told = (one: CrdProblem) => `${displayId(ref)}: ${one.message}`;
  const refusing = problems.filter(
    ({ severity }) => severity === 'refused' || (severity === 'objects' && count !== 0),
  );
  const hint = `${objectsText(count)} Migrate them to a version and a form that stay, then change the definition.`;
  const warned = count === 0 ? [] : problems.filter(({ severity }) => severity === 'warning');
  return {
    refused: refusing.length === 0 ? [] : [[idKey(ref), refusal(refusing.map(told).join('; '), hint)]],
    warnings: warned.map((one) => ({ message: told(one), hint: objectsText(count) })),
  };
}

function refusal(message: string, hint: string): Refusal {
  return { code: 'CRD_INCOMPATIBLE', problem: { message, hint } };
}

function objectsText(count: number | undefined): string {
  if (count === undefined) return 'How many objects of its kind there are may not be read.';
  return count === 1 ? 'There is 1 object of its kind.' : `There are ${count} objects of its kind.`;
}

/** How many objects of the kind there are in the whole cluster; undefined where that may not be read. */
async function countObjects(context: PlanContext, live: KubeObject): Promise<number | undefined> {
  const { group, names } = live.spec as { group: string; names: { kind: string } };
  const type = await context.cluster.resourceType({ group, kind: names.kind }, context.signal);
  if (type === undefined) return 0;
  return (await readable(context.cluster.listMetadata(type, { signal: context.signal })))?.items.length;
}

/** What is read; undefined where it may not be. */
async function readable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
