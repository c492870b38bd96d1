import { AppstoreError, type Problem } from '../domain/errors.ts';
import { crdsOfChart, missingSubcharts } from '../domain/helm-chart-files.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { createMasker } from '../domain/masking.ts';
import { idKey } from '../domain/objects.ts';
import { applySetId } from '../domain/ownership.ts';
import type { Plan } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { readFacts } from './facts.ts';
import { type AdoptDeps, type AdoptRequest, type AdoptResult, firstWrite, handOver } from './hand-over.ts';
import { hideFromHelm } from './helm-hand-over.ts';
import { pastRevision } from './helm-revisions.ts';
import { givenSecrets } from './inspect.ts';
import { newOperation } from './operation.ts';
import { inParallel } from './parallel.ts';
import { planTakeover } from './plan-takeover.ts';
import type { PastRevision } from './ports.ts';
import { type HelmHistory, readHelmHistory } from './read-helm-history.ts';
import type { Session } from './requests.ts';
import { checkTarget, newestRevision } from './state.ts';
import { requestsAtOnce } from './survey.ts';
import { takeOver, unwrittenEntry } from './take-over.ts';

/**
 * Takes a release over from Helm, without changing what any object does: record -> Helm lets go -> objects -> finish. Cut
 * anywhere, the same command goes on and `adopt --back` goes back. Throws HELM_RELEASE_NOT_FOUND, HELM_RELEASE_UNSETTLED,
 * HELM_RELEASE_INVALID, ALREADY_INSTALLED, INSTALLATION_LOCKED, DECLINED, and what planning throws.
 */
export async function adoptRelease(
  deps: AdoptDeps,
  request: AdoptRequest,
  session: Session,
): Promise<AdoptResult> {
  checkTarget(request);
  return handOver(deps, request, session, {
    outcome: 'adopted',
    prepare: (noting, inner) => prepare(noting, request, inner),
    carryOut: (locked, found, inner) => carryOut(locked, request, found, inner),
  });
}

type Found = Awaited<ReturnType<typeof prepare>>;

/** Reads only. */
async function prepare(deps: AdoptDeps, request: AdoptRequest, { emit, signal }: Session) {
  emit({ type: 'step', step: 'resolve', state: 'started' });
  const [record, history, facts] = await Promise.all([
    deps.records.read(request.namespace, request.name, signal),
    readHelmHistory(deps.helm, request, request.keep, signal),
    readFacts(deps.cluster, signal),
  ]);
  const done = checkRecord(record, history);
  const digestKey = await keyOf(deps, record, signal);
  const past = history.releases.map((release) => pastRevision(release, { facts, digestKey }));
  const current = past.at(-1) as PastRevision;
  const mask = createMasker(past.flatMap(({ content }) => givenSecrets(content)));
  emit({ type: 'step', step: 'resolve', state: 'done' });
  emit({ type: 'step', step: 'plan', state: 'started' });
  const rendered = current.content.rendered.objects;
  const takeover = done
    ? { objects: [], left: [], warnings: [] }
    : await planTakeover({ cluster: deps.cluster, mask, release: request, rendered }, signal);
  const plan = planOf(
    deps,
    { request, record, current, takeover, clusterUid: await deps.cluster.uid(signal) },
    [...history.warnings, ...chartWarnings(history)],
  );
  emit({ type: 'step', step: 'plan', state: 'done', total: plan.objects.length });
  return { record, history, past, plan, mask, digestKey, done };
}

/** True where nothing is left to do. Throws ALREADY_INSTALLED for another installation of that name. */
function checkRecord(record: InstallationRecord | undefined, { refs }: HelmHistory): boolean {
  if (record === undefined || record.pending?.operation === 'adopt') return false;
  const where = `${record.name} in namespace ${record.namespace}`;
  if (record.pending?.operation === 'return')
    throw new AppstoreError('OPERATION_RUNNING', `${where} is being given back to Helm`, {
      hint: `Finish with \`appstore adopt --back ${record.name} -n ${record.namespace}\`.`,
    });
  if (refs.every(({ adopted }) => adopted)) return true;
  throw new AppstoreError(
    'ALREADY_INSTALLED',
    `${where} is an installation of appstore (${record.app} ${record.version}), and Helm has a release of the same name`,
    { hint: 'One of the two has to go: look at both with `appstore list --helm`.' },
  );
}

/** A record that was begun goes on under its own key. */
async function keyOf(
  deps: AdoptDeps,
  record: InstallationRecord | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (record === undefined || record.revisions.length === 0)
    return Buffer.from(deps.random.bytes(24)).toString('base64url');
  return (await deps.records.revisionHead(record, newestRevision(record), signal)).digestKey;
}

/** What of the chart is not taken over, because Helm does not store it or does not own it. */
function chartWarnings({ newest }: HelmHistory): Problem[] {
  const subcharts = missingSubcharts(newest);
  const crds = crdsOfChart(newest.chart);
  return [
    ...(subcharts.length === 0
      ? []
      : [
          {
            message: `the subcharts ${subcharts.join(', ')} are not taken over: Helm does not store them`,
            hint: 'An upgrade needs the chart named; rollbacks and repairs do not.',
          },
        ]),
    ...(crds.length === 0
      ? []
      : [
          {
            message: `CustomResourceDefinitions from crds/ stay as they are and belong to nobody: ${crds.join(', ')}`,
            hint: '`--adopt` with an upgrade makes them part of the app.',
          },
        ]),
  ];
}

interface PlanParts {
  readonly request: AdoptRequest;
  readonly record: InstallationRecord | undefined;
  readonly current: PastRevision;
  readonly takeover: Awaited<ReturnType<typeof planTakeover>>;
  readonly clusterUid: string;
}

function planOf(
  { cluster }: AdoptDeps,
  { request, record, current, takeover, clusterUid }: PlanParts,
  warnings: readonly Problem[],
): Plan {
  const { context, server } = cluster.target;
  return {
    formatVersion: 1,
    operation: 'adopt',
    target: { context, server, clusterUid, namespace: request.namespace, name: request.name },
    app: current.package.resolved,
    revision: current.summary.number,
    basis: record?.resourceVersion ?? '',
    createNamespace: false,
    objects: takeover.objects,
    handovers: [],
    grants: [],
    kept: takeover.left,
    warnings: [...takeover.warnings, ...warnings],
  };
}

/** Record -> Helm lets go -> objects -> finish. What fails behind the first leaves a record that says how to go on. */
async function carryOut(
  deps: AdoptDeps,
  request: AdoptRequest,
  found: Found,
  session: Session,
): Promise<void> {
  const { signal, emit } = session;
  const { namespace, name } = request;
  const operation = newOperation(deps, 'adopt', found.plan.revision, request);
  const resumed = found.record !== undefined;
  emit({ type: 'operation', operation: 'adopt', namespace, name, id: operation.id, resumed });
  const begin = {
    namespace,
    name,
    ...(found.record === undefined ? {} : { record: found.record }),
    operation,
    past: found.past,
    inventory: inventoryOf(found),
  };
  const record = await firstWrite(deps.records.begin(begin, signal));
  await hideFromHelm(deps, { record, refs: found.history.refs }, signal);
  const written = new Map<string, InventoryEntry>();
  const inventory = () => record.inventory.map((entry) => written.get(idKey(entry)) ?? entry);
  try {
    await takeObjects(deps, found, written, session);
  } catch (error) {
    await deps.records.progress(record, { operation, inventory: inventory() }).catch(() => {});
    throw error;
  }
  const finishedAt = deps.clock.now().toISOString();
  await deps.records.finish(
    record,
    { result: 'deployed', finishedAt, inventory: inventory(), keep: request.keep },
    signal,
  );
  emit({ type: 'step', step: 'finish', state: 'done' });
}

/** Nothing is known to be written before it was. */
function inventoryOf({ plan }: Found): InventoryEntry[] {
  return plan.objects.map(unwrittenEntry);
}

async function takeObjects(
  deps: AdoptDeps,
  { plan, mask, digestKey }: Found,
  written: Map<string, InventoryEntry>,
  { emit, signal }: Session,
): Promise<void> {
  const objects = plan.objects.filter(({ action }) => action === 'update');
  const progress = { done: 0, total: objects.length };
  const options = {
    cluster: deps.cluster,
    mask,
    digestKey,
    applySetId: applySetId(plan.target.namespace, plan.target.name),
  };
  emit({ type: 'step', step: 'apply', state: 'started', total: objects.length });
  await inParallel(objects, requestsAtOnce, async (object) => {
    const entry = await takeOver(options, object, signal);
    written.set(idKey(object.ref), entry);
    progress.done++;
    emit({ type: 'written', ref: object.ref, action: 'update', ...progress });
  });
  emit({ type: 'step', step: 'apply', state: 'done', total: objects.length });
}
