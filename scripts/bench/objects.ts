import type { JsonObject } from '../../src/domain/json.ts';
import { displayId, type KubeObject, refOf } from '../../src/domain/objects.ts';

/** Twenty each of five kinds. */
const each = 20;
/** How many ConfigMaps the second version adds. */
const added = 5;

/**
 * The manifests that both tools install; names begin with a mark that each tool replaces by the installation's name. The
 * Deployments run one pod each, without a service account token, so that the control plane does no work that only one has.
 */
export function benchObjects(mark: string, version: 1 | 2): readonly JsonObject[] {
  const numbers = Array.from({ length: each }, (_, at) => at);
  const more = version === 1 ? [] : Array.from({ length: added }, (_, at) => each + at);
  const name = (at: number) => `${mark}-${at}`;
  return [
    ...numbers.map((at) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: name(at) } })),
    ...[...numbers, ...more].map((at) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: name(at) },
      data: { 'settings.conf': `port = 8080\nworkers = ${at}\n`, greeting: 'hello' },
    })),
    ...numbers.map((at) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: name(at) },
      type: 'Opaque',
      data: { token: Buffer.from(`token of ${at}`).toString('base64') },
    })),
    ...numbers.map((at) => service(name(at))),
    ...numbers.map((at) => deployment(name(at))),
  ];
}

/** The same as they are in a namespace. */
export function objectsIn(namespace: string, mark: string, version: 1 | 2): readonly KubeObject[] {
  return benchObjects(mark, version).map((object) => {
    const { apiVersion, kind, metadata } = object as unknown as KubeObject;
    return { ...object, apiVersion, kind, metadata: { ...metadata, namespace } };
  });
}

/** What the second version adds. */
export function addedIn(namespace: string, mark: string): readonly KubeObject[] {
  const first = new Set(objectsIn(namespace, mark, 1).map((object) => displayId(refOf(object))));
  return objectsIn(namespace, mark, 2).filter((object) => !first.has(displayId(refOf(object))));
}

function service(name: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] },
  };
}

function deployment(name: string): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          containers: [
            {
              name: 'main',
              image: 'registry.k8s.io/pause:3.10',
              ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
              envFrom: [{ configMapRef: { name } }, { secretRef: { name } }],
              resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } },
            },
          ],
        },
      },
    },
  };
}
