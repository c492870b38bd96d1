import { AppstoreError } from '../domain/errors.ts';
import { type Claim, whileLocked } from './claim.ts';
import type { ClusterDeps, InstallationName, Session } from './requests.ts';

/**
 * To be asked before it is answered that nothing is to be done, or nothing can be. `again`: somebody held the installation until
 * now. Where a dead holder left its Lease, what else it left goes with it: parts that it wrote before the record named them. So
 * an operation that was cut before it was recorded leaves nothing behind the next command (NEEDS rows 1, 20).
 * Throws INSTALLATION_LOCKED where the holder lives and is not waited for.
 */
export async function atRest(
  deps: ClusterDeps,
  { name, claim }: { readonly name: InstallationName; readonly claim: Claim },
  session: Session,
): Promise<'free' | 'again'> {
  if ((await claim.free(session)) === 'again') return 'again';
  if (!claim.abandoned()) return 'free';
  try {
    const lock = await claim.take(session);
    if (lock === undefined) return 'again';
    const swept = await whileLocked(deps, lock, session, ({ records }, { signal }) =>
      records.sweep(name.namespace, name.name, signal),
    );
    if (swept > 0) session.emit({ type: 'warning', problem: { message: told(name, swept) } });
  } catch (error) {
    session.signal.throwIfAborted();
    // Who may not take it away leaves it to the next one.
    if (!(error instanceof AppstoreError)) throw error;
  }
  return 'free';
}

function told({ name }: InstallationName, count: number): string {
  const parts = count === 1 ? '1 part of it was' : `${count} parts of it were`;
  return `an operation on ${name} was cut before it was recorded: ${parts} taken away`;
}
