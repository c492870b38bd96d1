import { AppstoreError } from '../domain/errors.ts';
import type { InstallationRecord } from '../domain/release.ts';
import type { ClusterDeps } from './requests.ts';

/**
 * Does a step of the pending operation unless its journal says that it is done, and writes it into the journal then. For what
 * may not be repeated when an operation is gone on with; applying and deleting may be and need none of it. A cut between the
 * step and its entry has it done twice: what may never be must know itself that it was.
 *
 * @returns The record as it is then. Throws what the step throws, and OPERATION_RUNNING where another operation took over.
 */
export async function doOnce(
  deps: Pick<ClusterDeps, 'records' | 'clock'>,
  record: InstallationRecord,
  step: { readonly name: string; run(): Promise<void> },
  signal: AbortSignal,
): Promise<InstallationRecord> {
  const { pending, inventory } = record;
  if (pending === undefined)
    throw new AppstoreError('INTERNAL', `${record.name}: step ${step.name} belongs to no operation`);
  if (pending.journal.some((entry) => entry.step === step.name)) return record;
  await step.run();
  const journal = [...pending.journal, { step: step.name, at: deps.clock.now().toISOString() }];
  return deps.records.progress(record, { operation: { ...pending, journal }, inventory }, signal);
}
