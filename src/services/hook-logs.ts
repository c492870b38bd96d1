import { AppstoreError } from '../domain/errors.ts';
import type { ObjectRef } from '../domain/objects.ts';
import { fieldsAt, listOf } from '../domain/status-of.ts';
import { findBeneath } from './beneath.ts';
import type { Cluster } from './ports.ts';
import type { Session } from './requests.ts';

/** Lines that are shown of each container, from the end. */
const mostLines = 500;

/** Emits the log of a hook's pods, as evidence. A log that cannot be read is a warning: the hook itself is through. */
export async function showHookLogs(
  cluster: Cluster,
  ref: ObjectRef,
  { emit, signal }: Session,
): Promise<void> {
  try {
    const { pods } = await findBeneath(cluster, [ref], signal);
    for (const pod of pods) {
      const { name, namespace = '' } = pod.metadata;
      const place = { group: '', version: 'v1', kind: 'Pod', namespace, name };
      for (const { name: container } of listOf(fieldsAt(pod, 'spec').containers)) {
        const log = await cluster.logs(place, { container: String(container), tailLines: mostLines, signal });
        for (const text of log
          .replace(/\n$/, '')
          .split('\n')
          .filter((line) => line !== ''))
          emit({ type: 'evidence', ref: place, source: 'log', text });
      }
    }
  } catch (error) {
    if (!(error instanceof AppstoreError) || signal.aborted) throw error;
    emit({
      type: 'warning',
      problem: { message: `the log of the hook could not be read: ${error.message}` },
    });
  }
}
