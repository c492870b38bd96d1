import { begun } from '../domain/begun.ts';
import { AppstoreError } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import type { InstallationRecord, RevisionContent } from '../domain/release.ts';
import { evidenceOf, failureOf } from './failure.ts';
import { plannedInventory } from './inventory.ts';
import type { Job, LockedJob } from './job.ts';
import type { Ledger } from './ledger.ts';
import { maskedError } from './masked-error.ts';
import { newOperation } from './operation.ts';
import type { Prepared } from './prepared.ts';
import type { ChangeDeps, ChangeRequest, Session } from './requests.ts';

/** The generated secrets and the record with the intended inventory: all before the first object. */
export async function beginRecord(
  deps: ChangeDeps,
  request: ChangeRequest,
  job: LockedJob,
  session: Session,
): Promise<InstallationRecord> {
  const { namespace, name } = request;
  const { plan, prepared, content } = job;
  session.emit({ type: 'step', step: 'record', state: 'started' });
  const operation = {
    ...newOperation(deps, request.operation, plan.revision, request),
    ...prepared.carried,
  };
  const record = await deps.records.begin(
    {
      namespace,
      name,
      ...(prepared.record === undefined ? {} : { record: prepared.record }),
      operation,
      content,
      package: prepared.package,
      inventory: plannedInventory(prepared.record?.inventory ?? [], plan),
      madeNamespace: job.madeNamespace || (prepared.record?.madeNamespace ?? false),
      beside: begun(storeGenerated(deps, request, prepared.newGenerated, session.signal)),
    },
    session.signal,
  );
  const resumed = prepared.resumed === true;
  const { operation: kind } = request;
  session.emit({ type: 'operation', operation: kind, namespace, name, id: operation.id, resumed });
  session.emit({ type: 'step', step: 'record', state: 'done' });
  return record;
}

/** What the record will hold of the revision that a plan makes. */
export function contentOf(plan: Plan, prepared: Prepared): RevisionContent {
  return {
    number: plan.revision,
    package: prepared.package.resolved,
    options: prepared.options,
    facts: prepared.facts,
    secretPaths: prepared.secretPaths,
    ...(prepared.readSecrets.length === 0 ? {} : { readSecrets: prepared.readSecrets }),
    ...(prepared.rendered.secrets === undefined ? {} : { madeSecrets: prepared.rendered.secrets }),
    digestKey: prepared.digestKey,
    ...(prepared.inputs === undefined ? {} : { inputs: prepared.inputs }),
    rendered: prepared.rendered,
  };
}

/** Two first installs of one name at once: the secrets of the first hold, and what we rendered has others. */
async function storeGenerated(
  { records }: Pick<ChangeDeps, 'records'>,
  request: ChangeRequest,
  ours: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  if (Object.keys(ours).length === 0) return;
  const stored = await records.addGenerated(request.namespace, request.name, ours, signal);
  if (Object.entries(ours).every(([path, secret]) => stored[path] === secret)) return;
  throw new AppstoreError(
    'OPERATION_RUNNING',
    `${request.name} in ${request.namespace}: another install of that name began just now`,
  );
}

/** An interrupted operation stays pending: the same command goes on with it. Any other failure is written down. */
export async function recordFailure(
  deps: ChangeDeps,
  request: ChangeRequest,
  ledger: Ledger,
  { plan, prepared: { mask } }: Job,
  error: unknown,
  session: Session,
): Promise<void> {
  const record = ledger.record();
  const inventory = ledger.inventory();
  const failure = failureOf(maskedError(error, mask));
  try {
    if (session.signal.aborted && record.pending !== undefined) {
      await deps.records.progress(record, { operation: record.pending, inventory });
      return;
    }
    const finishedAt = deps.clock.now().toISOString();
    await deps.records.finish(record, {
      result: 'failed',
      finishedAt,
      ...failure,
      evidence: evidenceOf(error, mask, deps.clock.now()),
      inventory,
      keep: request.keep,
    });
  } catch (second) {
    if (second instanceof AppstoreError && second.code === 'LOCK_LOST') return;
    // The first failure is the one to tell; the record still says that the operation is pending, which is true.
    const message = `the failure could not be written to the record of ${plan.target.name}`;
    const hint = second instanceof Error ? second.message : String(second);
    session.emit({ type: 'warning', problem: { message, hint } });
  }
}
