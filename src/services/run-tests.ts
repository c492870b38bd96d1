import { AppstoreError } from '../domain/errors.ts';
import { inHookOrder } from '../domain/hooks.ts';
import { nearest } from '../domain/near.ts';
import { displayId, idKey } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import type { PlannedHook } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { createClaim, whileLocked } from './claim.ts';
import { requireClusterScope } from './cluster-scope.ts';
import { UnhealthyError } from './failure.ts';
import { requireRecord } from './inspect.ts';
import { withPlannedHooks } from './inventory.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { maskedError } from './masked-error.ts';
import { maskedEmit } from './masked-events.ts';
import { recordMask } from './record-mask.ts';
import type { Session, TestReport, TestRequest, WriteDeps } from './requests.ts';
import { runHooks } from './run-hooks.ts';
import { type StoredHooks, storedHooks } from './stored-hooks.ts';

/**
 * Runs the test hooks of an installation, all of them, one after the other. What they make stands in the inventory. Throws
 * INSTALLATION_NOT_FOUND, OPERATION_RUNNING where an operation is not finished, TESTS_MISSING, USAGE for a name that is none of them,
 * CLUSTER_SCOPE_UNCONFIRMED, INSTALLATION_LOCKED, and what planning hooks throws. A test that fails is an answer.
 */
export async function runTests(deps: WriteDeps, request: TestRequest, session: Session): Promise<TestReport> {
  const claim = createClaim(deps, request);
  for (;;) {
    const deadline = deps.clock.monotonic() + request.timeout;
    const record = await requireRecord(deps, request, session.signal);
    if (record.pending !== undefined) throw unfinished(record);
    const stored = await storedHooks(deps, record, ['test'], session);
    const tests = chosen(record, inHookOrder(stored.hooks), request.only);
    requireClusterScope({ beyond: stored.beyond }, request, session);
    if ((await claim.free(session)) === 'again') continue;
    await confirmBeyond(stored, request, session);
    const lock = await claim.take(session);
    if (lock === undefined) continue;
    const { mask } = await recordMask(deps, record, session.signal);
    const told = { ...session, emit: maskedEmit(session.emit, mask) };
    const job = { request, record, tests, deadline, digestKey: stored.digestKey };
    const results = await whileLocked(deps, lock, told, (locked, inner) =>
      carryOut(locked, job, inner),
    ).catch((error: unknown) => {
      throw maskedError(error, mask);
    });
    const { namespace, name, revision } = record;
    return {
      namespace,
      name,
      revision,
      tests: results.map((one) => ({ ...one, message: mask.text(one.message) })),
    };
  }
}

interface Job {
  readonly request: TestRequest;
  readonly record: InstallationRecord;
  readonly tests: readonly PlannedHook[];
  readonly deadline: number;
  readonly digestKey: string;
}

/** Where somebody is there, they are asked about what a record that others may edit would write elsewhere. */
async function confirmBeyond({ beyond }: StoredHooks, request: TestRequest, session: Session): Promise<void> {
  if (beyond.length === 0 || request.allowClusterScope === true || session.ask === undefined) return;
  const what = beyond.map(({ ref, reason }) => `${displayId(ref)} (${reason})`).join(', ');
  if (await session.ask.goOn(`The tests write beyond the namespace: ${what}. Go on?`)) return;
  throw new AppstoreError('DECLINED', 'not confirmed; nothing was written');
}

/** What tests make is recorded before it is made, and as it is afterwards, whatever happens. */
async function carryOut(deps: WriteDeps, job: Job, session: Session): Promise<TestReport['tests'][number][]> {
  const { record, tests } = job;
  const planned = withPlannedHooks(record.inventory, { hooks: tests });
  const begun = await deps.records.refresh(record, planned, session.signal);
  const ledger: Ledger = { ...openLedger(deps, begun, new Map()), has: () => false, note: async () => {} };
  const results: TestReport['tests'][number][] = [];
  try {
    for (const test of tests) results.push(await runTest(deps, job, test, ledger, session));
  } finally {
    const rest = ledger.inventory().filter(({ hook, uid }) => hook !== true || uid !== '');
    await deps.records.refresh(begun, rest);
  }
  return results;
}

async function runTest(
  deps: WriteDeps,
  { request, deadline, digestKey }: Job,
  test: PlannedHook,
  ledger: Ledger,
  session: Session,
): Promise<TestReport['tests'][number]> {
  const { namespace, name } = request;
  const options = {
    ...{ digestKey, deadline, installation: { namespace, name } },
    applySetId: applySetId(namespace, name),
  };
  const shown = request.logs ? { ...test, logPolicies: ['hook-succeeded', 'hook-failed'] } : test;
  const startedAt = deps.clock.now().toISOString();
  const ended = () => ({ ref: test.ref, startedAt, finishedAt: deps.clock.now().toISOString() });
  try {
    await runHooks(deps, [shown], 'test', ledger, options, session);
    return { ...ended(), result: 'passed', message: '' };
  } catch (error) {
    if (!(error instanceof UnhealthyError)) throw error;
    const message = [error.message, ...error.problems.map((problem) => problem.message)].join('; ');
    return { ...ended(), result: 'failed', cause: error.causeCode, message };
  }
}

function unfinished({ name, namespace, pending }: InstallationRecord): AppstoreError {
  return new AppstoreError(
    'OPERATION_RUNNING',
    `${name} in namespace ${namespace}: the ${pending?.operation} is not finished`,
    { hint: `\`appstore status ${name} -n ${namespace}\` says how to go on with it, or back.` },
  );
}

/** The tests that were asked for by name; all where none was. */
function chosen(
  record: InstallationRecord,
  tests: readonly PlannedHook[],
  only: readonly string[],
): readonly PlannedHook[] {
  if (tests.length === 0) {
    throw new AppstoreError(
      'TESTS_MISSING',
      `${record.name} in namespace ${record.namespace}: ${record.app} ${record.version} brings no tests`,
    );
  }
  const names = new Set(tests.map(({ ref }) => ref.name));
  const unknown = only.find((name) => !names.has(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, [...names]);
    throw new AppstoreError('USAGE', `--only ${unknown}: there is no such test`, {
      hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : `There are: ${[...names].join(', ')}.`,
    });
  }
  const wanted = new Set(only);
  const distinct = new Map(tests.map((test) => [idKey(test.ref), test]));
  return [...distinct.values()].filter(({ ref }) => wanted.size === 0 || wanted.has(ref.name));
}
