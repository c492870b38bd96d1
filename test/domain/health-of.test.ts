import { describe, expect, it } from 'vitest';
import { type HealthContext, healthOf, isReadyWhenWritten } from '../../src/domain/health-of.ts';
import type { KubeObject } from '../../src/domain/objects.ts';

type Row = [
  title: string,
  kind: string,
  body: { metadata?: object; spec?: object; status?: object },
  status: string,
  more?: { reason?: string; cause?: string; context?: HealthContext; notObserved?: true },
];

const condition = (type: string, status: string, reason = '', message = '') => ({
  type,
  status,
  reason,
  message,
});
const rolledOut = condition('Progressing', 'True', 'NewReplicaSetAvailable');
const available = condition('Available', 'True');
const counts = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
const deadline = { replicas: 2, progressDeadlineSeconds: 600 };
const set = {
  replicas: 2,
  readyReplicas: 2,
  currentReplicas: 2,
  updatedReplicas: 2,
  currentRevision: 'a',
  updateRevision: 'a',
};
const daemons = {
  observedGeneration: 1,
  desiredNumberScheduled: 2,
  currentNumberScheduled: 2,
  updatedNumberScheduled: 2,
  numberAvailable: 2,
  numberReady: 2,
};
const running = { phase: 'Running', conditions: [condition('Ready', 'True')] };

function waiting(reason: string, message = '', more: object = {}) {
  return {
    phase: 'Pending',
    containerStatuses: [{ name: 'web', state: { waiting: { reason, message } }, ...more }],
  };
}

// FACTS "Health of one object", each row from kubernetes-sigs/cli-utils pkg/kstatus/status (core.go).
const rows: readonly Row[] = [
  ['any kind, being deleted', 'v1/ConfigMap', { metadata: { deletionTimestamp: 'x' } }, 'terminating'],
  [
    'held by a finalizer',
    'v1/Pod',
    { metadata: { deletionTimestamp: 'x', finalizers: ['a/b'] } },
    'terminating',
    { reason: 'a/b' },
  ],
  [
    'change not seen',
    'x.io/v1/Any',
    { metadata: { generation: 2 }, status: { observedGeneration: 1 } },
    'in-progress',
  ],
  [
    'Reconciling',
    'x.io/v1/Any',
    { status: { conditions: [condition('Reconciling', 'True', 'R', 'busy')] } },
    'in-progress',
    { reason: 'busy' },
  ],
  [
    'Stalled',
    'x.io/v1/Any',
    { status: { conditions: [condition('Stalled', 'True', 'S', 'stuck')] } },
    'failed',
    { reason: 'stuck' },
  ],
  [
    'deleted goes before Stalled',
    'x.io/v1/Any',
    { metadata: { deletionTimestamp: 'x' }, status: { conditions: [condition('Stalled', 'True')] } },
    'terminating',
  ],
  ['ConfigMap', 'v1/ConfigMap', {}, 'current'],
  ['Secret', 'v1/Secret', {}, 'current'],
  ['CronJob', 'batch/v1/CronJob', { spec: { suspend: true } }, 'current'],
  ['PodDisruptionBudget', 'policy/v1/PodDisruptionBudget', { status: {} }, 'current'],
  ['Service', 'v1/Service', { spec: { type: 'ClusterIP' } }, 'current'],
  ['LoadBalancer without cluster address', 'v1/Service', { spec: { type: 'LoadBalancer' } }, 'in-progress'],
  [
    'LoadBalancer without external address',
    'v1/Service',
    { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } },
    'current',
  ],
  ['claim bound', 'v1/PersistentVolumeClaim', { status: { phase: 'Bound' } }, 'current'],
  ['claim pending', 'v1/PersistentVolumeClaim', { status: { phase: 'Pending' } }, 'in-progress'],
  [
    'claim that waits for its consumer',
    'v1/PersistentVolumeClaim',
    { status: { phase: 'Pending' } },
    'current',
    { context: { waitsForConsumer: true } },
  ],
  [
    'claim whose consumer has a node',
    'v1/PersistentVolumeClaim',
    {
      metadata: { annotations: { 'volume.kubernetes.io/selected-node': 'n' } },
      status: { phase: 'Pending' },
    },
    'in-progress',
    { context: { waitsForConsumer: true } },
  ],
  [
    'claim lost',
    'v1/PersistentVolumeClaim',
    { status: { phase: 'Lost' } },
    'in-progress',
    { cause: 'VOLUME_UNBOUND' },
  ],
  ['pod succeeded', 'v1/Pod', { status: { phase: 'Succeeded' } }, 'current'],
  [
    'pod failed',
    'v1/Pod',
    { status: { phase: 'Failed', reason: 'Evicted', message: 'low on memory' } },
    'failed',
    { reason: 'low on memory' },
  ],
  ['pod ready', 'v1/Pod', { status: running }, 'current'],
  ['pod running, not ready', 'v1/Pod', { status: { phase: 'Running' } }, 'in-progress'],
  ['pod looping', 'v1/Pod', { status: waiting('CrashLoopBackOff') }, 'failed', { cause: 'CRASH_LOOP' }],
  [
    'pod killed for memory',
    'v1/Pod',
    {
      status: waiting('CrashLoopBackOff', '', {
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
      }),
    },
    'failed',
    { cause: 'OOM_KILLED' },
  ],
  [
    'pod unschedulable',
    'v1/Pod',
    {
      status: {
        phase: 'Pending',
        conditions: [
          condition(
            'PodScheduled',
            'False',
            'Unschedulable',
            '0/3 nodes are available: 3 Insufficient memory.',
          ),
        ],
      },
    },
    'in-progress',
    { cause: 'UNSCHEDULABLE_MEMORY', reason: '0/3 nodes' },
  ],
  [
    'pod without its config',
    'v1/Pod',
    { status: waiting('CreateContainerConfigError', 'secret "x" not found') },
    'in-progress',
    { cause: 'CONFIG_INVALID' },
  ],
  [
    'image name wrong',
    'v1/Pod',
    { status: waiting('InvalidImageName') },
    'in-progress',
    { cause: 'IMAGE_NAME_INVALID' },
  ],
  [
    'Deployment ready',
    'apps/v1/Deployment',
    { spec: deadline, status: { ...counts, conditions: [rolledOut, available] } },
    'current',
  ],
  ['Deployment without status', 'apps/v1/Deployment', { spec: {} }, 'in-progress', { reason: '0/1 created' }],
  [
    'Deployment past its deadline',
    'apps/v1/Deployment',
    {
      spec: deadline,
      status: { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
    },
    'failed',
    { cause: 'PROGRESS_DEADLINE' },
  ],
  [
    'Deployment not updated',
    'apps/v1/Deployment',
    { spec: deadline, status: { ...counts, updatedReplicas: 1, conditions: [rolledOut, available] } },
    'in-progress',
    { reason: '1/2 updated' },
  ],
  [
    'Deployment with old pods',
    'apps/v1/Deployment',
    { spec: deadline, status: { ...counts, replicas: 3, conditions: [rolledOut, available] } },
    'in-progress',
    { reason: '1 old pod still running' },
  ],
  [
    'Deployment not available',
    'apps/v1/Deployment',
    { spec: deadline, status: { ...counts, availableReplicas: 1, conditions: [rolledOut, available] } },
    'in-progress',
  ],
  [
    'Deployment not ready',
    'apps/v1/Deployment',
    { spec: deadline, status: { ...counts, readyReplicas: 1, conditions: [rolledOut, available] } },
    'in-progress',
    { reason: '1/2 ready' },
  ],
  [
    'Deployment not rolled out',
    'apps/v1/Deployment',
    { spec: deadline, status: { ...counts, conditions: [available] } },
    'in-progress',
  ],
  [
    'Deployment without a deadline',
    'apps/v1/Deployment',
    { spec: { replicas: 2 }, status: { ...counts, conditions: [available] } },
    'current',
  ],
  [
    'Deployment without Available',
    'apps/v1/Deployment',
    { spec: deadline, status: { ...counts, conditions: [rolledOut] } },
    'in-progress',
  ],
  [
    'Deployment scaled to none',
    'apps/v1/Deployment',
    { spec: { replicas: 0 }, status: { conditions: [rolledOut, available] } },
    'current',
  ],
  [
    'Deployment over quota',
    'apps/v1/Deployment',
    {
      spec: deadline,
      status: {
        conditions: [
          condition('ReplicaFailure', 'True', 'FailedCreate', 'pods "x" is forbidden: exceeded quota: small'),
        ],
      },
    },
    'in-progress',
    { cause: 'QUOTA_EXCEEDED' },
  ],
  [
    'ReplicaSet ready',
    'apps/v1/ReplicaSet',
    { spec: { replicas: 2 }, status: { ...counts, fullyLabeledReplicas: 2 } },
    'current',
  ],
  ['ReplicaSet not labelled', 'apps/v1/ReplicaSet', { spec: { replicas: 2 }, status: counts }, 'in-progress'],
  [
    'ReplicaSet with too many',
    'apps/v1/ReplicaSet',
    { spec: { replicas: 1 }, status: { ...counts, fullyLabeledReplicas: 2 } },
    'in-progress',
  ],
  [
    'ReplicaSet refused',
    'apps/v1/ReplicaSet',
    { status: { conditions: [condition('ReplicaFailure', 'True', '', 'violates PodSecurity')] } },
    'in-progress',
    { cause: 'ADMISSION_DENIED' },
  ],
  ['StatefulSet ready', 'apps/v1/StatefulSet', { spec: { replicas: 2 }, status: set }, 'current'],
  [
    'StatefulSet OnDelete',
    'apps/v1/StatefulSet',
    { spec: { updateStrategy: { type: 'OnDelete' } }, status: {} },
    'current',
  ],
  [
    'StatefulSet OnDelete, first install',
    'apps/v1/StatefulSet',
    { metadata: { generation: 1 }, spec: { updateStrategy: { type: 'OnDelete' } }, status: {} },
    'in-progress',
  ],
  [
    'StatefulSet not ready',
    'apps/v1/StatefulSet',
    { spec: { replicas: 2 }, status: { ...set, readyReplicas: 1 } },
    'in-progress',
    { reason: '1/2 ready' },
  ],
  ['StatefulSet with old pods', 'apps/v1/StatefulSet', { spec: { replicas: 1 }, status: set }, 'in-progress'],
  [
    'StatefulSet rolling',
    'apps/v1/StatefulSet',
    { spec: { replicas: 2 }, status: { ...set, updateRevision: 'b' } },
    'in-progress',
  ],
  [
    'StatefulSet with few of the revision',
    'apps/v1/StatefulSet',
    { spec: { replicas: 2 }, status: { ...set, currentReplicas: 1 } },
    'in-progress',
  ],
  [
    'StatefulSet, partition reached',
    'apps/v1/StatefulSet',
    {
      spec: { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
      status: { ...set, updatedReplicas: 1, updateRevision: 'b' },
    },
    'current',
  ],
  [
    'StatefulSet, partition not reached',
    'apps/v1/StatefulSet',
    {
      spec: { replicas: 2, updateStrategy: { rollingUpdate: { partition: 0 } } },
      status: { ...set, updatedReplicas: 1 },
    },
    'in-progress',
  ],
  ['DaemonSet ready', 'apps/v1/DaemonSet', { metadata: { generation: 1 }, status: daemons }, 'current'],
  ['DaemonSet unseen', 'apps/v1/DaemonSet', { metadata: { generation: 1 }, status: {} }, 'in-progress'],
  [
    'DaemonSet not updated',
    'apps/v1/DaemonSet',
    { metadata: { generation: 1 }, status: { ...daemons, updatedNumberScheduled: 1 } },
    'in-progress',
    { reason: '1/2 updated' },
  ],
  [
    'DaemonSet not ready',
    'apps/v1/DaemonSet',
    { metadata: { generation: 1 }, status: { ...daemons, numberReady: 1 } },
    'in-progress',
  ],
  ['Job complete', 'batch/v1/Job', { status: { conditions: [condition('Complete', 'True')] } }, 'current'],
  [
    'Job failed',
    'batch/v1/Job',
    { status: { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded')] } },
    'failed',
    { cause: 'JOB_FAILED' },
  ],
  [
    'Job suspended',
    'batch/v1/Job',
    { spec: { suspend: true }, status: { conditions: [condition('Suspended', 'True')] } },
    'current',
  ],
  ['Job running', 'batch/v1/Job', { status: { active: 1 } }, 'in-progress'],
  [
    'CRD established',
    'apiextensions.k8s.io/v1/CustomResourceDefinition',
    { status: { conditions: [condition('NamesAccepted', 'True'), condition('Established', 'True')] } },
    'current',
  ],
  [
    'CRD installing',
    'apiextensions.k8s.io/v1/CustomResourceDefinition',
    { status: { conditions: [condition('Established', 'False', 'Installing')] } },
    'in-progress',
  ],
  [
    'CRD whose names are taken',
    'apiextensions.k8s.io/v1/CustomResourceDefinition',
    { status: { conditions: [condition('NamesAccepted', 'False', '', 'taken')] } },
    'failed',
  ],
  [
    'CRD not established',
    'apiextensions.k8s.io/v1/CustomResourceDefinition',
    { status: { conditions: [condition('Established', 'False', 'Other')] } },
    'failed',
  ],
  // gitops-engine pkg/health/health_apiservice.go; the condition is that of kube-aggregator's availability controllers.
  ['API that nobody has asked yet', 'apiregistration.k8s.io/v1/APIService', {}, 'in-progress'],
  [
    'API that answers',
    'apiregistration.k8s.io/v1/APIService',
    { status: { conditions: [condition('Available', 'True', 'Passed', 'all checks passed')] } },
    'current',
  ],
  [
    'API whose server does not answer',
    'apiregistration.k8s.io/v1/APIService',
    {
      status: {
        conditions: [condition('Available', 'False', 'FailedDiscoveryCheck', 'no response from 10.0.0.1')],
      },
    },
    'in-progress',
    {
      reason:
        'does not answer (FailedDiscoveryCheck: no response from 10.0.0.1), and until it does no namespace',
    },
  ],
  [
    'anything else, Ready',
    'x.io/v1/Any',
    { status: { conditions: [condition('Ready', 'True')] } },
    'current',
  ],
  [
    'anything else, not Ready',
    'x.io/v1/Any',
    { status: { conditions: [condition('Ready', 'False', '', 'no issuer')] } },
    'in-progress',
    { reason: 'no issuer' },
  ],
  [
    'anything else, Ready unknown',
    'x.io/v1/Any',
    { status: { conditions: [condition('Ready', 'Unknown')] } },
    'in-progress',
  ],
  ['anything else without conditions', 'networking.k8s.io/v1/Ingress', { status: {} }, 'current'],
  // DESIGN "Waiting and failing early", last sentence.
  [
    'custom resource not observed yet',
    'x.io/v1/Any',
    {},
    'in-progress',
    { context: { hasStatusSubresource: true, ageMs: 29_999 } },
  ],
  [
    'custom resource never observed',
    'x.io/v1/Any',
    {},
    'current',
    { context: { hasStatusSubresource: true, ageMs: 30_000 }, notObserved: true },
  ],
  [
    'custom resource without a status subresource',
    'x.io/v1/Any',
    {},
    'current',
    { context: { hasStatusSubresource: false, ageMs: 0 } },
  ],
];

function build(text: string, body: Row[2]): KubeObject {
  const parts = text.split('/');
  const kind = parts.pop() ?? '';
  const { metadata, ...rest } = body;
  return {
    apiVersion: parts.join('/'),
    kind,
    ...rest,
    metadata: { name: 'x', namespace: 'ns', ...metadata },
  };
}

describe('health of one object', () => {
  it.each(rows)('%s', (_title, kind, body, status, more = {}) => {
    const health = healthOf(build(kind, body), more.context);
    expect(health.status).toBe(status);
    expect(health.reason).toContain(more.reason ?? '');
    if (more.cause !== undefined) expect(health.cause).toBe(more.cause);
    expect(health.notObserved).toBe(more.notObserved);
  });

  it.each([
    ['', 'ConfigMap', true],
    ['networking.k8s.io', 'Ingress', true],
    ['rbac.authorization.k8s.io', 'Role', true],
    ['', 'Service', false],
    ['apps', 'Deployment', false],
    ['apiregistration.k8s.io', 'APIService', false],
    ['x.io', 'Any', false],
  ])('%s/%s ready when written: %s', (group, kind, expected) => {
    expect(isReadyWhenWritten({ group, kind })).toBe(expected);
  });
});
