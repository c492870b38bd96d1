import { AppstoreError, type Problem } from '../domain/errors.ts';
import { isOfRelease } from '../domain/helm-ownership.ts';
import { displayId, idKey } from '../domain/objects.ts';
import { applyOrder } from '../domain/order.ts';
import { applySetId, classifyOwner } from '../domain/ownership.ts';
import type { Plan, PlannedObject } from '../domain/plan.ts';
import type { InstallationRecord, RevisionContent } from '../domain/release.ts';
import { comparedRevision } from './drift.ts';
import { notOurs } from './inventory.ts';
import { type Located, locate } from './locate.ts';
import { planned } from './planned.ts';
import type { HelmRevisionRef, PartialObject } from './ports.ts';
import type { ClusterDeps } from './requests.ts';
import { survey } from './survey.ts';

interface ReturnInput {
  readonly record: InstallationRecord;
  /** The deployed revision. */
  readonly content: RevisionContent;
  /** What Helm stored of it, newest last. */
  readonly refs: readonly HelmRevisionRef[];
}

/** What is given to Helm: the objects of the deployed revision that are ours. Reads only. */
export async function planReturn(
  { cluster }: ClusterDeps,
  { record, content, refs }: ReturnInput,
  signal: AbortSignal,
): Promise<Plan> {
  const hooks = new Set(record.inventory.filter(({ hook }) => hook === true).map(idKey));
  const given = content.rendered.objects.filter(({ phase }) => phase.kind !== 'crd');
  const located = await locate(cluster, given, record.namespace, signal);
  const distinct = new Map(located.map((one) => [idKey(one.ref), one]));
  const wanted = applyOrder([...distinct.values()], ({ ref }) => ref).filter(
    ({ ref, rendered: { phase } }) => phase.kind === 'normal' || hooks.has(idKey(ref)),
  );
  const [live, clusterUid] = await Promise.all([
    survey(
      cluster,
      wanted.map(({ ref }) => ref),
      { byName: true, signal },
    ),
    cluster.uid(signal),
  ]);
  const { context, server } = cluster.target;
  return {
    formatVersion: 1,
    operation: 'return',
    target: { context, server, clusterUid, namespace: record.namespace, name: record.name },
    app: content.package,
    revision: content.number,
    basis: record.resourceVersion,
    createNamespace: false,
    objects: wanted.map((one) => planOne(record, one, live.get(idKey(one.ref)))),
    handovers: [],
    grants: [],
    kept: [],
    warnings: [...newRevisions(record, refs), ...unknownToHelm(content)],
  };
}

function planOne(
  record: InstallationRecord,
  wanted: Located,
  live: PartialObject | undefined,
): PlannedObject {
  if (live === undefined)
    return planned(wanted, 'unchanged', 'it is missing from the cluster', 'ownership', {});
  if (
    isOfRelease(live.metadata, record) &&
    live.metadata.labels?.['applyset.kubernetes.io/part-of'] === undefined
  )
    return planned(wanted, 'unchanged', 'it belongs to Helm already', 'ownership', { live });
  const entry = record.inventory.find((one) => idKey(one) === idKey(wanted.ref));
  const owner = classifyOwner(live.metadata, {
    applySetId: applySetId(record.namespace, record.name),
    entry,
  });
  if (owner.state === 'ours') return planned(wanted, 'update', 'given back as it is', 'ownership', { live });
  // What an adoption that was cut did not come to is Helm's still.
  if (isOfRelease(live.metadata, record))
    return planned(wanted, 'update', 'given back as it is', 'ownership', { live });
  const why = owner.state === 'foreign' ? `it belongs to ${owner.owner}` : 'nobody has it';
  return planned(wanted, 'keep', `${notOurs}${why}`, 'ownership', { live });
}

/** Numbers of the revisions that Helm does not know yet. */
export function unknownRevisions(record: InstallationRecord, refs: readonly HelmRevisionRef[]): number[] {
  const newest = Math.max(0, ...refs.map(({ version }) => version));
  return record.revisions.map(({ number }) => number).filter((number) => number > newest);
}

function newRevisions(record: InstallationRecord, refs: readonly HelmRevisionRef[]): Problem[] {
  const numbers = unknownRevisions(record, refs);
  if (numbers.length === 0) return [];
  const what = numbers.length === 1 ? 'a new revision' : `${numbers.length} new revisions`;
  return [{ message: `Helm gets ${what} in its history: ${numbers.join(', ')}` }];
}

/** What Helm has no notion of: its next upgrade would not do it. */
function unknownToHelm({ options }: RevisionContent): Problem[] {
  const parts = [
    ...(options.patches.length > 0 ? ['patches'] : []),
    ...(options.imageRegistry === '' ? [] : ['the image registry']),
    ...(options.imagePullSecrets.length > 0 ? ['image pull secrets'] : []),
    ...(options.yielded.length > 0 ? ['fields that were left to others'] : []),
    ...(options.secretRefs.length > 0 ? ['values from Secrets'] : []),
  ];
  if (parts.length === 0) return [];
  return [
    {
      message: `Helm does not know of ${parts.join(', ')}: its next upgrade goes without`,
      hint: 'Give it what is needed as values of the chart.',
    },
  ];
}

/** Throws INSTALLATION_UNSETTLED where there is no state that Helm could go on from. */
export function requireSettled(record: InstallationRecord): void {
  const operation = record.pending?.operation;
  if (operation === 'adopt' || operation === 'return') return;
  const where = displayId({ kind: 'Installation', namespace: record.namespace, name: record.name });
  if (operation !== undefined)
    throw new AppstoreError('INSTALLATION_UNSETTLED', `${where}: its ${operation} is not finished`);
  if (record.state !== 'deployed' || record.revisions.at(-1)?.number !== comparedRevision(record))
    throw new AppstoreError('INSTALLATION_UNSETTLED', `${where}: its newest revision failed`);
}
