import { ApiError } from '../domain/errors.ts';
import { givingPatch, helmManager, isOfRelease } from '../domain/helm-ownership.ts';
import type { KubeObject } from '../domain/objects.ts';
import type { PlannedObject } from '../domain/plan.ts';
import type { Cluster } from './ports.ts';
import type { InstallationName } from './requests.ts';

const attempts = 5;

/**
 * Gives an object to Helm: Helm's marks and fields, our labels gone, in one patch that changes nothing else. What is gone, or
 * another's by now, is left.
 */
export async function giveBack(
  cluster: Cluster,
  object: PlannedObject,
  release: InstallationName & { readonly applyMethod: 'ssa' | 'csa' },
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const live = await cluster.getMetadata(object.ref, signal);
    if (live === undefined || live.metadata.uid !== object.live?.uid) return;
    const { uid, resourceVersion = '', labels = {} } = live.metadata;
    const marked = object.phase.kind !== 'hook';
    const given = !marked || isOfRelease(live.metadata, release);
    const patch = givingPatch(live.metadata, object.desired as KubeObject, { ...release, marked });
    const done =
      given &&
      Object.entries(patch.labels ?? {}).every(([key, value]) => labels[key] === (value ?? undefined));
    if (done) return;
    try {
      const metadata = { ...patch, uid, resourceVersion };
      await cluster.mergePatch(object.ref, { metadata }, { fieldManager: helmManager, signal });
      return;
    } catch (error) {
      const conflict = error instanceof ApiError && error.code === 'API_CONFLICT';
      if (!conflict || attempt === attempts) throw error;
    }
  }
}
