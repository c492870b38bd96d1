import { AppstoreError } from '../domain/errors.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { createClaim, whileLocked } from './claim.ts';
import { requireRecord } from './inspect.ts';
import type { Records } from './ports.ts';
import type { ForgetRequest, ForgetResult, Session, WriteDeps } from './requests.ts';
import { requireOwner } from './state.ts';
import { unlessStale } from './unless-stale.ts';

/**
 * Drops the record of an installation and keeps every object, the generated secrets included: from then on nobody manages
 * them. Throws INSTALLATION_NOT_FOUND, CONFIRMATION_NEEDED, DECLINED, RECORD_NEWER, OPERATION_RUNNING,
 * INSTALLATION_LOCKED, LOCK_LOST.
 */
export async function forget(
  deps: WriteDeps,
  request: ForgetRequest,
  session: Session,
): Promise<ForgetResult> {
  const claim = createClaim(deps, request);
  for (;;) {
    const planning = { name: request, claim, dryRun: false };
    const record = await unlessStale(deps, planning, session, (noting) =>
      requireRecord(noting, request, session.signal),
    );
    if (record === 'again') continue;
    requireOwner(record);
    if ((await claim.free(session)) === 'again') continue;
    await confirmForgetting(record, request, session);
    const lock = await claim.take(session);
    if (lock === undefined) continue;
    const done = await whileLocked(deps, lock, session, ({ records }, { signal }) =>
      dropRecord(records, record, signal).catch(claim.overtaken),
    );
    if (done !== 'again') return forgotten(record);
  }
}

/** Nothing marks the record before it goes: that it is still the one that was read is looked at under the lock. */
async function dropRecord(
  records: Records,
  record: InstallationRecord,
  signal: AbortSignal,
): Promise<undefined | 'again'> {
  const live = await records.read(record.namespace, record.name, signal);
  if (live?.resourceVersion !== record.resourceVersion) return 'again';
  await records.forget(live, { purgeGenerated: false }, signal);
  return undefined;
}

function forgotten(record: InstallationRecord): ForgetResult {
  const kept = record.inventory.map(({ group, version, kind, namespace, name }) => ({
    group,
    version,
    kind,
    namespace,
    name,
  }));
  return { record, kept };
}

async function confirmForgetting(
  record: InstallationRecord,
  request: ForgetRequest,
  session: Session,
): Promise<void> {
  if (request.confirmed) return;
  const { name, namespace, inventory } = record;
  const { length } = record.revisions;
  const revisions = length === 1 ? 'its revision' : `its ${length} revisions`;
  const objects = inventory.length === 1 ? 'its object stays' : `its ${inventory.length} objects stay`;
  const what = `the record of ${name} in namespace ${namespace} with ${revisions}; ${objects}, managed by nobody`;
  if (session.ask === undefined) {
    throw new AppstoreError('CONFIRMATION_NEEDED', `this forgets ${what}; nothing was written`, {
      hint: 'Repeat the command with `--yes`.',
    });
  }
  if (!(await session.ask.goOn(`Forget ${what}?`)))
    throw new AppstoreError('DECLINED', 'not confirmed; nothing was written');
}
