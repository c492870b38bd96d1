import { isForbidden } from '../domain/errors.ts';
import { idKey, type KubeObject } from '../domain/objects.ts';
import type { PlannedObject } from '../domain/plan.ts';
import { quotaProblems } from '../domain/quota.ts';
import type { Located } from './locate.ts';
import type { Cluster } from './ports.ts';
import type { Refusal } from './refusals.ts';

const quotaKind = { group: '', version: 'v1', kind: 'ResourceQuota' } as const;

/** The quotas of a namespace; undefined where the caller may not read them: that is left to the answer of the server. */
export async function readQuotas(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly KubeObject[] | undefined> {
  try {
    return (await cluster.list(quotaKind, { namespace, signal })).items;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/** What the new objects of a change together exceed. */
export async function checkQuota(
  quotas: () => Promise<readonly KubeObject[] | undefined>,
  namespace: string,
  change: { readonly objects: readonly PlannedObject[]; readonly wanted: readonly Located[] },
): Promise<Refusal[]> {
  const created = new Set(
    change.objects.filter((object) => object.action === 'create').map((object) => idKey(object.ref)),
  );
  if (created.size === 0) return [];
  const objects = change.wanted.filter(
    (one) => one.ref.namespace === namespace && created.has(idKey(one.ref)),
  );
  return quotaProblems((await quotas()) ?? [], objects).map((problem) => ({
    code: 'QUOTA_EXCEEDED',
    problem,
  }));
}
