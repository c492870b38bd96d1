import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { type NewObject, quotaProblems } from '../../src/domain/quota.ts';

function quota(
  hard: Record<string, string>,
  used: Record<string, string> = {},
  spec: object = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'ns' },
    spec,
    status: { hard, used },
  };
}

function deployment(name: string, replicas: number, resources: object): NewObject {
  const spec = { replicas, template: { spec: { containers: [{ name: 'c', resources }] } } };
  return {
    object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'ns' }, spec },
    resource: 'deployments',
  };
}

function configMap(name: string): NewObject {
  return {
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'ns' } },
    resource: 'configmaps',
  };
}

const claimSpec = { storageClassName: 'fast', resources: { requests: { storage: '4Gi' } } };
const set: NewObject = {
  object: {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 's', namespace: 'ns' },
    spec: {
      replicas: 2,
      template: { spec: { containers: [] } },
      volumeClaimTemplates: [{ spec: claimSpec }],
    },
  },
  resource: 'statefulsets',
};
const balancer: NewObject = {
  object: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'b', namespace: 'ns' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }, { port: 443 }] },
  },
  resource: 'services',
};

describe('what the plan adds up against quotas', () => {
  const cases: readonly [string, KubeObject, NewObject[], string[]][] = [
    ['one ConfigMap fits', quota({ configmaps: '2' }, { configmaps: '1' }), [configMap('a')], []],
    [
      'two do not, though each alone would',
      quota({ configmaps: '2' }, { configmaps: '1' }),
      [configMap('a'), configMap('b')],
      ['needs 2, 1 of 2'],
    ],
    [
      'counted by resource and group',
      quota({ 'count/deployments.apps': '0' }),
      [deployment('d', 1, {})],
      ['count/deployments.apps'],
    ],
    [
      'pods of all replicas',
      quota({ pods: '3' }, { pods: '1' }),
      [deployment('d', 3, {})],
      ['needs 3, 1 of 3'],
    ],
    [
      'requests times replicas',
      quota({ 'requests.cpu': '1' }),
      [deployment('d', 3, { requests: { cpu: '400m' } })],
      ['needs 1200m, 0 of 1'],
    ],
    [
      'cpu is short for the request',
      quota({ cpu: '1' }),
      [deployment('d', 3, { requests: { cpu: '400m' } })],
      ['cpu: the app needs 1200m'],
    ],
    [
      'a limit stands for a request not said',
      quota({ 'requests.memory': '1Gi' }),
      [deployment('d', 2, { limits: { memory: '1Gi' } })],
      ['needs 2Gi'],
    ],
    [
      'just fits',
      quota({ 'requests.cpu': '1200m' }),
      [deployment('d', 3, { requests: { cpu: '400m' } })],
      [],
    ],
    [
      'claims of a StatefulSet',
      quota({ persistentvolumeclaims: '1', 'requests.storage': '6Gi' }),
      [set],
      ['needs 2', 'needs 8Gi'],
    ],
    [
      'storage of a class',
      quota({ 'fast.storageclass.storage.k8s.io/requests.storage': '7Gi' }),
      [set],
      ['needs 8Gi'],
    ],
    [
      'a load balancer takes node ports too',
      quota({ 'services.loadbalancers': '1', 'services.nodeports': '1' }),
      [balancer],
      ['needs 2, 0 of 1'],
    ],
    [
      'a scoped quota is left to the server',
      quota({ pods: '0' }, {}, { scopes: ['BestEffort'] }),
      [deployment('d', 1, {})],
      [],
    ],
    ['a quota without status yet', { ...quota({ pods: '0' }), status: {} }, [deployment('d', 1, {})], []],
  ];
  it.each(cases)('%s', (_name, given, created, expected) => {
    const messages = quotaProblems([given], created).map((problem) => problem.message);
    expect(messages).toHaveLength(expected.length);
    for (const [index, text] of expected.entries()) expect(messages[index]).toContain(text);
    for (const message of messages) expect(message).toMatch(/^ResourceQuota\/ns\/q: /);
  });
});
