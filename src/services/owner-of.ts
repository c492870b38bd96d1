import { ApiError } from '../domain/errors.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { classifyOwner, type Ownership } from '../domain/ownership.ts';
import type { Cluster, PartialObject } from './ports.ts';

interface Known {
  readonly applySetId: string;
  readonly entry: InventoryEntry | undefined;
}

/**
 * Whose a live object is, beyond what its own metadata says: the marks of a Helm release that has no record any more (it was
 * uninstalled and the object kept, or its record was deleted) make it nobody's.
 */
export async function ownerOf(
  cluster: Cluster,
  live: PartialObject | undefined,
  known: Known,
  signal: AbortSignal,
): Promise<Ownership> {
  const owner = classifyOwner(live?.metadata, known);
  if (
    owner.state !== 'foreign' ||
    owner.helm === undefined ||
    (await isRecorded(cluster, owner.helm, signal))
  )
    return owner;
  return { state: 'adoptable', reason: `it was made by ${owner.owner}, which has no record any more` };
}

/** Helm labels its records with `owner=helm` and the name of the release (helm pkg/storage/driver). */
async function isRecorded(
  cluster: Cluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<boolean> {
  const labelSelector = `owner=helm,name=${name}`;
  try {
    const lists = ['Secret', 'ConfigMap'].map((kind) =>
      cluster.listMetadata({ group: '', version: 'v1', kind }, { namespace, labelSelector, signal }),
    );
    return (await Promise.all(lists)).some(({ items }) => items.length > 0);
  } catch (error) {
    // Who may not look cannot know, nor who is told a label that is none.
    if (error instanceof ApiError && [400, 403].includes(error.failure.status)) return true;
    throw error;
  }
}
