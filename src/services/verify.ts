import { ApiError, isForbidden } from '../domain/errors.ts';
import { idKey, type ObjectRef } from '../domain/objects.ts';
import { applySetId, generatedName, indexName, ownershipKeys } from '../domain/ownership.ts';
import { namespaceRef } from './delete-namespace.ts';
import { inParallel } from './parallel.ts';
import type { Cluster, PartialObject, ResourceType } from './ports.ts';
import type { ClusterDeps, InstallationName, VerifyReport } from './requests.ts';
import { checkTarget } from './state.ts';
import { requestsAtOnce } from './survey.ts';

type Left = VerifyReport['left'][number];

interface Query extends InstallationName {
  readonly set: string;
  readonly signal: AbortSignal;
}

/**
 * What is left of an installation in the cluster (NEEDS row 20), found without its record: by the label of its ApplySet over
 * every kind that the cluster serves, by the labels of its record, and the claims that its StatefulSets made. Metadata only.
 */
export async function verify(
  deps: Pick<ClusterDeps, 'cluster'>,
  name: InstallationName,
  signal: AbortSignal,
): Promise<VerifyReport> {
  checkTarget(name);
  const query = { ...name, set: applySetId(name.namespace, name.name), signal };
  const types = (await deps.cluster.resourceTypes(signal)).filter(
    (type) => type.verbs.includes('list') && !type.resource.includes('/'),
  );
  const [found, namespace] = await Promise.all([
    inParallel(types, requestsAtOnce, (type) => leftOf(deps.cluster, type, query)),
    leftNamespace(deps.cluster, query),
  ]);
  const left = new Map<string, Left>();
  for (const one of [...found.flatMap((items) => items ?? []), ...namespace]) left.set(idKey(one.ref), one);
  return {
    ...name,
    left: [...left.values()],
    unread: types.filter((_, index) => found[index] === undefined).map(resourceText),
  };
}

function resourceText({ group, resource }: ResourceType): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** What is left of one kind; undefined where the caller may not list it. */
async function leftOf(cluster: Cluster, type: ResourceType, query: Query): Promise<Left[] | undefined> {
  const selectors = [`${ownershipKeys.partOf}=${query.set}`, ...(otherLabels[kindText(type)]?.(query) ?? [])];
  const lists = await Promise.all(
    selectors.map((labelSelector, index) =>
      // What the record and the claims are found by says nothing of other namespaces.
      listWhere(cluster, type, { labelSelector, query, everywhere: index === 0 }),
    ),
  );
  if (lists.every((items) => items === undefined)) return undefined;
  return lists
    .flatMap((items) => items ?? [])
    .map((item) => ({ ref: refOf(type, item), reason: reasonOf(type, item, query) }));
}

function kindText({ group, kind }: { readonly group: string; readonly kind: string }): string {
  return group === '' ? kind : `${kind}.${group}`;
}

const byInstallation = ({ name }: Query) => [`${ownershipKeys.installation}=${name}`];

/** Labels that find what carries no ApplySet id: parts of the record, the Lease, claims made from a template. */
const otherLabels: Readonly<Record<string, (query: Query) => readonly string[]>> = {
  ConfigMap: byInstallation,
  Secret: byInstallation,
  'Lease.coordination.k8s.io': byInstallation,
  PersistentVolumeClaim: ({ name }) => [`${ownershipKeys.instance}=${name}`],
};

interface Where {
  readonly labelSelector: string;
  readonly query: Query;
  readonly everywhere: boolean;
}

/** Over all namespaces, or where that is forbidden in the one of the installation; undefined where that is forbidden too. */
async function listWhere(
  cluster: Cluster,
  type: ResourceType,
  { labelSelector, query, everywhere }: Where,
): Promise<readonly PartialObject[] | undefined> {
  const { namespace, signal } = query;
  try {
    const scope = type.namespaced && !everywhere ? { namespace } : {};
    return (await cluster.listMetadata(type, { ...scope, labelSelector, signal })).items;
  } catch (error) {
    const status = error instanceof ApiError ? error.failure.status : 0;
    if (status === 404 || status === 405) return [];
    if (status !== 403) throw error;
    return type.namespaced && everywhere
      ? listWhere(cluster, type, { labelSelector, query, everywhere: false })
      : undefined;
  }
}

function refOf({ group, version, kind }: ResourceType, item: PartialObject): ObjectRef {
  return { group, version, kind, namespace: item.metadata.namespace ?? '', name: item.metadata.name };
}

function reasonOf(type: ResourceType, { metadata }: PartialObject, { name }: Query): string {
  if (metadata.deletionTimestamp !== undefined) {
    const finalizers = metadata.finalizers ?? [];
    return finalizers.length === 0 ? 'being deleted' : `being deleted, held by ${finalizers.join(', ')}`;
  }
  if (type.group === '' && type.kind === 'PersistentVolumeClaim') return 'it holds data';
  if (metadata.name === indexName(name) && type.kind === 'ConfigMap') return 'the record: it is installed';
  if (metadata.name === generatedName(name)) return 'the generated secrets that open the volumes';
  if (metadata.labels?.[ownershipKeys.installation] === name) return 'a part of the record';
  return 'it carries the label of the installation';
}

async function leftNamespace(cluster: Cluster, { namespace, name, signal }: Query): Promise<Left[]> {
  try {
    const live = await cluster.getMetadata(namespaceRef(namespace), signal);
    if (live?.metadata.annotations?.[ownershipKeys.createdFor] !== name) return [];
    const going = live.metadata.deletionTimestamp !== undefined;
    return [{ ref: namespaceRef(namespace), reason: going ? 'being deleted' : 'it was made by the install' }];
  } catch (error) {
    if (isForbidden(error)) return [];
    throw error;
  }
}
