import { gzipSync } from 'node:zlib';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject } from '../../src/domain/objects.ts';

export interface SampleRelease {
  readonly namespace: string;
  readonly name: string;
  readonly version: number;
  readonly status: string;
  /** Over the JSON of the release. */
  readonly over?: JsonObject;
  readonly kind?: 'Secret' | 'ConfigMap';
}

/** The JSON of a release as Helm 3 writes it. */
export function releaseJson({ namespace, name, version, status, over = {} }: SampleRelease): JsonObject {
  return {
    name,
    info: {
      first_deployed: '2026-01-02T03:04:05.123456+01:00',
      last_deployed: `2026-01-02T03:0${version % 10}:05.123456+01:00`,
      deleted: '',
      description: version === 1 ? 'Install complete' : 'Upgrade complete',
      status,
      notes: 'Have fun.',
    },
    chart: {
      metadata: { name: 'demo', version: `1.0.${version}`, appVersion: '9', apiVersion: 'v2' },
      lock: null,
      templates: [
        {
          name: 'templates/config.yaml',
          data: Buffer.from('kind: ConfigMap # {{ .Release.Name }}\n').toString('base64'),
        },
      ],
      values: { replicas: 1 },
      schema: null,
      files: [{ name: 'README.md', data: Buffer.from('# demo\n').toString('base64') }],
    },
    config: { replicas: 2 },
    manifest: `---\n# Source: demo/templates/config.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}-config\ndata:\n  a: b\n`,
    version,
    namespace,
    ...over,
  };
}

/** The object that a driver of Helm keeps a release in. */
export function releaseObject(sample: SampleRelease): KubeObject {
  const kind = sample.kind ?? 'Secret';
  const packed = gzipSync(JSON.stringify(releaseJson(sample))).toString('base64');
  return wrapRelease(sample, kind === 'Secret' ? Buffer.from(packed).toString('base64') : packed);
}

/** The same around any content. */
export function wrapRelease(sample: SampleRelease, release: string): KubeObject {
  const { namespace, name, version, status, kind = 'Secret' } = sample;
  return {
    apiVersion: 'v1',
    kind,
    metadata: {
      name: `sh.helm.release.v1.${name}.v${version}`,
      namespace,
      labels: { name, owner: 'helm', status, version: String(version), modifiedAt: '1767323105' },
    },
    ...(kind === 'Secret' ? { type: 'helm.sh/release.v1' } : {}),
    data: { release },
  };
}
