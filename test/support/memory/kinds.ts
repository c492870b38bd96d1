import type { ResourceType } from '../../../src/services/ports.ts';

/** A kind as the in-memory cluster serves it. */
export interface ServedKind extends ResourceType {
  /** True where `metadata.generation` counts changes of the spec. */
  readonly generation: boolean;
  /** True where `status` is written only through its own subresource. */
  readonly status: boolean;
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** `kind plural [cluster] [generation] [status]`, one line a kind, by API version as Kubernetes 1.36 serves them. */
const builtIn: Readonly<Record<string, readonly string[]>> = {
  v1: [
    'ConfigMap configmaps',
    'Endpoints endpoints',
    'Event events',
    'LimitRange limitranges',
    'Namespace namespaces cluster status',
    'Node nodes cluster status',
    'PersistentVolume persistentvolumes cluster status',
    'PersistentVolumeClaim persistentvolumeclaims status',
    'Pod pods generation status',
    'ReplicationController replicationcontrollers generation status',
    'ResourceQuota resourcequotas status',
    'Secret secrets',
    'Service services status',
    'ServiceAccount serviceaccounts',
  ],
  'apps/v1': [
    'ControllerRevision controllerrevisions',
    'DaemonSet daemonsets generation status',
    'Deployment deployments generation status',
    'ReplicaSet replicasets generation status',
    'StatefulSet statefulsets generation status',
  ],
  'batch/v1': ['CronJob cronjobs generation status', 'Job jobs generation status'],
  'autoscaling/v2': ['HorizontalPodAutoscaler horizontalpodautoscalers status'],
  'policy/v1': ['PodDisruptionBudget poddisruptionbudgets generation status'],
  'networking.k8s.io/v1': [
    'Ingress ingresses generation status',
    'IngressClass ingressclasses cluster generation',
    'NetworkPolicy networkpolicies generation',
  ],
  'rbac.authorization.k8s.io/v1': [
    'ClusterRole clusterroles cluster',
    'ClusterRoleBinding clusterrolebindings cluster',
    'Role roles',
    'RoleBinding rolebindings',
  ],
  'storage.k8s.io/v1': ['StorageClass storageclasses cluster', 'CSIDriver csidrivers cluster'],
  'scheduling.k8s.io/v1': ['PriorityClass priorityclasses cluster generation'],
  'coordination.k8s.io/v1': ['Lease leases'],
  'discovery.k8s.io/v1': ['EndpointSlice endpointslices'],
  'admissionregistration.k8s.io/v1': [
    'MutatingAdmissionPolicy mutatingadmissionpolicies cluster generation',
    'ValidatingAdmissionPolicy validatingadmissionpolicies cluster generation',
    'MutatingWebhookConfiguration mutatingwebhookconfigurations cluster generation',
    'ValidatingWebhookConfiguration validatingwebhookconfigurations cluster generation',
  ],
  'apiregistration.k8s.io/v1': ['APIService apiservices cluster status'],
  'apiextensions.k8s.io/v1': ['CustomResourceDefinition customresourcedefinitions cluster generation status'],
};

/** Every built-in kind. */
export function builtInKinds(): ServedKind[] {
  return Object.entries(builtIn).flatMap(([apiVersion, lines]) => {
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    return lines.map((line) => {
      const [kind = '', resource = '', ...traits] = line.split(' ');
      const has = (trait: string) => traits.includes(trait);
      return {
        group,
        version,
        kind,
        resource,
        namespaced: !has('cluster'),
        generation: has('generation'),
        status: has('status'),
        verbs,
        subresources: has('status') ? ['status'] : [],
      };
    });
  });
}

interface CrdSpec {
  readonly group: string;
  readonly scope: string;
  readonly names: { readonly kind: string; readonly plural: string };
  readonly versions: readonly {
    readonly name: string;
    readonly served?: boolean;
    readonly subresources?: { readonly status?: unknown };
  }[];
}

/** The kinds that a CustomResourceDefinition serves, one a version. */
export function customKinds(crd: { readonly spec: unknown }): ServedKind[] {
  const spec = crd.spec as CrdSpec;
  return spec.versions
    .filter((version) => version.served !== false)
    .map((version) => ({
      group: spec.group,
      version: version.name,
      kind: spec.names.kind,
      resource: spec.names.plural,
      namespaced: spec.scope === 'Namespaced',
      generation: true,
      status: version.subresources?.status !== undefined,
      verbs,
      subresources: version.subresources?.status === undefined ? [] : ['status'],
    }));
}
