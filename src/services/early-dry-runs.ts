import type { KubeObject } from '../domain/objects.ts';
import { fieldManager } from '../domain/ownership.ts';
import type { Located } from './locate.ts';
import type { Cluster } from './ports.ts';
import { requestsAtOnce } from './survey.ts';

/**
 * Dry runs that were begun before it was known what is there already, by the object that was sent: true where the server would
 * make a new object of it. Anything else says nothing, for it may be about what was there at that moment.
 */
export type EarlyDryRuns = ReadonlyMap<KubeObject, Promise<boolean>>;

/** Room on the connection for what is asked beside them. */
const asideAtOnce = 16;

/**
 * Begins the dry runs of objects that no record knows, while it is looked up whether they are there: hardly ever they are, and what is
 * waited for then costs no round trip of its own. Only as many as go out at once, so that they hold up nothing; and no definitions, which
 * are large and often there.
 */
export function beginDryRuns(
  cluster: Cluster,
  unrecorded: readonly Located[],
  signal: AbortSignal,
): EarlyDryRuns {
  const early = unrecorded
    .filter(({ ref }) => ref.kind !== 'CustomResourceDefinition')
    .slice(0, requestsAtOnce - asideAtOnce);
  return new Map(early.map(({ object }) => [object, wouldCreate(cluster, object, signal)]));
}

async function wouldCreate(cluster: Cluster, object: KubeObject, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await cluster.applyMetadata(object, { fieldManager, dryRun: true, signal });
    return answer.metadata.resourceVersion === undefined;
  } catch {
    // Asked again once it is known what is there: the refusal is told from that.
    return false;
  }
}
