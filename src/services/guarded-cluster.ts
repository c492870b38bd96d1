import type { Cluster, WriteGuard, WriteOptions } from './ports.ts';

/**
 * A cluster whose every write is asked for right before it is sent, at each try. Reads and dry runs go through as they are.
 */
export function guardedCluster(cluster: Cluster, guard: WriteGuard): Cluster {
  const guarded = async <O extends WriteOptions>(options: O): Promise<O> => {
    if (options.dryRun === true) return options;
    await guard.ensure();
    return { ...options, guard };
  };
  return {
    ...cluster,
    create: async (object, options = {}) => cluster.create(object, await guarded(options)),
    replace: async (object, options = {}) => cluster.replace(object, await guarded(options)),
    apply: async (object, options) => cluster.apply(object, await guarded(options)),
    applyMetadata: async (object, options) => cluster.applyMetadata(object, await guarded(options)),
    mergePatch: async (ref, patch, options = {}) => cluster.mergePatch(ref, patch, await guarded(options)),
    delete: async (ref, options = {}) => cluster.delete(ref, await guarded(options)),
  };
}
