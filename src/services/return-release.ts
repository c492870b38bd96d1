import type { PackageFile } from '../domain/app.ts';
import { AppstoreError } from '../domain/errors.ts';
import { chartOfFiles } from '../domain/helm-chart-files.ts';
import type { HelmRelease } from '../domain/helm-release.ts';
import { createMasker } from '../domain/masking.ts';
import type { Plan } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { comparedRevision } from './drift.ts';
import { giveBack } from './give-back.ts';
import { type AdoptDeps, type AdoptRequest, type AdoptResult, firstWrite, handOver } from './hand-over.ts';
import { showToHelm } from './helm-hand-over.ts';
import { maskerOf, requireRecord } from './inspect.ts';
import { newOperation } from './operation.ts';
import { inParallel } from './parallel.ts';
import { planReturn, requireSettled, unknownRevisions } from './plan-return.ts';
import type { HelmRevisionRef } from './ports.ts';
import type { Session } from './requests.ts';
import { writeNewRevisions } from './return-revisions.ts';
import { requestsAtOnce } from './survey.ts';

/**
 * Gives an installation of a chart to Helm, without changing what any object does: mark -> Helm's new revisions -> objects -> Helm
 * finds it -> forget. What Helm stored before the adoption is there again as it was. Cut anywhere, the same command goes on. Throws
 * INSTALLATION_NOT_FOUND, INSTALLATION_UNSETTLED, ALREADY_INSTALLED, PACKAGE_INVALID, INSTALLATION_LOCKED, DECLINED.
 */
export async function returnRelease(
  deps: AdoptDeps,
  request: AdoptRequest,
  session: Session,
): Promise<AdoptResult> {
  return handOver(deps, request, session, {
    outcome: 'returned',
    prepare: (noting, inner) => prepare(noting, request, inner),
    carryOut: (locked, found, inner) => carryOut(locked, request, found, inner),
  });
}

type Found = Awaited<ReturnType<typeof prepare>>;

/** Reads only. */
async function prepare(deps: AdoptDeps, request: AdoptRequest, { emit, signal }: Session) {
  emit({ type: 'step', step: 'plan', state: 'started' });
  const record = await requireRecord(deps, request, signal);
  requireSettled(record);
  const refs = await deps.helm.history(request.namespace, request.name, signal);
  if (isGiven(record, refs)) return { ...forgetting(deps, record), record, refs };
  const number = comparedRevision(record);
  const { content, package: files } = await deps.records.whole(record, number, signal);
  const taken = record.pending?.operation === 'adopt' || record.pending?.operation === 'return';
  if (!taken && refs.some(({ adopted }) => !adopted)) throw namesake(request);
  if (unknownRevisions(record, refs).length > 0) requireChart(request, files.files);
  const last = refs.at(-1);
  const newest: HelmRelease | undefined = last === undefined ? undefined : await deps.helm.read(last, signal);
  const plan = await planReturn(deps, { record, content, refs }, signal);
  const mask = maskerOf(content, await deps.records.readGenerated(request.namespace, request.name, signal));
  emit({ type: 'step', step: 'plan', state: 'done', total: plan.objects.length });
  return { record, refs, newest, plan, mask, done: false };
}

function requireChart({ namespace, name }: AdoptRequest, files: readonly PackageFile[]): void {
  try {
    chartOfFiles(files);
  } catch (error) {
    if (!(error instanceof AppstoreError)) throw error;
    const { code, message, hint, problems } = error;
    throw new AppstoreError(code, `${name} in namespace ${namespace}: ${message}`, {
      hint,
      problems,
      cause: error,
    });
  }
}

/** True where Helm has it all, and only the record is still there, perhaps in part. */
function isGiven(record: InstallationRecord, refs: readonly HelmRevisionRef[]): boolean {
  return record.pending?.operation === 'return' && refs.length > 0 && refs.every(({ adopted }) => !adopted);
}

function forgetting({ cluster }: AdoptDeps, record: InstallationRecord) {
  const { namespace, name, catalog, app, version, appVersion } = record;
  const { context, server } = cluster.target;
  const plan: Plan = {
    formatVersion: 1,
    operation: 'return',
    target: { context, server, clusterUid: '', namespace, name },
    app: { catalog, name: app, version, appVersion, contentDigest: '', source: '' },
    revision: record.revision,
    basis: record.resourceVersion,
    createNamespace: false,
    objects: [],
    handovers: [],
    grants: [],
    kept: [],
    warnings: [{ message: 'Helm has it again already; only the record is left to forget' }],
  };
  return { plan, mask: createMasker([]), newest: undefined, done: false };
}

function namesake({ namespace, name }: AdoptRequest): AppstoreError {
  return new AppstoreError(
    'ALREADY_INSTALLED',
    `Helm has a release ${name} in namespace ${namespace} already, which is another one`,
    { hint: 'One of the two has to go: look at both with `appstore list --helm`.' },
  );
}

/** Mark -> Helm's new revisions -> objects -> Helm finds it -> forget. Ours until Helm finds it. */
async function carryOut(
  deps: AdoptDeps,
  request: AdoptRequest,
  { record, refs, newest, plan }: Found,
  session: Session,
): Promise<void> {
  const { signal, emit } = session;
  const { namespace, name } = request;
  const operation = newOperation(deps, 'return', 0, request);
  const resumed = record.pending !== undefined;
  emit({ type: 'operation', operation: 'return', namespace, name, id: operation.id, resumed });
  const begin = { namespace, name, record, operation, inventory: record.inventory };
  const marked = await firstWrite(deps.records.begin(begin, signal));
  const now = deps.clock.now();
  const history = { record: marked, refs, now, ...(newest === undefined ? {} : { newest }) };
  if (!isGiven(record, refs)) await writeNewRevisions(deps, history, signal);
  const objects = plan.objects.filter(({ action }) => action === 'update');
  const progress = { done: 0, total: objects.length };
  emit({ type: 'step', step: 'apply', state: 'started', total: objects.length });
  const release = { namespace, name, applyMethod: newest?.applyMethod ?? 'ssa' };
  await inParallel(objects, requestsAtOnce, async (object) => {
    await giveBack(deps.cluster, object, release, signal);
    progress.done++;
    emit({ type: 'written', ref: object.ref, action: 'update', ...progress });
  });
  emit({ type: 'step', step: 'apply', state: 'done', total: objects.length });
  await showToHelm(deps.helm, await deps.helm.history(namespace, name, signal), signal);
  await deps.records.forget(marked, { purgeGenerated: false }, signal);
  emit({ type: 'step', step: 'finish', state: 'done' });
}
