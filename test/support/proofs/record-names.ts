import { referredNames } from '../../../src/adapters/kubernetes/records/collect.ts';
import { decodeIndex, indexReference } from '../../../src/adapters/kubernetes/records/index.ts';
import type { Cluster } from '../../../src/services/ports.ts';

/** Names of everything that the index of an installation refers to. */
export async function referredParts(
  cluster: Cluster,
  place: { readonly namespace: string; readonly name: string },
): Promise<ReadonlySet<string>> {
  const object = await cluster.get(indexReference(place));
  if (object === undefined) return new Set();
  const { state, inventory } = await decodeIndex(cluster, object, undefined);
  return referredNames(state, inventory);
}
