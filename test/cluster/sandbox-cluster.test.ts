import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SANDBOX_NOTICE } from '../../src/domain/sandbox.ts';
import { adminRequest, readAdmin } from '../support/admin.ts';
import { eventually, freshNamespace, kube, testKubeconfig } from '../support/sandbox.ts';

const container = { name: 'app', image: 'registry.example/app:1' };

test('a StatefulSet gets ready, and its claim gets a volume of the default class with a folder', async () => {
  const namespace = await freshNamespace();
  const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets`;
  const labels = { app: 'db' };
  await kube('POST', path, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      serviceName: 'db',
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  });
  await eventually(async () => (await kube('GET', `${path}/db`)).status.readyReplicas === 1);
  const claim = await kube('GET', `/api/v1/namespaces/${namespace}/persistentvolumeclaims/data-db-0`);
  expect(claim).toMatchObject({ spec: { storageClassName: 'standard' }, status: { phase: 'Bound' } });
  const volume = await kube('GET', `/api/v1/persistentvolumes/${claim.spec.volumeName}`);
  const folder = await stat(volume.spec.hostPath.path);
  expect(folder.isDirectory()).toBe(true);
});

test('there is one class of volumes and one of ingresses, each the default', async () => {
  const ingress = await kube('GET', '/apis/networking.k8s.io/v1/ingressclasses');
  expect(ingress.items).toMatchObject([
    { metadata: { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } } },
  ]);
  const classes = await kube('GET', '/apis/storage.k8s.io/v1/storageclasses');
  expect(classes.items).toMatchObject([
    {
      metadata: {
        name: 'standard',
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: 'kubernetes.io/host-path',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  ]);
});

test('the log of a container, and that of its run before, come through the API server', async () => {
  const namespace = await freshNamespace();
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one' }, spec: { containers: [container] } };
  await kube('POST', path, pod);
  await eventually(async () => (await kube('GET', `${path}/one`)).status.phase === 'Running');
  const log: string = await kube('GET', `${path}/one/log`);
  expect(log.trim().split('\n')).toEqual([SANDBOX_NOTICE, 'starting', 'listening', 'ready']);
  const previous: string = await kube('GET', `${path}/one/log?previous=true&tailLines=1`);
  expect(previous).toBe('exiting with code 1\n');
});

test('nobody comes in without a certificate', async () => {
  const { server, tls } = await readAdmin(testKubeconfig());
  const stranger = { server, tls: { ca: tls.ca } };
  expect((await adminRequest(stranger, 'GET', '/api/v1/namespaces')).status).toBe(401);
});

test('a pod that is too big for the nodes finds none', async () => {
  const namespace = await freshNamespace();
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const resources = { requests: { cpu: '100k' } };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'big' },
    spec: { containers: [{ ...container, resources }] },
  };
  await kube('POST', path, pod);
  await eventually(async () => {
    const { status } = await kube('GET', `${path}/big`);
    return status.conditions?.some(({ message }: { message?: string }) =>
      message?.includes('2 Insufficient cpu'),
    );
  });
});
