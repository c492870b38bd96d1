import { ApiError, AppstoreError, isForbidden } from '../../domain/errors.ts';
import {
  formatHelmRelease,
  type HelmRelease,
  type HelmStatus,
  parseHelmRelease,
  withHelmStatus,
} from '../../domain/helm-release.ts';
import { displayId, type KubeObject, type ObjectRef } from '../../domain/objects.ts';
import type { Cluster, HelmReleases, HelmRevisionRef } from '../../services/ports.ts';
import { packRelease, releaseSecretType, unpackRelease, whereOf } from './helm-releases/encoding.ts';
import {
  adoptedLabels,
  adoptedOwner,
  helmFormat,
  helmOwner,
  ownerLabel,
  releaseKinds,
  releaseName,
  revisionObjectName,
  revisionOf,
} from './helm-releases/names.ts';

type Kind = HelmRevisionRef['kind'];
const kinds: readonly Kind[] = ['Secret', 'ConfigMap'];

/** Helm's releases as its drivers for Secrets and ConfigMaps keep them, upon the `Cluster` port alone. */
export function clusterHelmReleases(cluster: Cluster): HelmReleases {
  return {
    through: (other) => clusterHelmReleases(other),
    list: (scope, signal) => list(cluster, scope, signal),
    history: (namespace, name, signal) => history(cluster, namespace, name, signal),
    read: (ref, signal) => read(cluster, ref, signal),
    hide: (ref, signal) => relabel(cluster, ref, adoptedLabels(ref.name), signal),
    show: (ref, signal) =>
      relabel(cluster, ref, { ...blank(adoptedLabels(ref.name)), [ownerLabel]: helmOwner }, signal),
    setStatus: (ref, status, signal) => setStatus(cluster, ref, status, signal),
    create: (kind, release, at, signal) => create(cluster, kind, release, at, signal),
  };
}

/** A merge patch that takes labels away. */
function blank(labels: Readonly<Record<string, string>>): Record<string, string | null> {
  return Object.fromEntries(Object.keys(labels).map((key) => [key, null]));
}

async function list(
  cluster: Cluster,
  scope: { readonly namespace?: string; readonly fallback: string },
  signal: AbortSignal | undefined,
): ReturnType<HelmReleases['list']> {
  const all = await Promise.all(kinds.map((kind) => listKind(cluster, kind, scope, signal)));
  const limitedTo = all.find((one) => one.limitedTo !== undefined)?.limitedTo;
  return {
    items: all.flatMap(({ items }) => newestOf(items)),
    unread: kinds.filter((_, at) => all[at]?.unread === true),
    ...(limitedTo === undefined ? {} : { limitedTo }),
  };
}

interface ListedKind {
  readonly items: readonly HelmRevisionRef[];
  readonly limitedTo?: string;
  readonly unread?: true;
}

/** One metadata request; where it is forbidden over all namespaces, one over the fallback. */
async function listKind(
  cluster: Cluster,
  kind: Kind,
  scope: { readonly namespace?: string; readonly fallback: string },
  signal: AbortSignal | undefined,
): Promise<ListedKind> {
  const selector = `${ownerLabel}=${helmOwner}`;
  try {
    return { items: await revisionsOf(cluster, kind, { ...scope, selector }, signal) };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    if (scope.namespace !== undefined) return { items: [], unread: true };
  }
  const namespace = scope.fallback;
  try {
    return { items: await revisionsOf(cluster, kind, { namespace, selector }, signal), limitedTo: namespace };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return { items: [], unread: true };
  }
}

async function revisionsOf(
  cluster: Cluster,
  kind: Kind,
  where: { readonly namespace?: string; readonly selector: string },
  signal: AbortSignal | undefined,
): Promise<HelmRevisionRef[]> {
  const { items } = await cluster.listMetadata(releaseKinds[kind], {
    labelSelector: where.selector,
    ...(where.namespace === undefined ? {} : { namespace: where.namespace }),
    ...(signal === undefined ? {} : { signal }),
  });
  return items.map((item) => revisionOf(kind, item)).filter((one) => one !== undefined);
}

function newestOf(revisions: readonly HelmRevisionRef[]): HelmRevisionRef[] {
  const newest = new Map<string, HelmRevisionRef>();
  for (const one of revisions) {
    const key = `${one.namespace}/${one.name}`;
    const known = newest.get(key);
    if (known === undefined || known.version < one.version) newest.set(key, one);
  }
  return [...newest.values()];
}

/** What may not be listed is an error here: a release that is not seen whole must not be taken for one that is not there. */
async function history(
  cluster: Cluster,
  namespace: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<HelmRevisionRef[]> {
  if (!releaseName.test(name) || name.length > 53) return [];
  const selector = `name=${name},${ownerLabel} in (${helmOwner},${adoptedOwner})`;
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      try {
        return await revisionsOf(cluster, kind, { namespace, selector }, signal);
      } catch (error) {
        // ConfigMaps are Helm's second choice: who may read the Secrets alone has most releases before them.
        if (kind === 'ConfigMap' && isForbidden(error)) return [];
        throw error;
      }
    }),
  );
  return lists
    .flat()
    .filter((one) => one.name === name)
    .sort((a, b) => a.version - b.version);
}

function refOf({ kind, namespace, object }: HelmRevisionRef): ObjectRef {
  return { ...releaseKinds[kind], namespace, name: object };
}

async function fetch(
  cluster: Cluster,
  ref: HelmRevisionRef,
  signal: AbortSignal | undefined,
): Promise<KubeObject> {
  const object = await cluster.get(refOf(ref), signal);
  if (object !== undefined) return object;
  throw new AppstoreError('API_CONFLICT', `${displayId(refOf(ref))}: it was deleted just now`);
}

async function read(
  cluster: Cluster,
  ref: HelmRevisionRef,
  signal: AbortSignal | undefined,
): Promise<HelmRelease> {
  if (ref.format !== helmFormat)
    throw new AppstoreError(
      'HELM_RELEASE_INVALID',
      `${displayId(refOf(ref))}: it has format ${ref.format} of Helm's releases; this version knows ${helmFormat}`,
    );
  const object = await fetch(cluster, ref, signal);
  const where = whereOf(object);
  const release = parseHelmRelease(await unpackRelease(object), where);
  // The name of the object is what Helm goes by: whoever may edit the content could point it at another release.
  if (release.name === ref.name && release.namespace === ref.namespace && release.version === ref.version)
    return release;
  throw new AppstoreError(
    'HELM_RELEASE_INVALID',
    `${where}: it holds revision ${release.version} of ${release.namespace}/${release.name}`,
  );
}

/** Only as it was seen: what Helm has changed meanwhile answers 409. */
async function relabel(
  cluster: Cluster,
  ref: HelmRevisionRef,
  labels: Readonly<Record<string, string | null>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { uid, resourceVersion } = ref;
  await cluster.mergePatch(
    refOf(ref),
    { metadata: { uid, resourceVersion, labels } },
    signal === undefined ? {} : { signal },
  );
}

/** Label and content say the status both. */
async function setStatus(
  cluster: Cluster,
  ref: HelmRevisionRef,
  status: HelmStatus,
  signal: AbortSignal | undefined,
): Promise<void> {
  const object = await fetch(cluster, ref, signal);
  const json = withHelmStatus(await unpackRelease(object), status, whereOf(object));
  await cluster.replace(
    {
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, status } },
      data: await packRelease(ref.kind, json),
    },
    signal === undefined ? {} : { signal },
  );
}

/** As Helm's drivers write it. One that is there already is the same one, written before this was cut. */
async function create(
  cluster: Cluster,
  kind: Kind,
  release: HelmRelease,
  at: Date,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { name, namespace, version, status } = release;
  const object: KubeObject = {
    apiVersion: 'v1',
    kind,
    metadata: {
      name: revisionObjectName(name, version),
      namespace,
      labels: {
        name,
        status,
        version: String(version),
        createdAt: String(Math.floor(at.getTime() / 1000)),
        ...adoptedLabels(name),
      },
    },
    ...(kind === 'Secret' ? { type: releaseSecretType } : {}),
    data: await packRelease(kind, formatHelmRelease(release)),
  };
  try {
    await cluster.create(object, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!(error instanceof ApiError && error.failure.reason === 'AlreadyExists')) throw error;
  }
}
