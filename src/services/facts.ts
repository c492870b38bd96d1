import type { ClusterFacts, Requirements } from '../domain/app.ts';
import { AppstoreError, isForbidden, type Problem } from '../domain/errors.ts';
import type { GroupVersionKind } from '../domain/objects.ts';
import { kubernetesInRange } from '../domain/requirements.ts';
import type { Cluster, PartialObject } from './ports.ts';

const storageClassKind: GroupVersionKind = { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass' };
const ingressClassKind: GroupVersionKind = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
};

/**
 * What the cluster is like, as packages may ask for it and expressions may see it. Who may not list classes (most people with
 * rights in one namespace only) is taken to have them: the server decides, and the names of the defaults are not known.
 */
export async function readFacts(cluster: Cluster, signal: AbortSignal): Promise<ClusterFacts> {
  const [version, storage, ingress, metrics] = await Promise.all([
    cluster.version(signal),
    classes(cluster, storageClassKind, signal),
    classes(cluster, ingressClassKind, signal),
    cluster.resourceType({ group: 'metrics.k8s.io', kind: 'PodMetrics' }, signal),
  ]);
  const storageClass = defaultClass(storage, 'storageclass.kubernetes.io/is-default-class');
  // A single IngressClass is used as the default even where it is not marked so: most clusters have just one.
  const ingressClass =
    defaultClass(ingress, 'ingressclass.kubernetes.io/is-default-class') ||
    (ingress?.length === 1 ? (ingress[0]?.metadata.name ?? '') : '');
  const capabilities = [
    ...(ingress === undefined || ingress.length > 0 ? ['ingress'] : []),
    ...(metrics === undefined ? [] : ['metrics']),
    ...(storage === undefined || storageClass !== '' ? ['storage'] : []),
  ];
  return { version, capabilities, storageClass, ingressClass };
}

async function classes(
  cluster: Cluster,
  kind: GroupVersionKind,
  signal: AbortSignal,
): Promise<readonly PartialObject[] | undefined> {
  try {
    return (await cluster.listMetadata(kind, { signal })).items;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/** The newest of several defaults wins, as the API server's own admission does it for StorageClasses. */
function defaultClass(items: readonly PartialObject[] | undefined, annotation: string): string {
  const marked = (items ?? [])
    .filter((item) => item.metadata.annotations?.[annotation] === 'true')
    .sort((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''));
  return marked[0]?.metadata.name ?? '';
}

const capabilityHelp: Readonly<Record<string, string>> = {
  storage: 'a default StorageClass (annotation storageclass.kubernetes.io/is-default-class)',
  ingress: 'an IngressClass, brought by an ingress controller',
  metrics: 'the metrics API (metrics.k8s.io), brought by metrics-server',
};

/**
 * Checks what a package requires against the cluster.
 * Throws REQUIREMENT_UNMET with every unmet requirement at once.
 */
export async function checkRequirements(
  cluster: Cluster,
  requires: Requirements,
  facts: ClusterFacts,
  signal: AbortSignal,
): Promise<void> {
  const problems: Problem[] = [];
  if (requires.kubernetes !== undefined && !kubernetesInRange(facts.version, requires.kubernetes)) {
    problems.push({
      message: `Kubernetes ${requires.kubernetes} is required, the cluster runs ${facts.version.gitVersion}`,
    });
  }
  for (const capability of requires.capabilities ?? []) {
    if (!(await hasCapability(cluster, capability, facts, signal))) {
      problems.push({
        message: `the cluster lacks \`${capability}\`: ${capabilityHelp[capability] ?? 'an API that it does not serve'}`,
      });
    }
  }
  if (problems.length > 0) {
    throw new AppstoreError('REQUIREMENT_UNMET', 'the cluster does not have what the package requires', {
      problems,
    });
  }
}

async function hasCapability(
  cluster: Cluster,
  capability: string,
  facts: ClusterFacts,
  signal: AbortSignal,
): Promise<boolean> {
  const slash = capability.lastIndexOf('/');
  if (slash < 0) return facts.capabilities.includes(capability);
  const kind = { group: capability.slice(0, slash), kind: capability.slice(slash + 1) };
  return (await cluster.resourceType(kind, signal)) !== undefined;
}
