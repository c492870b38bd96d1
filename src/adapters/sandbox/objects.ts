import type { JsonObject } from '../../domain/json.ts';

/** An object that every sandbox holds from the start, with the path that creates it. */
export interface StartObject {
  readonly path: string;
  readonly object: JsonObject;
}

export const NODES = ['sandbox-1', 'sandbox-2'] as const;

/** Room for more pods than a laptop's API server can hold, but not endless: a pod can be too big for it. */
const ROOM = { cpu: '256', memory: '1Ti', 'ephemeral-storage': '4Ti', pods: '10000' };

const node = (name: string): StartObject => ({
  path: '/api/v1/nodes',
  object: {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'node.kubernetes.io/instance-type': 'simulated',
        type: 'kwok',
      },
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
    },
    status: {
      capacity: ROOM,
      allocatable: ROOM,
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'simulated://0',
        kernelVersion: 'simulated',
        kubeProxyVersion: '',
        kubeletVersion: 'v1.36.3',
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'simulated: no container runs',
        systemUUID: '',
      },
    },
  },
});

/** Volumes are bound when a pod wants them; the controller manager makes a folder for each (`clean.ts` removes it). */
const STORAGE_CLASS: StartObject = {
  path: '/apis/storage.k8s.io/v1/storageclasses',
  object: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/host-path',
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  },
};

const INGRESS_CLASS: StartObject = {
  path: '/apis/networking.k8s.io/v1/ingressclasses',
  object: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'sandbox', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: 'appstore.dev/sandbox' },
  },
};

export const START_OBJECTS: readonly StartObject[] = [...NODES.map(node), STORAGE_CLASS, INGRESS_CLASS];
