import { ApiError } from '../domain/errors.ts';
import { idKey, type ObjectRef } from '../domain/objects.ts';
import { ownershipKeys } from '../domain/ownership.ts';
import { inParallel } from './parallel.ts';
import type { Cluster, PartialObject, ResourceType } from './ports.ts';
import { requestsAtOnce } from './survey.ts';

/** What a namespace has by itself, with who puts it there. `name` absent: every object of the kind. */
const ownContents: readonly { readonly kind: string; readonly name?: string; readonly reason: string }[] = [
  { kind: '/ServiceAccount', name: 'default', reason: 'made by the controller manager in every namespace' },
  { kind: '/ConfigMap', name: 'kube-root-ca.crt', reason: 'published by the controller manager' },
  { kind: '/ConfigMap', name: 'openshift-service-ca.crt', reason: 'published by OpenShift' },
  { kind: '/ConfigMap', name: 'istio-ca-root-cert', reason: 'published by Istio in every namespace' },
  { kind: '/Event', reason: 'events expire by themselves' },
  { kind: 'events.k8s.io/Event', reason: 'the same events by their newer name' },
  { kind: '/Endpoints', reason: 'made and deleted with its Service' },
  { kind: 'metrics.k8s.io/PodMetrics', reason: 'a reading of a pod, no object of its own' },
];

interface ContentsQuery {
  readonly namespace: string;
  readonly installation: string;
  readonly applySetId: string;
  /** Identities (`idKey`) of what is deleted before the namespace. */
  readonly leaving: ReadonlySet<string>;
}

/** What else is in a namespace, and the kinds that the caller may not look at. */
export interface NamespaceContents {
  readonly others: readonly ObjectRef[];
  readonly unread: readonly string[];
}

/**
 * Everything in a namespace that is neither of an installation nor there by itself (NEEDS row 21). What has a controller is
 * left out: its controller is in the list, or goes first. Metadata only.
 */
export async function namespaceContents(
  cluster: Cluster,
  query: ContentsQuery,
  signal: AbortSignal,
): Promise<NamespaceContents> {
  const types = (await cluster.resourceTypes(signal)).filter(
    (type) => type.namespaced && type.verbs.includes('list') && !type.resource.includes('/'),
  );
  const answers = await inParallel(types, requestsAtOnce, (type) =>
    listType(cluster, type, query.namespace, signal),
  );
  const others = new Map<string, ObjectRef>();
  const unread: string[] = [];
  for (const [index, items] of answers.entries()) {
    const { group, version, kind, resource } = types[index] as ResourceType;
    if (items === undefined) unread.push(group === '' ? resource : `${resource}.${group}`);
    for (const item of items ?? []) {
      const ref = { group, version, kind, namespace: query.namespace, name: item.metadata.name };
      if (!belongs(item, ref, query)) others.set(idKey(ref), ref);
    }
  }
  return { others: [...others.values()], unread: unread.sort() };
}

async function listType(
  cluster: Cluster,
  type: ResourceType,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly PartialObject[] | undefined> {
  try {
    return (await cluster.listMetadata(type, { namespace, signal })).items;
  } catch (error) {
    const status = error instanceof ApiError ? error.failure.status : 0;
    if (status === 403) return undefined;
    // A CRD that went since discovery, or a kind that answers lists in name only.
    if (status === 404 || status === 405) return [];
    throw error;
  }
}

function belongs(item: PartialObject, ref: ObjectRef, query: ContentsQuery): boolean {
  const { labels, ownerReferences } = item.metadata;
  if (query.leaving.has(idKey(ref))) return true;
  if (labels?.[ownershipKeys.partOf] === query.applySetId) return true;
  const ofRecord = labels?.[ownershipKeys.installation] === query.installation;
  if (ofRecord && ref.name.startsWith(`appstore.${query.installation}`)) return true;
  if (ownerReferences?.some((owner) => owner.controller === true) === true) return true;
  const kind = `${ref.group}/${ref.kind}`;
  return ownContents.some((own) => own.kind === kind && (own.name === undefined || own.name === ref.name));
}
