import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../../src/domain/objects.ts';
import { withDefaults } from './defaults.ts';
import type { Store } from './store.ts';

/** What a fresh cluster has: its namespaces, and with nodes also a StorageClass and an IngressClass. */
export function seed(store: Store, now: () => Date, nodes: boolean): void {
  const make = (apiVersion: string, kind: string, name: string, more: Record<string, unknown> = {}) => {
    const { annotations, ...body } = more;
    const object: KubeObject = {
      apiVersion,
      kind,
      metadata: {
        name,
        uid: randomUUID(),
        creationTimestamp: `${now().toISOString().slice(0, 19)}Z`,
        ...(annotations === undefined ? {} : { annotations: annotations as Record<string, string> }),
      },
      ...body,
    };
    store.put(withDefaults(object));
  };
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
    make('v1', 'Namespace', name);
  if (!nodes) return;
  make('storage.k8s.io/v1', 'StorageClass', 'standard', {
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    provisioner: 'kubernetes.io/host-path',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  make('networking.k8s.io/v1', 'IngressClass', 'simulated', {
    annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
    spec: { controller: 'appstore.dev/simulated' },
  });
  for (const name of ['node-1', 'node-2']) {
    make('v1', 'Node', name, { spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  }
}
