import type { Records, WriteGuard } from './ports.ts';

/**
 * Records that are written only while the lock is held. Each commit carries the resourceVersion that was read and finds its
 * operation still pending, so that what passes here in the last moment is refused there.
 */
export function guardedRecords(records: Records, guard: WriteGuard): Records {
  const first = async <T>(write: () => Promise<T>): Promise<T> => {
    await guard.ensure();
    return write();
  };
  return {
    ...records,
    begin: (request, signal) => first(() => records.begin(request, signal)),
    progress: (record, change, signal) => first(() => records.progress(record, change, signal)),
    finish: (record, request, signal) => first(() => records.finish(record, request, signal)),
    refresh: (record, inventory, signal) => first(() => records.refresh(record, inventory, signal)),
    forget: (record, options, signal) => first(() => records.forget(record, options, signal)),
    addGenerated: (namespace, name, secrets, signal) =>
      first(() => records.addGenerated(namespace, name, secrets, signal)),
  };
}
