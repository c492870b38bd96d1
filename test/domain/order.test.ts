import { describe, expect, it } from 'vitest';
import type { ObjectRef } from '../../src/domain/objects.ts';
import {
  applyOrder,
  batches,
  deleteOrder,
  deletionBatches,
  followsItsRank,
  isCustomKind,
  sendingOrder,
  stageOf,
} from '../../src/domain/order.ts';

function ref(groupKind: string, name = 'x', namespace = 'ns'): ObjectRef {
  const [group = '', kind = ''] = groupKind.split('/');
  return { group, kind, version: 'v1', namespace, name };
}

// DESIGN "Applying": the five stages.
const stages: readonly [string, number][] = [
  ['apiextensions.k8s.io/CustomResourceDefinition', 1],
  ['/Namespace', 1],
  ['rbac.authorization.k8s.io/ClusterRole', 1],
  ['storage.k8s.io/StorageClass', 2],
  ['networking.k8s.io/IngressClass', 2],
  ['gateway.networking.k8s.io/GatewayClass', 2],
  ['rbac.authorization.k8s.io/Role', 3],
  ['rbac.authorization.k8s.io/RoleBinding', 4],
  ['/ConfigMap', 4],
  ['apps/Deployment', 4],
  ['coordination.k8s.io/Lease', 4],
  ['gateway.networking.k8s.io/HTTPRoute', 5],
  ['cert-manager.io/Certificate', 5],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', 5],
];

// FACTS "Order, ownership, pruning": the order inside a stage.
const inside = [
  'rbac.authorization.k8s.io/RoleBinding',
  '/ServiceAccount',
  '/ConfigMap',
  '/Secret',
  '/Service',
  '/PersistentVolumeClaim',
  'apps/StatefulSet',
  'apps/Deployment',
  'batch/Job',
  'autoscaling/HorizontalPodAutoscaler',
  'networking.k8s.io/Ingress',
  'example.com/Custom',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
];

const same = (item: ObjectRef): ObjectRef => item;

describe('order', () => {
  it.each(stages)('%s is of stage %i', (kind, stage) => {
    expect(stageOf(ref(kind)).stage).toBe(stage);
  });

  it('writes kinds in the order of the table, whatever order they come in', () => {
    const expected = inside.map((kind) => ref(kind));
    expect(applyOrder([...expected].reverse(), same)).toEqual(expected);
    expect(deleteOrder(expected, same)).toEqual([...expected].reverse());
  });

  it('breaks ties by namespace, then name', () => {
    const expected = [ref('/Secret', 'b', 'a'), ref('/Secret', 'a', 'b'), ref('/Secret', 'b', 'b')];
    expect(applyOrder([...expected].reverse(), same)).toEqual(expected);
  });

  it('puts what is independent into one batch and keeps stages and ranks apart', () => {
    const kinds = [
      '/ConfigMap',
      '/Secret',
      'apps/Deployment',
      '/Namespace',
      'rbac.authorization.k8s.io/Role',
    ];
    const planned = kinds.map((kind) => ({ ref: ref(kind) }));
    const grouped = batches(applyOrder(planned, (item) => item.ref));
    expect(grouped.map((batch) => batch.map((item) => item.ref.kind))).toEqual([
      ['Namespace'],
      ['Role'],
      ['ConfigMap', 'Secret'],
      ['Deployment'],
    ]);
  });

  it('waits only where something needs what is before it', () => {
    const kinds = [
      '/LimitRange',
      'rbac.authorization.k8s.io/RoleBinding',
      'networking.k8s.io/NetworkPolicy',
      '/ServiceAccount',
      '/ConfigMap',
      '/Secret',
      '/Service',
      'apps/Deployment',
      'networking.k8s.io/Ingress',
    ];
    const grouped = batches(kinds.map((kind) => ({ ref: ref(kind) })));
    expect(grouped.map((batch) => batch.map((item) => item.ref.kind))).toEqual([
      ['LimitRange'],
      ['RoleBinding', 'NetworkPolicy', 'ServiceAccount', 'ConfigMap', 'Secret', 'Service'],
      ['Deployment'],
      ['Ingress'],
    ]);
    const sent = sendingOrder(grouped[1] ?? []).map((item) => item.ref.kind);
    expect(sent.slice(0, 3)).toEqual(['Service', 'RoleBinding', 'NetworkPolicy']);
  });

  it('deletes backwards, a Service with the workloads that it leads to and before them', () => {
    const kinds = ['/ConfigMap', '/Secret', '/Service', 'apps/Deployment', 'networking.k8s.io/Ingress'];
    const planned = kinds.map((kind) => ({ ref: ref(kind) }));
    const grouped = deletionBatches(deleteOrder(planned, (item) => item.ref));
    expect(grouped.map((batch) => batch.map((item) => item.ref.kind))).toEqual([
      ['Ingress'],
      ['Service', 'Deployment'],
      ['Secret', 'ConfigMap'],
    ]);
  });

  it('writes a Secret with a token after the ServiceAccounts (token controller)', () => {
    const of = (kind: string, type?: string) => ({
      ref: ref(`/${kind}`),
      desired: { apiVersion: 'v1', kind, metadata: { name: 'x' }, ...(type === undefined ? {} : { type }) },
    });
    const token = of('Secret', 'kubernetes.io/service-account-token');
    const items = [of('ServiceAccount'), of('Secret'), token, of('Service'), of('Pod')];
    const grouped = batches(items, (item) => followsItsRank(item.desired));
    expect(grouped.map((batch) => batch.map((item) => item.ref.kind))).toEqual([
      ['ServiceAccount', 'Secret', 'Service'],
      ['Secret'],
      ['Pod'],
    ]);
  });

  it('knows kinds that need a CRD', () => {
    expect(isCustomKind(ref('gateway.networking.k8s.io/Gateway'))).toBe(true);
    expect(isCustomKind(ref('networking.k8s.io/Ingress'))).toBe(false);
  });
});
