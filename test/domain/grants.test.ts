import { describe, expect, it } from 'vitest';
import { autoscaledWorkloads, withoutReplicas } from '../../src/domain/autoscaling.ts';
import { detailOf } from '../../src/domain/detail.ts';
import { grantsOf } from '../../src/domain/grants.ts';
import type { KubeObject } from '../../src/domain/objects.ts';

const rbac = 'rbac.authorization.k8s.io/v1';

function object(
  apiVersion: string,
  kind: string,
  name: string,
  body: object,
  namespace?: string,
): KubeObject {
  const { metadata, ...rest } = body as { metadata?: object };
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...metadata },
    ...rest,
  };
}

const subjects = [{ kind: 'ServiceAccount', namespace: 'apps', name: 'bot' }];
const roleRef = (kind: string, name: string) => ({ kind, name });
const rules = [
  { apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get', 'list'] },
  { apiGroups: ['apps'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['/metrics'], verbs: ['get'] },
];

describe('grants', () => {
  // NEEDS and DESIGN: every install's plan names the cluster-wide rights that the app gets.
  it.each<[string, KubeObject[], [string, string][]]>([
    [
      'cluster-admin',
      [
        object(rbac, 'ClusterRoleBinding', 'all', {
          roleRef: roleRef('ClusterRole', 'cluster-admin'),
          subjects,
        }),
      ],
      [
        [
          'ClusterRoleBinding/all',
          'everything (cluster-admin) in the whole cluster, to ServiceAccount apps/bot',
        ],
      ],
    ],
    [
      'a role of the package, with its rules',
      [
        object(rbac, 'ClusterRole', 'watcher', { rules }),
        object(rbac, 'ClusterRoleBinding', 'w', { roleRef: roleRef('ClusterRole', 'watcher'), subjects }),
      ],
      [
        [
          'ClusterRoleBinding/w',
          'get, list on pods, secrets; all verbs on all resources (apps); get on /metrics in the whole cluster, to ServiceAccount apps/bot',
        ],
      ],
    ],
    [
      'a role that is not in the package',
      [
        object(rbac, 'ClusterRoleBinding', 'w', {
          roleRef: roleRef('ClusterRole', 'other'),
          subjects: [{ kind: 'Group', name: 'g' }],
        }),
      ],
      [['ClusterRoleBinding/w', 'what ClusterRole other allows in the whole cluster, to Group g']],
    ],
    [
      'another namespace',
      [
        object(rbac, 'Role', 'r', { rules: rules.slice(0, 1) }, 'kube-system'),
        object(rbac, 'RoleBinding', 'b', { roleRef: roleRef('Role', 'r'), subjects }, 'kube-system'),
      ],
      [
        [
          'RoleBinding/kube-system/b',
          'get, list on pods, secrets in namespace kube-system, to ServiceAccount apps/bot',
        ],
      ],
    ],
    [
      'its own namespace',
      [object(rbac, 'RoleBinding', 'b', { roleRef: roleRef('Role', 'r'), subjects }, 'apps')],
      [],
    ],
    [
      'aggregated to a role that people have',
      [
        object(rbac, 'ClusterRole', 'more', {
          metadata: { labels: { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' } },
          rules: rules.slice(0, 1),
        }),
      ],
      [['ClusterRole/more', 'get, list on pods, secrets, to everybody who has the role edit']],
    ],
    [
      'aggregated to all of them, told once',
      [
        object(rbac, 'ClusterRole', 'more', {
          metadata: {
            labels: Object.fromEntries(
              ['admin', 'edit', 'view'].map((role) => [
                `rbac.authorization.k8s.io/aggregate-to-${role}`,
                'true',
              ]),
            ),
          },
          rules: rules.slice(0, 1),
        }),
      ],
      [
        [
          'ClusterRole/more',
          'get, list on pods, secrets, to everybody who has the role admin, edit, or view',
        ],
      ],
    ],
  ])('%s', (_title, objects, expected) => {
    expect(grantsOf(objects, 'apps').map(({ by, rights }) => [by, rights])).toEqual(expected);
  });

  it('counts the rules that it does not show', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ ...rules[0], resources: [`r${index}`] }));
    const objects = [
      object(rbac, 'ClusterRole', 'big', { rules: many }),
      object(rbac, 'ClusterRoleBinding', 'b', { roleRef: roleRef('ClusterRole', 'big'), subjects }),
    ];
    expect(grantsOf(objects, 'apps')[0]?.rights).toContain('4 more rules');
  });
});

describe('autoscaling', () => {
  const scaler = (apiVersion: string, kind: string, scaleTargetRef: object) =>
    object(apiVersion, kind, 's', { spec: { scaleTargetRef } }, 'ns');

  it.each([
    [
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' },
      'apps/StatefulSet/db',
    ],
    ['autoscaling/v1', 'HorizontalPodAutoscaler', { kind: 'Deployment', name: 'web' }, 'apps/Deployment/web'],
    ['keda.sh/v1alpha1', 'ScaledObject', { name: 'web' }, 'apps/Deployment/web'],
    ['keda.sh/v1alpha1', 'ScaledObject', { apiVersion: 'x.io/v1', kind: 'Any', name: 'y' }, 'x.io/Any/y'],
  ])('%s %s', (apiVersion, kind, target, expected) => {
    const [found] = autoscaledWorkloads([scaler(apiVersion, kind, target)]);
    expect(`${found?.target.group}/${found?.target.kind}/${found?.target.name}`).toBe(expected);
    expect(found).toMatchObject({ by: `${kind}/ns/s`, target: { namespace: 'ns' } });
  });

  it('is not a matter of vertical autoscalers', () => {
    expect(
      autoscaledWorkloads([scaler('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', { name: 'x' })]),
    ).toEqual([]);
  });

  it('leaves out replicas and nothing else, in a copy', () => {
    const web = object('apps/v1', 'Deployment', 'web', { spec: { replicas: 3, paused: false } });
    expect(withoutReplicas(web).spec).toEqual({ paused: false });
    expect(web.spec.replicas).toBe(3);
  });
});

describe('detail', () => {
  it.each<[string, string, object, string]>([
    ['apps/v1', 'Deployment', { spec: { replicas: 2 }, status: { readyReplicas: 1 } }, '1/2 ready'],
    [
      'v1',
      'PersistentVolumeClaim',
      { status: { phase: 'Bound', capacity: { storage: '8Gi' } } },
      'Bound 8Gi',
    ],
    [
      'v1',
      'PersistentVolumeClaim',
      { spec: { resources: { requests: { storage: '8Gi' } } }, status: { phase: 'Pending' } },
      'Pending 8Gi',
    ],
    [
      'v1',
      'Service',
      {
        spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
        status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
      },
      'LoadBalancer 80, 1.2.3.4',
    ],
    ['v1', 'Service', { spec: { type: 'LoadBalancer' } }, 'LoadBalancer, no external address yet'],
    [
      'networking.k8s.io/v1',
      'Ingress',
      { spec: { rules: [{ host: 'a.example.com' }, { host: 'b.example.com' }] } },
      'a.example.com, b.example.com',
    ],
    ['v1', 'ConfigMap', {}, ''],
  ])('%s %s', (apiVersion, kind, body, expected) => {
    expect(detailOf(object(apiVersion, kind, 'x', body))).toBe(expected);
  });
});
