import { AppstoreError, type Problem } from '../domain/errors.ts';
import type { InventoryEntry } from '../domain/inventory.ts';
import { displayId, idKey, type ObjectRef } from '../domain/objects.ts';
import { deleteOrder } from '../domain/order.ts';
import { applySetId, classifyOwner } from '../domain/ownership.ts';
import type { Plan, PlannedObject } from '../domain/plan.ts';
import type { InstallationRecord } from '../domain/release.ts';
import { definitionStays } from '../domain/resource-policy.ts';
import { lockAccess, requireLockAccess } from './check-access.ts';
import { claimsOfStatefulSets } from './claims.ts';
import { checkNamespaceDeletion, madeFor, namespaceRef } from './delete-namespace.ts';
import { keepsVolumes, keptSecrets } from './kept-secrets.ts';
import { leavingObject } from './plan-prune.ts';
import type { AccessQuestion, Cluster, PartialObject } from './ports.ts';
import type { ClusterDeps, RemoveRequest, Session } from './requests.ts';
import { retainedVolumes } from './retained-volumes.ts';
import { type Survey, servedKind, survey } from './survey.ts';

type Kept = Plan['kept'][number];

/**
 * What removing an installation deletes and what stays: objects that are not ours any more, volumes unless `purgeData`, CRDs
 * with live objects unless `purgeCrds`, namespaces. Reads only. Throws FORBIDDEN with everything that may not be deleted, and
 * NAMESPACE_IN_USE where `deleteNamespace` is asked for and something else is in it.
 */
export async function planRemove(
  deps: ClusterDeps,
  record: InstallationRecord,
  request: RemoveRequest,
  session: Session,
): Promise<Plan> {
  const set = applySetId(record.namespace, record.name);
  const [live, made, clusterUid, denied] = await Promise.all([
    survey(deps.cluster, record.inventory, { applySetId: set, signal: session.signal }),
    request.deleteNamespace !== true && madeFor(deps, record, session.signal),
    deps.cluster.uid(session.signal),
    deniedOfRemoval(deps.cluster, record, session.signal),
  ]);
  const claims = await claimsOfStatefulSets(deps.cluster, record, live, session.signal);
  const own = new Set(record.inventory.map(idKey));
  const volumesStay = !request.purgeData && (claims.length > 0 || hasLiveClaim(record, live));
  const verdicts = await Promise.all(
    deleteOrder(record.inventory, (entry) => entry).map((entry) =>
      judge(deps.cluster, entry, live, { set, request, own, volumesStay, signal: session.signal }),
    ),
  );
  const objects = verdicts.flatMap((verdict) =>
    verdict !== undefined && 'action' in verdict ? [verdict] : [],
  );
  const kept = verdicts.flatMap((verdict) =>
    verdict !== undefined && 'reason' in verdict && !('action' in verdict) ? [verdict] : [],
  );
  for (const claim of claims) {
    if (request.purgeData) objects.push(claimDeletion(claim));
    else kept.push({ ref: claim.ref, reason: 'it holds data' });
  }
  const [retained, deniedClaims, secrets] = await Promise.all([
    retainedVolumes(deps.cluster, objects, session.signal),
    request.purgeData
      ? deniedDeletions(
          deps.cluster,
          claims.map(({ ref }) => ref),
          session.signal,
        )
      : [],
    keepsVolumes(kept) && !request.purgeData ? keptSecrets(deps, record, session.signal) : [],
  ]);
  refuseDeletions(objects, new Map([...denied, ...deniedClaims]));
  if (request.deleteNamespace === true) await checkNamespaceDeletion(deps, record, objects, session.signal);
  if (made)
    kept.push({
      ref: namespaceRef(record.namespace),
      reason: `it was made by the install of ${record.name}`,
    });
  kept.push(...retained, ...secrets);
  return {
    formatVersion: 1,
    operation: 'remove',
    target: {
      context: deps.cluster.target.context,
      server: deps.cluster.target.server,
      clusterUid,
      namespace: record.namespace,
      name: record.name,
    },
    app: {
      catalog: record.catalog,
      name: record.app,
      version: record.version,
      appVersion: record.appVersion,
      contentDigest: '',
      source: '',
    },
    revision: record.revision,
    basis: record.resourceVersion,
    createNamespace: false,
    ...(request.deleteNamespace === true ? { deleteNamespace: true } : {}),
    objects,
    handovers: [],
    grants: [],
    kept,
    warnings: [],
  };
}

function claimDeletion(claim: PartialClaim): PlannedObject {
  return leavingObject(
    { ...claim.ref, uid: claim.uid, fields: '', applied: '' },
    'delete',
    'its data is purged',
    claim.uid,
  );
}

interface PartialClaim {
  readonly ref: ObjectRef;
  readonly uid: string;
}

interface JudgeOptions {
  readonly set: string;
  readonly request: Pick<RemoveRequest, 'purgeData' | 'purgeCrds'>;
  /** Keys of what is recorded: it goes with the app. */
  readonly own: ReadonlySet<string>;
  readonly volumesStay: boolean;
  readonly signal: AbortSignal;
}

function hasLiveClaim({ inventory }: InstallationRecord, live: Survey): boolean {
  return inventory.some(
    (entry) => entry.group === '' && entry.kind === 'PersistentVolumeClaim' && live.has(idKey(entry)),
  );
}

/** Undefined where the object is gone already. */
async function judge(
  cluster: Cluster,
  entry: InventoryEntry,
  live: Survey,
  options: JudgeOptions,
): Promise<PlannedObject | Kept | undefined> {
  const found = live.get(idKey(entry));
  if (found === undefined) return undefined;
  const owner = classifyOwner(found.metadata, { applySetId: options.set, entry });
  if (owner.state === 'foreign')
    return { ref: refOnly(entry), reason: `not ours any more: it belongs to ${owner.owner}` };
  if (owner.state === 'adoptable')
    return { ref: refOnly(entry), reason: `not ours any more: ${owner.reason}` };
  const purged = options.request.purgeCrds === true && entry.keep === definitionStays;
  const reason = purged ? undefined : (entry.keep ?? (await keepReason(cluster, entry, options, found)));
  return reason === undefined
    ? leavingObject(entry, 'delete', 'the app is removed', found.metadata.uid)
    : { ref: refOnly(entry), reason };
}

function refOnly({ group, version, kind, namespace, name }: ObjectRef): ObjectRef {
  return { group, version, kind, namespace, name };
}

async function keepReason(
  cluster: Cluster,
  entry: InventoryEntry,
  options: JudgeOptions,
  found: PartialObject,
): Promise<string | undefined> {
  switch (`${entry.group}/${entry.kind}`) {
    case '/PersistentVolumeClaim':
      return options.request.purgeData ? undefined : 'it holds data';
    case '/Secret':
      return entry.opens === true && options.volumesStay
        ? 'it holds passwords that open the volumes'
        : undefined;
    case '/Namespace':
      return 'other things may live in it; delete it by hand when it is empty';
    case 'apiextensions.k8s.io/CustomResourceDefinition':
      return options.request.purgeCrds === true ? undefined : crdInUse(cluster, found, options);
    default:
      return undefined;
  }
}

/** Deleting a CRD deletes every object of its kind, whoever made it (NEEDS row 4). The app's own go anyway. */
async function crdInUse(
  cluster: Cluster,
  crd: PartialObject,
  { own, signal }: Pick<JudgeOptions, 'own' | 'signal'>,
): Promise<string | undefined> {
  const ref = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    namespace: '',
    name: crd.metadata.name,
  };
  const spec = (await cluster.get(ref, signal))?.spec;
  if (spec === undefined) return undefined;
  const kind = await servedKind(cluster, { group: spec.group, version: '', kind: spec.names.kind }, signal);
  if (kind === undefined) return undefined;
  const { items } = await cluster.listMetadata(kind, { signal });
  const others = items.filter(
    ({ metadata: { namespace = '', name } }) => !own.has(idKey({ ...kind, namespace, name })),
  );
  return others.length === 0
    ? undefined
    : `${others.length} ${kind.kind} objects exist and would be deleted with it; --purge-crds does so`;
}

type Answers = Awaited<ReturnType<Cluster['access']>>;

/** `deniedDeletions` of what is recorded, asked together with what the lock takes. Throws FORBIDDEN where that is not allowed. */
async function deniedOfRemoval(
  cluster: Cluster,
  { namespace, inventory }: InstallationRecord,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Problem>> {
  const lock = lockAccess(namespace);
  const deletions = await deletionQuestions(cluster, inventory, signal);
  const answers = await cluster.access([...lock, ...deletions.questions], signal);
  requireLockAccess(namespace, answers.slice(0, lock.length));
  return deniedOf(deletions, answers.slice(lock.length));
}

/** What the caller may not delete, by kind and namespace. */
async function deniedDeletions(
  cluster: Cluster,
  objects: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Problem>> {
  const deletions = await deletionQuestions(cluster, objects, signal);
  return deniedOf(deletions, await cluster.access(deletions.questions, signal));
}

interface DeletionQuestions {
  /** One object a kind and namespace. */
  readonly refs: readonly ObjectRef[];
  /** In the same order: may the caller delete such objects? */
  readonly questions: readonly AccessQuestion[];
}

async function deletionQuestions(
  cluster: Cluster,
  objects: readonly ObjectRef[],
  signal: AbortSignal,
): Promise<DeletionQuestions> {
  const refs = [...new Map(objects.map((ref) => [deletionKey(ref), ref])).values()];
  const questions = await Promise.all(
    refs.map(async (ref) => ({
      verb: 'delete',
      group: ref.group,
      resource: (await cluster.resourceType({ group: ref.group, kind: ref.kind }, signal))?.resource ?? '*',
      namespace: ref.namespace,
    })),
  );
  return { refs, questions };
}

function deniedOf({ refs, questions }: DeletionQuestions, answers: Answers): ReadonlyMap<string, Problem> {
  return new Map(
    refs.flatMap((ref, at) => {
      if (answers[at]?.allowed === true) return [];
      const message = `${displayId({ ...ref, name: '*' })}: you may not delete ${questions[at]?.resource}`;
      return [[deletionKey(ref), { message }]];
    }),
  );
}

function deletionKey(ref: ObjectRef): string {
  return `${ref.group}/${ref.kind}/${ref.namespace}`;
}

/** Refused before the first deletion, so that nothing is half done. */
function refuseDeletions(objects: readonly PlannedObject[], denied: ReadonlyMap<string, Problem>): void {
  const keys = new Set(objects.map(({ ref }) => deletionKey(ref)));
  const problems = [...denied].flatMap(([key, problem]) => (keys.has(key) ? [problem] : []));
  if (problems.length > 0) {
    throw new AppstoreError('FORBIDDEN', 'you are not allowed to remove the app; nothing was written', {
      problems,
    });
  }
}
