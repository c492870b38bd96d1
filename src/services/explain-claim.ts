import type { ClusterEvent } from '../domain/cluster-event.ts';
import { type KubeObject, type ObjectRef, refOf } from '../domain/objects.ts';
import type { PodTrouble } from '../domain/pod-health.ts';
import { fieldsAt, lineOf, listOf } from '../domain/status-of.ts';
import { orNothing, warningsOf } from './explain-reads.ts';
import type { Cluster } from './ports.ts';

/** A volume claim that is not bound, and why. */
interface UnboundClaim {
  readonly ref: ObjectRef;
  readonly trouble: PodTrouble;
  readonly warnings: readonly ClusterEvent[];
}

const claimKind = { group: '', version: 'v1', kind: 'PersistentVolumeClaim' };

/**
 * The claim that is behind it: the object itself where it is one, or the first of the claims of a pod that cannot be placed for
 * its volumes. Undefined where there is none, or where it is bound.
 */
export async function findClaim(
  cluster: Cluster,
  object: KubeObject,
  pod: KubeObject | undefined,
  trouble: PodTrouble | undefined,
  signal: AbortSignal | undefined,
): Promise<UnboundClaim | undefined> {
  if (object.kind === 'PersistentVolumeClaim') return troubleOfClaim(cluster, object, signal);
  if (pod === undefined || trouble?.cause !== 'VOLUME_UNBOUND') return undefined;
  for (const name of claimNames(pod)) {
    const ref = { ...claimKind, namespace: pod.metadata.namespace ?? '', name };
    const claim = await orNothing<KubeObject | undefined | 'unreadable'>(
      cluster.get(ref, signal),
      'unreadable',
    );
    if (claim === 'unreadable') continue;
    if (claim === undefined)
      return { ref, warnings: [], trouble: { cause: 'VOLUME_UNBOUND', reason: 'the claim does not exist' } };
    const found = await troubleOfClaim(cluster, claim, signal);
    if (found !== undefined) return found;
    if (fieldsAt(claim, 'status').phase !== 'Bound')
      return { ref, warnings: [], trouble: { cause: 'VOLUME_UNBOUND', reason: unboundText(claim) } };
  }
  return undefined;
}

/** Names of the claims of a pod; an ephemeral volume has one that is named after pod and volume. */
function claimNames(pod: KubeObject): string[] {
  return listOf(fieldsAt(pod, 'spec').volumes).flatMap((volume) => {
    const named = lineOf(fieldsAt(volume, 'persistentVolumeClaim').claimName);
    if (named !== '') return [named];
    return volume.ephemeral === undefined ? [] : [`${pod.metadata.name}-${lineOf(volume.name)}`];
  });
}

/** What the provisioner says of a claim; undefined where it has no complaint: it may only wait for its pod. */
async function troubleOfClaim(
  cluster: Cluster,
  claim: KubeObject,
  signal: AbortSignal | undefined,
): Promise<UnboundClaim | undefined> {
  if (fieldsAt(claim, 'status').phase === 'Bound') return undefined;
  const warnings = await warningsOf(cluster, claim, signal);
  const last = warnings.at(-1);
  if (last === undefined) return undefined;
  const reason = `${unboundText(claim)}: ${last.message}`;
  return { ref: refOf(claim), warnings, trouble: { cause: 'VOLUME_UNBOUND', reason } };
}

function unboundText(claim: KubeObject): string {
  const className = lineOf(fieldsAt(claim, 'spec').storageClassName);
  return className === '' ? 'not bound' : `not bound (storage class ${className})`;
}
