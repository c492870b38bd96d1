import { clusterHelmReleases } from '../../src/adapters/kubernetes/helm-releases.ts';
import { clusterRecords } from '../../src/adapters/kubernetes/records.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { adoptRelease } from '../../src/services/adopt-release.ts';
import type { AdoptDeps, AdoptRequest, AdoptResult } from '../../src/services/hand-over.ts';
import { type ImportResult, importHelm } from '../../src/services/import-helm.ts';
import type { Clock, Cluster } from '../../src/services/ports.ts';
import type { Session } from '../../src/services/requests.ts';
import { returnRelease } from '../../src/services/return-release.ts';
import { realClock } from './change-harness.ts';
import { hastyClock } from './hasty-clock.ts';
import { releaseObject, type SampleRelease } from './helm-samples.ts';

/** What a process on a cluster is asked to do with releases of Helm. */
export interface HelmProcess {
  readonly deps: AdoptDeps;
  adopt(over?: Partial<AdoptRequest>): Promise<AdoptResult>;
  back(over?: Partial<AdoptRequest>): Promise<AdoptResult>;
  importAll(dryRun?: boolean): Promise<ImportResult>;
}

export const shopWeb = { namespace: 'shop', name: 'web' };

/** A process of its own, which comes after holders of the lock that are dead: what they left is not sat out in real time. */
export function helmProcess(cluster: Cluster, clock?: Clock): HelmProcess {
  const hasty = hastyClock(realClock);
  let seed = 1;
  const deps: AdoptDeps = {
    cluster,
    records: clusterRecords(cluster),
    helm: clusterHelmReleases(cluster),
    clock: clock ?? hasty,
    random: { bytes: (count) => Uint8Array.from({ length: count }, () => (seed++ * 7) % 256) },
  };
  const session: Session = {
    emit: (event) => {
      if (event.type === 'locked') hasty.skip();
    },
    signal: new AbortController().signal,
  };
  const request = { ...shopWeb, dryRun: false, keep: 10, holder: 'test', waitForLock: 60_000 };
  return {
    deps,
    adopt: (over) => adoptRelease(deps, { ...request, ...over }, session),
    back: (over) => returnRelease(deps, { ...request, ...over }, session),
    importAll: (dryRun = false) => importHelm(deps, { ...request, dryRun }, session),
  };
}

/** The objects of the sample release: one that the API server counts generations of, and one with nothing to it. */
export function releaseObjects({ namespace, name } = shopWeb): KubeObject[] {
  const labels = { app: name };
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${name}-config`, namespace },
      data: { a: 'b' },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'web', image: 'nginx:1', env: [{ name: 'A', value: '1' }] }] },
        },
      },
    },
  ];
}

/** Installs a release as Helm leaves it: two revisions, its marks on every object, its fields under its own manager. */
export async function installAsHelm(
  cluster: Cluster,
  { release = shopWeb, over = {} as Partial<SampleRelease>, objects = releaseObjects(release) } = {},
): Promise<void> {
  const manifest = objects
    .map((object) => `---\n# Source: demo/templates/all.yaml\n${JSON.stringify(object)}\n`)
    .join('');
  for (const object of objects) {
    await cluster.apply(withMarks(object, release), { fieldManager: 'helm' });
  }
  for (const version of [1, 2]) {
    const status = version === 2 ? 'deployed' : 'superseded';
    const sample = { ...release, version, status, ...(version === 2 ? over : {}) };
    await cluster.create(
      releaseObject({ ...sample, over: { manifest, apply_method: 'ssa', ...sample.over } }),
    );
  }
}

function withMarks(object: KubeObject, { namespace, name }: typeof shopWeb): KubeObject {
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        ...object.metadata.annotations,
        'meta.helm.sh/release-name': name,
        'meta.helm.sh/release-namespace': namespace,
      },
    },
  };
}

export const secretsKind = { group: '', version: 'v1', kind: 'Secret' };

/** What Helm sees of a release, and what of an object may change when hands change: everything but who holds which field. */
export async function stateOf(cluster: Cluster) {
  const { namespace } = shopWeb;
  const refs = [
    { group: '', version: 'v1', kind: 'ConfigMap', namespace, name: 'web-config' },
    { group: 'apps', version: 'v1', kind: 'Deployment', namespace, name: 'web' },
  ];
  const [secrets, record, ...objects] = await Promise.all([
    cluster.list(secretsKind, { namespace, labelSelector: 'owner=helm' }),
    clusterRecords(cluster).read(namespace, 'web'),
    ...refs.map((ref) => cluster.get(ref)),
  ]);
  return {
    helm: secrets.items.map(({ metadata, data }) => ({ name: metadata.name, labels: metadata.labels, data })),
    record,
    objects: objects.map((object) => ({
      uid: object?.metadata.uid,
      generation: object?.metadata.generation,
      labels: object?.metadata.labels,
      annotations: object?.metadata.annotations,
      spec: object?.spec,
      data: object?.data,
      managers: [...new Set(object?.metadata.managedFields?.map(({ manager }) => manager))],
    })),
  };
}
