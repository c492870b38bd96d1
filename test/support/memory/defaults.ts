import { isObject } from '../../../src/domain/json.ts';
import type { KubeObject } from '../../../src/domain/objects.ts';

type Fill = (object: KubeObject) => void;

/** Sets what is not set. */
function fill(object: Record<string, unknown>, defaults: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(defaults)) object[key] ??= value;
}

const rollingUpdate = { type: 'RollingUpdate' };

/** What the API server adds, as far as health rules and services look at it (pkg/apis/<group>/<version>/defaults.go). */
const defaults: Readonly<Record<string, Fill>> = {
  Deployment: ({ spec }) =>
    fill(spec, {
      replicas: 1,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: rollingUpdate,
    }),
  StatefulSet: ({ spec }) =>
    fill(spec, {
      replicas: 1,
      revisionHistoryLimit: 10,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { ...rollingUpdate, rollingUpdate: { partition: 0 } },
    }),
  ReplicaSet: ({ spec }) => fill(spec, { replicas: 1 }),
  DaemonSet: ({ spec }) => fill(spec, { revisionHistoryLimit: 10, updateStrategy: rollingUpdate }),
  Job: ({ spec }) => fill(spec, { completions: 1, parallelism: 1, backoffLimit: 6, suspend: false }),
  Service: fillService,
  PersistentVolumeClaim: (object) => {
    fill(object.spec, { volumeMode: 'Filesystem', storageClassName: 'standard' });
    object.status ??= { phase: 'Pending' };
  },
  Pod: (object) => {
    fill(object.spec, { restartPolicy: 'Always', serviceAccountName: 'default' });
    object.status ??= { phase: 'Pending' };
  },
  Namespace: (object) => {
    object.metadata.labels = {
      ...object.metadata.labels,
      'kubernetes.io/metadata.name': object.metadata.name,
    };
    object.spec ??= { finalizers: ['kubernetes'] };
    object.status ??= { phase: 'Active' };
  },
  Secret: (object) => {
    object.type ??= 'Opaque';
    if (!isObject(object.stringData)) return;
    object.data = { ...object.data };
    for (const [key, text] of Object.entries(object.stringData)) {
      object.data[key] = Buffer.from(String(text), 'utf8').toString('base64');
    }
    delete object.stringData;
  },
};

function fillService({ spec }: KubeObject): void {
  if (spec === undefined) return;
  fill(spec, { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' });
  if (spec.type !== 'ExternalName') fill(spec, { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] });
  if (!Array.isArray(spec.ports)) return;
  for (const port of spec.ports) fill(port, { protocol: 'TCP', targetPort: port.port });
}

/** A copy with the defaults of its kind. */
export function withDefaults(object: KubeObject): KubeObject {
  const filled = structuredClone(object);
  defaults[object.kind]?.(filled);
  return filled;
}
