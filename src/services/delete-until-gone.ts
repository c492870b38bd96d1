import { AppstoreError } from '../domain/errors.ts';
import { displayId, type ObjectRef } from '../domain/objects.ts';
import type { DeleteOptions } from './ports.ts';
import type { ClusterDeps } from './requests.ts';

/** Milliseconds between looks whether an object is gone. */
const pause = 200;

export interface Deletion {
  /** Only the object with this UID: another of its name counts as gone. */
  readonly uid: string;
  readonly propagation: NonNullable<DeleteOptions['propagation']>;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
}

/** Deletes an object that is to be made anew, and waits until it is gone. Throws WAIT_TIMEOUT with what holds it. */
export async function deleteUntilGone(
  { cluster, clock }: Pick<ClusterDeps, 'cluster' | 'clock'>,
  ref: ObjectRef,
  { uid, propagation, deadline }: Deletion,
  signal: AbortSignal,
): Promise<void> {
  await cluster.delete(ref, { uid, propagation, signal });
  for (;;) {
    const rest = await cluster.getMetadata(ref, signal);
    if (rest?.metadata.uid !== uid) return;
    if (clock.monotonic() >= deadline) {
      const held = rest.metadata.finalizers?.join(', ') ?? 'nothing that is known';
      throw new AppstoreError(
        'WAIT_TIMEOUT',
        `${displayId(ref)}: it is deleted and not gone yet (held by ${held})`,
        { hint: 'Run the command again when it is gone: it is made anew then.' },
      );
    }
    await clock.sleep(pause, signal);
  }
}
