import type { InventoryEntry } from '../domain/inventory.ts';
import { idKey, type ObjectId } from '../domain/objects.ts';
import type { InstallationRecord, PendingOperation } from '../domain/release.ts';
import type { Written } from './inventory.ts';
import type { ClusterDeps } from './requests.ts';

/** The record of an operation while it runs: what it wrote, and which steps of it are done. */
export interface Ledger {
  /** As it was stored last. */
  record(): InstallationRecord;
  readonly written: Written;
  /** True where a step stands in the journal: it was done, by us or by the operation that we go on with. */
  has(step: string): boolean;
  /** Stores the step, and what was written so far, before anything that follows from it. Throws OPERATION_RUNNING, LOCK_LOST. */
  note(step: string, signal: AbortSignal): Promise<void>;
  /** UID of a recorded object as it was seen last; `''` where it was not written, or is deleted. */
  uidOf(id: ObjectId): string;
  /** Forgets an object that is deleted. */
  gone(id: ObjectId): void;
  /** What is recorded, with what was written since. */
  inventory(): InventoryEntry[];
}

/** The ledger of the pending operation of a record. */
export function openLedger(
  deps: Pick<ClusterDeps, 'records' | 'clock'>,
  begun: InstallationRecord,
  written: Written,
): Ledger {
  let record = begun;
  const inventory = () => record.inventory.map((entry) => written.get(idKey(entry)) ?? entry);
  const entryOf = (id: ObjectId) =>
    written.get(idKey(id)) ?? record.inventory.find((entry) => idKey(entry) === idKey(id));
  const steps = new Set(begun.pending?.journal.map(({ step }) => step));
  return {
    record: () => record,
    written,
    has: (step) => steps.has(step),
    async note(step, signal) {
      const operation = withStep(record, step, deps.clock.now().toISOString());
      record = await deps.records.progress(record, { operation, inventory: inventory() }, signal);
      steps.add(step);
    },
    uidOf: (id) => entryOf(id)?.uid ?? '',
    gone(id) {
      const entry = entryOf(id);
      if (entry !== undefined) written.set(idKey(id), { ...entry, uid: '', fields: '', applied: '' });
    },
    inventory,
  };
}

function withStep({ pending, name }: InstallationRecord, step: string, at: string): PendingOperation {
  if (pending === undefined) throw new Error(`${name}: no operation is under way`);
  return { ...pending, journal: [...pending.journal, { step, at }] };
}
