import type { GroupKind } from '../../domain/objects.ts';
import type { ResourceType } from '../../services/ports.ts';

/** Verbs that the kinds below all have. */
const VERBS: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** `group/version`, then `Kind resource scope subresources`. Scope: n for namespaced, c for the whole cluster. */
const table: Readonly<Record<string, readonly string[]>> = {
  '/v1': [
    'ConfigMap configmaps n',
    'Secret secrets n',
    'Service services n proxy,status',
    'ServiceAccount serviceaccounts n token',
    'Pod pods n attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status',
    'PersistentVolumeClaim persistentvolumeclaims n status',
    'Event events n',
    'ResourceQuota resourcequotas n status',
    'Namespace namespaces c finalize,status',
    'Node nodes c proxy,status',
    'PersistentVolume persistentvolumes c status',
  ],
  'apps/v1': [
    'Deployment deployments n scale,status',
    'StatefulSet statefulsets n scale,status',
    'DaemonSet daemonsets n status',
    'ReplicaSet replicasets n scale,status',
  ],
  'batch/v1': ['Job jobs n status', 'CronJob cronjobs n status'],
  'coordination.k8s.io/v1': ['Lease leases n'],
  'autoscaling/v2': ['HorizontalPodAutoscaler horizontalpodautoscalers n status'],
  'policy/v1': ['PodDisruptionBudget poddisruptionbudgets n status'],
  'networking.k8s.io/v1': [
    'Ingress ingresses n status',
    'NetworkPolicy networkpolicies n',
    'IngressClass ingressclasses c',
  ],
  'rbac.authorization.k8s.io/v1': [
    'Role roles n',
    'RoleBinding rolebindings n',
    'ClusterRole clusterroles c',
    'ClusterRoleBinding clusterrolebindings c',
  ],
  'storage.k8s.io/v1': ['StorageClass storageclasses c'],
  'apiextensions.k8s.io/v1': ['CustomResourceDefinition customresourcedefinitions c status'],
};

/**
 * Kinds that every supported Kubernetes serves in the same way and prefers in this version: they need no discovery, so that a
 * command on a fresh machine asks for nothing but its objects. Undefined for all others.
 */
export function wellKnown(kind: GroupKind & { readonly version?: string }): ResourceType | undefined {
  return allWellKnown().find(
    (type) =>
      type.kind === kind.kind &&
      type.group === kind.group &&
      (kind.version === undefined || kind.version === type.version),
  );
}

let all: readonly ResourceType[] | undefined;

/** The whole table; a test holds it against a real server. */
export function allWellKnown(): readonly ResourceType[] {
  all ??= readTable();
  return all;
}

function readTable(): readonly ResourceType[] {
  return Object.entries(table).flatMap(([groupVersion, lines]) => {
    const [group = '', version = ''] = groupVersion.split('/');
    return lines.map((line) => {
      const [kind = '', resource = '', scope, subresources] = line.split(' ');
      return {
        group,
        version,
        kind,
        resource,
        namespaced: scope === 'n',
        verbs: VERBS,
        subresources: subresources?.split(',') ?? [],
      };
    });
  });
}
