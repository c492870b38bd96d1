import { describe, expect, it } from 'vitest';
import { leastRights, type PolicyRule, type WrittenObject } from '../../src/domain/least-rights.ts';
import { type KubeObject, refOf } from '../../src/domain/objects.ts';

const written = (object: KubeObject, resource: string): WrittenObject => ({
  object,
  ref: refOf(object),
  resource,
});

const object = (apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'team' },
  ...rest,
});

const rbac = 'rbac.authorization.k8s.io/v1';
const team = { namespace: 'team', createNamespace: false };

/** The verbs on a resource in a scope, by whatever rule gives them. */
function verbs(rules: readonly PolicyRule[] | undefined, resource: string): string[] {
  return [
    ...new Set(
      (rules ?? []).filter((rule) => rule.resources.includes(resource)).flatMap((rule) => rule.verbs),
    ),
  ].sort();
}

describe('the least rights', () => {
  it('are those of the record alone for an app without objects', () => {
    expect(leastRights([], team)).toEqual([
      {
        namespace: 'team',
        rules: [
          {
            apiGroups: [''],
            resources: ['configmaps', 'secrets'],
            verbs: ['create', 'delete', 'get', 'list', 'update'],
          },
          {
            apiGroups: ['coordination.k8s.io'],
            resources: ['leases'],
            verbs: ['create', 'delete', 'get', 'update'],
          },
        ],
      },
    ]);
  });

  it('write each kind, read pods only where there are some, and claims only for StatefulSets', () => {
    const [config] = leastRights([written(object('v1', 'ConfigMap', 'a'), 'configmaps')], team);
    expect(verbs(config?.rules, 'configmaps')).toEqual([
      'create',
      'delete',
      'get',
      'list',
      'patch',
      'update',
      'watch',
    ]);
    expect(verbs(config?.rules, 'pods')).toEqual([]);
    const set = object('apps/v1', 'StatefulSet', 'db', { spec: { replicas: 1, template: { spec: {} } } });
    const [stateful] = leastRights([written(set, 'statefulsets')], team);
    expect(verbs(stateful?.rules, 'statefulsets')).toEqual([
      'create',
      'delete',
      'get',
      'list',
      'patch',
      'watch',
    ]);
    expect(verbs(stateful?.rules, 'persistentvolumeclaims')).toEqual(['delete', 'get', 'list', 'watch']);
    expect(verbs(stateful?.rules, 'pods/log')).toEqual(['get', 'list', 'watch']);
    expect(verbs(stateful?.rules, 'horizontalpodautoscalers')).toEqual(['get', 'list']);
  });

  it('hold what a role of the app gives, and may bind a role that it does not bring', () => {
    const role = object(rbac, 'Role', 'own', {
      rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['create'] }],
    });
    const bind = (kind: string, name: string) =>
      object(rbac, 'RoleBinding', `to-${name}`, {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      });
    const [rights] = leastRights(
      [
        written(role, 'roles'),
        written(bind('Role', 'own'), 'rolebindings'),
        written(bind('ClusterRole', 'view'), 'rolebindings'),
      ],
      team,
    );
    expect(verbs(rights?.rules, 'jobs')).toEqual(['create']);
    expect(rights?.rules.filter((rule) => rule.verbs.includes('bind'))).toEqual([
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['clusterroles'],
        resourceNames: ['view'],
        verbs: ['bind'],
      },
    ]);
  });

  it('are parted by namespace, with what has none apart', () => {
    const cluster = { ...object(rbac, 'ClusterRole', 'all', { rules: [] }), metadata: { name: 'all' } };
    const elsewhere = { ...object('v1', 'ConfigMap', 'b'), metadata: { name: 'b', namespace: 'other' } };
    const scopes = leastRights([written(cluster, 'clusterroles'), written(elsewhere, 'configmaps')], {
      namespace: 'team',
      createNamespace: true,
    });
    expect(scopes.map(({ namespace }) => namespace).sort()).toEqual(['', 'other', 'team']);
    const whole = scopes.find(({ namespace }) => namespace === '');
    expect(verbs(whole?.rules, 'namespaces')).toEqual(['create', 'get']);
    expect(verbs(whole?.rules, 'clusterroles')).toEqual([
      'create',
      'delete',
      'get',
      'list',
      'patch',
      'watch',
    ]);
  });
});
