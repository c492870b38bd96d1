import type { JsonObject } from '../../../src/domain/json.ts';
import type { KubeObject } from '../../../src/domain/objects.ts';
import type { FixtureApp } from '../fixture-app.ts';
import { configMap } from '../fixture-app.ts';

/** Versions of the app that the proofs change between. Each differs from the others in an update, an addition and a deletion. */
export type ProofVersion = 1 | 2 | 3;

const labels = { 'app.kubernetes.io/name': 'one-db' };

function database(version: ProofVersion): KubeObject {
  const container = { name: 'db', image: `example.com/db:${version}` };
  const request = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'one-db' },
    spec: {
      serviceName: 'one-db',
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { terminationGracePeriodSeconds: 0, containers: [container] },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: request }],
    },
  };
}

const service: KubeObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'one-db' },
  spec: { selector: labels, ports: [{ name: 'db', port: 5432, targetPort: 5432 }] },
};

/** Six objects: a ServiceAccount, a Secret with the password, two ConfigMaps, a Service, a StatefulSet with a volume. */
export function proofObjects(version: ProofVersion, password: string): KubeObject[] {
  const data = { password: Buffer.from(password).toString('base64') };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'one-db' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one-auth' }, data },
    configMap('one-config', { version: String(version) }),
    configMap(`one-only-${version}`, { version: String(version) }),
    service,
    database(version),
  ];
}

export const proofSchema = {
  type: 'object',
  properties: { password: { type: 'string', format: 'password', 'x-generate': { length: 20 } } },
} as const;

/** The app at a version, for the spine in process. */
export function proofApp(version: ProofVersion): FixtureApp {
  return {
    version: `${version}.0.0`,
    schema: proofSchema,
    objects: ({ values }: { values: JsonObject }) => proofObjects(version, String(values.password)),
  };
}
