import type { KubeObject, ObjectRef } from '../domain/objects.ts';
import type { Plan } from '../domain/plan.ts';
import type { RenderedObject } from '../domain/rendered.ts';
import { type KeptVolumes, keepClaim, keepTemplates } from '../domain/volume-differences.ts';
import type { Located } from './locate.ts';
import { inParallel } from './parallel.ts';
import type { Cluster } from './ports.ts';
import { requestsAtOnce } from './survey.ts';

/** Kinds with volumes, and how the live ones are kept. */
const keepers: Readonly<Record<string, (desired: KubeObject, live: KubeObject) => KeptVolumes>> = {
  '/PersistentVolumeClaim': keepClaim,
  'apps/StatefulSet': keepTemplates,
};

/**
 * Takes volumes out of a rollback: a claim cannot shrink, nor change otherwise, and a template of claims cannot change at all
 * (NEEDS row 30). What would differ stays as it is, and is told in the plan.
 */
export async function keepVolumes(
  cluster: Cluster,
  located: readonly Located[],
  signal: AbortSignal,
): Promise<{ readonly objects: readonly RenderedObject[]; readonly kept: Plan['kept'] }> {
  const answers = await inParallel(located, requestsAtOnce, (one) => keepOne(cluster, one, signal));
  return {
    objects: answers.map(({ rendered }) => rendered),
    kept: answers.flatMap(({ kept }) => kept),
  };
}

async function keepOne(
  cluster: Cluster,
  { rendered, ref, served }: Located,
  signal: AbortSignal,
): Promise<{ readonly rendered: RenderedObject; readonly kept: Plan['kept'] }> {
  const keep = keepers[`${ref.group}/${ref.kind}`];
  const live = keep === undefined || !served ? undefined : await cluster.get(ref, signal);
  if (keep === undefined || live === undefined) return { rendered, kept: [] };
  const { object, differences } = keep(rendered.object, live);
  if (differences.length === 0) return { rendered, kept: [] };
  return { rendered: { ...rendered, object }, kept: [{ ref, reason: reasonOf(differences) }] };
}

function reasonOf(differences: readonly string[]): string {
  return `volumes are not rolled back: ${differences.join('; ')}`;
}

/** True for an object that holds data or makes volumes that do. */
export function hasVolumes(ref: ObjectRef, object?: KubeObject): boolean {
  if (ref.group === '' && ref.kind === 'PersistentVolumeClaim') return true;
  return ref.kind === 'StatefulSet' && Array.isArray(object?.spec?.volumeClaimTemplates);
}
