import { AppstoreError } from '../domain/errors.ts';
import { type LimitedList, listWithin } from '../domain/limited-list.ts';
import type { KubeObject, ObjectMeta, ObjectRef } from '../domain/objects.ts';
import { ownershipKeys } from '../domain/ownership.ts';
import { type PlanFile, parsePlanFile } from '../domain/plan-file.ts';
import { namespaceReady } from './namespace.ts';
import type { Cluster } from './ports.ts';
import { unpackPlan } from './prepare-saved.ts';
import type { ClusterDeps } from './requests.ts';

/** Label of a plan that is kept in the cluster; its value is the name of the installation. */
const planLabel = 'appstore.dev/plan';
const prefix = 'appstore-plan.';
/** Bytes of a plan in a ConfigMap, which ends at 1 MiB with all that is around it. */
const largest = 1_000_000;

/** Annotations of the ConfigMap: all that a list shows. */
const annotations = {
  operation: 'appstore.dev/operation',
  app: 'appstore.dev/app',
  version: 'appstore.dev/version',
  madeAt: 'appstore.dev/made-at',
  madeBy: 'appstore.dev/made-by',
  state: 'appstore.dev/state',
  rejection: 'appstore.dev/rejection',
} as const;

/** Somebody's no to a plan. */
export interface Rejection {
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
  readonly reason: string;
}

/** What a list says of a plan. Whoever may write ConfigMaps may have written it: what counts are the signatures in the plan itself. */
export interface KeptSummary {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: string;
  readonly app: string;
  readonly version: string;
  readonly made: PlanFile['made'];
  /** `free`: it asks for no approval. */
  readonly state: 'waiting' | 'approved' | 'rejected' | 'free';
  readonly rejection?: Rejection;
}

/** A plan that waits in the cluster, in the namespace that it is about. */
export interface KeptPlan extends KeptSummary {
  readonly file: PlanFile;
}

/** Where a plan lies. */
export interface PlanPlace {
  readonly namespace: string;
  readonly id: string;
}

type KeepDeps = Pick<ClusterDeps, 'cluster'>;

/**
 * Keeps a plan with the rights of whoever asks. One that is there already keeps its approvals and gets those of the given one besides.
 * Throws PLAN_TOO_LARGE, NAMESPACE_MISSING, PLAN_INVALID.
 */
export async function keepPlan(
  { cluster }: KeepDeps,
  file: PlanFile,
  signal: AbortSignal,
): Promise<KeptPlan> {
  const place = { namespace: file.namespace, id: idOf(file) };
  await namespaceReady(cluster, file.namespace, false, signal);
  const before = await cluster.get(refOf(place), signal);
  if (before === undefined) {
    const { resolved } = (await unpackPlan(file)).package;
    const object = objectOf(file, { app: String(resolved.name), version: String(resolved.version) });
    return keptIn(await cluster.create(object, { fieldManager: 'appstore', signal }));
  }
  const kept = keptIn(before);
  const others = kept.file.approvals.filter(
    (one) => !file.approvals.some(({ signature }) => signature === one.signature),
  );
  return rewrite(cluster, before, { ...file, approvals: [...others, ...file.approvals] }, signal);
}

/** Plans that wait, the newest first. Where the caller may not look everywhere, those of one namespace (`limitedTo`). */
export function listPlans(
  { cluster }: KeepDeps,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<LimitedList<KeptSummary>> {
  const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
  return listWithin({ namespace, fallback: cluster.target.namespace }, async (one) => {
    const { items } = await cluster.listMetadata(kind, {
      labelSelector: planLabel,
      signal,
      ...(one === undefined ? {} : { namespace: one }),
    });
    return items
      .map(({ metadata }) => summaryOf(metadata))
      .sort((a, b) => (a.made.at < b.made.at ? 1 : a.made.at > b.made.at ? -1 : 0));
  });
}

/** Throws PLAN_NOT_FOUND. */
export async function readPlan(
  { cluster }: KeepDeps,
  place: PlanPlace,
  signal: AbortSignal,
): Promise<KeptPlan> {
  return keptIn(await found(cluster, place, signal));
}

/** Notes somebody's no, and takes approvals away. Throws PLAN_NOT_FOUND. */
export async function rejectPlan(
  { cluster }: KeepDeps,
  place: PlanPlace,
  rejection: Rejection,
  signal: AbortSignal,
): Promise<KeptPlan> {
  const before = await found(cluster, place, signal);
  return rewrite(cluster, before, { ...keptIn(before).file, approvals: [] }, signal, rejection);
}

/** Throws PLAN_NOT_FOUND. */
export async function dropPlan(
  { cluster }: KeepDeps,
  place: PlanPlace,
  signal: AbortSignal,
): Promise<KeptPlan> {
  const before = await found(cluster, place, signal);
  const { uid } = before.metadata;
  await cluster.delete(refOf(place), { signal, ...(uid === undefined ? {} : { uid }) });
  return keptIn(before);
}

async function found(cluster: Cluster, place: PlanPlace, signal: AbortSignal): Promise<KubeObject> {
  const object = await cluster.get(refOf(place), signal);
  if (object?.metadata.labels?.[planLabel] !== undefined) return object;
  throw new AppstoreError('PLAN_NOT_FOUND', `there is no plan ${place.id} in ${place.namespace}`);
}

/** With the version that was read: of two people who decide at once, one is told to look again. */
function rewrite(
  cluster: Cluster,
  before: KubeObject,
  file: PlanFile,
  signal: AbortSignal,
  rejection?: Rejection,
): Promise<KeptPlan> {
  const { app, version } = summaryOf(before.metadata);
  const next = objectOf(file, { app, version }, rejection);
  const { resourceVersion } = before.metadata;
  const metadata = { ...next.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return cluster.replace({ ...next, metadata }, { signal }).then(keptIn);
}

function objectOf(
  file: PlanFile,
  { app, version }: Pick<KeptSummary, 'app' | 'version'>,
  rejection?: Rejection,
): KubeObject {
  const plan = JSON.stringify(file);
  if (plan.length > largest)
    throw new AppstoreError(
      'PLAN_TOO_LARGE',
      `the plan for ${file.name} has ${plan.length} bytes, and a ConfigMap ends at ${largest}`,
    );
  const state = rejection !== undefined ? 'rejected' : stateOf(file);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: `${prefix}${idOf(file)}`,
      namespace: file.namespace,
      labels: { [planLabel]: file.name, [ownershipKeys.managedBy]: 'appstore' },
      annotations: {
        [annotations.operation]: file.operation,
        [annotations.app]: app,
        [annotations.version]: version,
        [annotations.madeAt]: file.made.at,
        [annotations.madeBy]: file.made.by,
        [annotations.state]: state,
        ...(rejection === undefined ? {} : { [annotations.rejection]: JSON.stringify(rejection) }),
      },
    },
    data: { plan },
  };
}

function stateOf({ requireApproval, approvals }: PlanFile): KeptSummary['state'] {
  if (!requireApproval) return 'free';
  return approvals.length > 0 ? 'approved' : 'waiting';
}

function idOf({ name, nonce }: PlanFile): string {
  return `${name}.${nonce.slice(0, 10)}`;
}

function refOf({ namespace, id }: PlanPlace): ObjectRef {
  return { group: '', version: 'v1', kind: 'ConfigMap', namespace, name: `${prefix}${id}` };
}

/** Throws PLAN_INVALID. */
function keptIn(object: KubeObject): KeptPlan {
  const { name, namespace } = object.metadata;
  const file = parsePlanFile(String(object.data?.plan ?? ''), `ConfigMap/${namespace}/${name}`);
  const summary = summaryOf(object.metadata);
  if (file.namespace === namespace && `${prefix}${idOf(file)}` === name) return { ...summary, file };
  throw new AppstoreError(
    'PLAN_INVALID',
    `ConfigMap/${namespace}/${name}: the plan in it is of another place`,
  );
}

/** Anybody may have written it: what is not known stays empty. */
function summaryOf({ name, namespace = '', labels = {}, annotations: given = {} }: ObjectMeta): KeptSummary {
  const states = ['waiting', 'approved', 'rejected', 'free'] as const;
  const rejection = rejectionIn(given[annotations.rejection]);
  return {
    id: name.slice(prefix.length),
    namespace,
    name: labels[planLabel] ?? '',
    operation: given[annotations.operation] ?? '',
    app: given[annotations.app] ?? '',
    version: given[annotations.version] ?? '',
    made: { at: given[annotations.madeAt] ?? '', by: given[annotations.madeBy] ?? '' },
    state: states.find((one) => one === given[annotations.state]) ?? 'waiting',
    ...(rejection === undefined ? {} : { rejection }),
  };
}

function rejectionIn(text: string | undefined): Rejection | undefined {
  if (text === undefined) return undefined;
  try {
    const { by, at, reason } = JSON.parse(text);
    return { by: String(by), at: String(at), reason: String(reason) };
  } catch {
    return undefined;
  }
}
