import { gunzipSync, gzipSync } from 'node:zlib';
import type { KubeObject } from '../../../src/domain/objects.ts';
import type { Cluster } from '../../../src/services/ports.ts';

/** Edits an index past all code of ours, as whoever may write ConfigMaps in the namespace can. */
export async function editIndex(
  cluster: Cluster,
  at: { readonly namespace: string; readonly name: string },
  edit: (index: KubeObject) => void,
): Promise<void> {
  const ref = {
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    namespace: at.namespace,
    name: `appstore.${at.name}`,
  };
  const live = await cluster.get(ref);
  if (live === undefined) throw new Error(`no index of ${at.name}`);
  const index = structuredClone(live);
  edit(index);
  await cluster.replace(index);
}

/** The lines of the inventory that stands in an index. */
export function decodeInventory(index: KubeObject): object[] {
  const packed = Buffer.from(String((index.binaryData as Record<string, string>)['inventory.gz']), 'base64');
  return gunzipSync(packed)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as object);
}

/** The reverse: base64 of the gzip of the lines. */
export function packInventory(entries: readonly object[]): string {
  return gzipSync(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')).toString('base64');
}
