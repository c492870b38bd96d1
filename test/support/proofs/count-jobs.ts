import type { KubeObject } from '../../../src/domain/objects.ts';
import type { Cluster } from '../../../src/services/ports.ts';

/** A cluster that counts the Jobs that were really made, under whatever process: uids by name. */
export function countJobs(cluster: Cluster): {
  readonly cluster: Cluster;
  readonly made: ReadonlyMap<string, ReadonlySet<string>>;
} {
  const made = new Map<string, Set<string>>();
  const counting: Cluster['applyMetadata'] = async (object: KubeObject, options) => {
    const answer = await cluster.applyMetadata(object, options);
    const { name, uid = '' } = answer.metadata;
    if (object.kind === 'Job' && options.dryRun !== true)
      made.set(name, (made.get(name) ?? new Set()).add(uid));
    return answer;
  };
  const wrapped = new Proxy(cluster, {
    get(target, key) {
      if (key === 'applyMetadata') return counting;
      const found: unknown = Reflect.get(target, key);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
  return { cluster: wrapped, made };
}
