import { isForbidden } from '../domain/errors.ts';
import type { Cluster } from './ports.ts';

/**
 * Which storage classes bind a claim only when a pod uses it. Where storage classes may not be read, none is known to: then the
 * claim's own events tell (`WaitForFirstConsumer`).
 */
export async function storageBinding(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<(storageClass: string) => boolean> {
  try {
    const kind = { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass' };
    const classes = await cluster.list(kind, { signal });
    const late = new Set(
      classes.items
        .filter((item) => item.volumeBindingMode === 'WaitForFirstConsumer')
        .map((item) => item.metadata.name),
    );
    return (storageClass) => late.has(storageClass);
  } catch (error) {
    if (isForbidden(error)) return () => false;
    throw error;
  }
}
