import { ApiError } from '../domain/errors.ts';
import { idKey } from '../domain/objects.ts';
import type { PlannedObject } from '../domain/plan.ts';
import { quotaProblems } from '../domain/quota.ts';
import type { Located } from './locate.ts';
import type { Cluster } from './ports.ts';
import type { Refusal } from './refusals.ts';

const quotaKind = { group: '', version: 'v1', kind: 'ResourceQuota' } as const;

/** What the new objects of a change together exceed. Who may not read quotas is left to the answer of the server. */
export async function checkQuota(
  cluster: Cluster,
  namespace: string,
  change: { readonly objects: readonly PlannedObject[]; readonly wanted: readonly Located[] },
  signal: AbortSignal,
): Promise<Refusal[]> {
  const created = new Set(
    change.objects.filter((object) => object.action === 'create').map((object) => idKey(object.ref)),
  );
  if (created.size === 0) return [];
  try {
    const quotas = await cluster.list(quotaKind, { namespace, signal });
    const objects = change.wanted.filter(
      (one) => one.ref.namespace === namespace && created.has(idKey(one.ref)),
    );
    return quotaProblems(quotas.items, objects).map((problem) => ({ code: 'QUOTA_EXCEEDED', problem }));
  } catch (error) {
    if (error instanceof ApiError && error.failure.status === 403) return [];
    throw error;
  }
}
