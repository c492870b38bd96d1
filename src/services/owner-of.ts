import { ApiError } from '../domain/errors.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { classifyOwner, type Ownership, ownershipKeys } from '../domain/ownership.ts';
import type { Cluster, PartialObject } from './ports.ts';

interface Known {
  readonly applySetId: string;
  readonly entry: InventoryEntry | undefined;
}

/**
 * Whose a live object is, beyond what its own metadata says: the marks of a Helm release, or of another installation, that has no record
 * any more (it was removed and the object kept, or its record was deleted) make it nobody's.
 */
export async function ownerOf(
  cluster: Cluster,
  live: PartialObject | undefined,
  known: Known,
  signal: AbortSignal,
): Promise<Ownership> {
  const owner = classifyOwner(live?.metadata, known);
  if (owner.state !== 'foreign' || (await isRecorded(cluster, owner, signal))) return owner;
  return { state: 'adoptable', reason: `it was made by ${owner.owner}, which has no record any more` };
}

/**
 * Helm labels its records with `owner=helm` and the name of the release (helm pkg/storage/driver); the parent of an ApplySet carries its id
 * (KEP 3659), and may lie in any namespace.
 */
async function isRecorded(
  cluster: Cluster,
  { helm, applySet }: Extract<Ownership, { readonly state: 'foreign' }>,
  signal: AbortSignal,
): Promise<boolean> {
  if (helm !== undefined) {
    const { namespace, name } = helm;
    return isAny(cluster, ['Secret', 'ConfigMap'], {
      namespace,
      labelSelector: `owner=helm,name=${name}`,
      signal,
    });
  }
  if (applySet === undefined) return true;
  return isAny(cluster, ['ConfigMap'], { labelSelector: `${ownershipKeys.applySetId}=${applySet}`, signal });
}

async function isAny(
  cluster: Cluster,
  kinds: readonly string[],
  options: Parameters<Cluster['listMetadata']>[1],
): Promise<boolean> {
  try {
    const lists = kinds.map((kind) => cluster.listMetadata({ group: '', version: 'v1', kind }, options));
    return (await Promise.all(lists)).some(({ items }) => items.length > 0);
  } catch (error) {
    // Who may not look cannot know, nor who is told a label that is none.
    if (error instanceof ApiError && [400, 403].includes(error.failure.status)) return true;
    throw error;
  }
}
