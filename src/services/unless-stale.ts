import { AppstoreError } from '../domain/errors.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { atRest } from './at-rest.ts';
import type { Claim } from './claim.ts';
import type { Records } from './ports.ts';
import type { ClusterDeps, InstallationName, Session } from './requests.ts';

interface Planning {
  readonly name: InstallationName;
  readonly claim: Claim;
  /** Nothing is claimed for what is only shown. */
  readonly dryRun: boolean;
}

/**
 * Runs what reads and plans. Where it is refused while somebody else changes the installation, the refusal is about a state that
 * is not there any more, or not yet: it is waited for as the claim says, and `again` is answered, so that all of it is read anew.
 * Throws INSTALLATION_LOCKED where the holder is not waited for, and every refusal that stands.
 */
export async function unlessStale<D extends ClusterDeps, T>(
  deps: D,
  { name, claim, dryRun }: Planning,
  session: Session,
  plan: (deps: D) => Promise<T>,
): Promise<T | 'again'> {
  if (dryRun) return plan(deps);
  const seen: Seen = {};
  try {
    return await plan({ ...deps, records: noting(deps.records, seen) });
  } catch (error) {
    if (!dependsOnState(error)) throw error;
    if ((await atRest(deps, { name, claim }, session)) === 'again') return 'again';
    const now = await deps.records.read(name.namespace, name.name, session.signal);
    if (seen.read && versionOf(now) !== seen.version) return 'again';
    throw error;
  }
}

interface Seen {
  read?: true;
  version?: string | undefined;
}

/** The same records, noting which state of the installation was read last. */
function noting(records: Records, seen: Seen): Records {
  return {
    ...records,
    read: async (...asked) => {
      const record = await records.read(...asked);
      seen.read = true;
      seen.version = versionOf(record);
      return record;
    },
  };
}

function versionOf(record: InstallationRecord | undefined): string | undefined {
  return record === undefined ? undefined : `${record.uid} ${record.resourceVersion}`;
}

/** True for refusals by what is there: an object, a revision, an operation. What the user gave is wrong whoever else writes. */
function dependsOnState(error: unknown): error is AppstoreError {
  if (!(error instanceof AppstoreError)) return false;
  const { category, code } = error;
  if (code === 'INSTALLATION_LOCKED') return false;
  // A revision that is read while it is collected is not damaged.
  return category === 'conflict' || category === 'not-found' || code === 'RECORD_INVALID';
}
