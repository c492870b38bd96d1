import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { clusterHelmReleases } from '../../src/adapters/kubernetes/helm-releases.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { helmReleaseLimits, parseHelmRelease } from '../../src/domain/helm-release.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { Cluster, HelmReleases, HelmRevisionRef } from '../../src/services/ports.ts';
import { releaseJson, releaseObject, wrapRelease } from '../support/helm-samples.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const sample = { namespace: 'shop', name: 'web', version: 1, status: 'superseded' };
const newest = { ...sample, version: 10, status: 'deployed' };
const secret = { group: '', version: 'v1', kind: 'Secret', namespace: 'shop' };

let cluster: ReturnType<typeof createMemoryCluster>;
let helm: HelmReleases;

beforeEach(async () => {
  cluster = createMemoryCluster();
  helm = clusterHelmReleases(cluster);
  for (const name of ['shop', 'other'])
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
});

const put = (...objects: KubeObject[]) => Promise.all(objects.map((object) => cluster.create(object)));
const only = async (releases = helm): Promise<HelmRevisionRef> => {
  const [ref] = await releases.history('shop', 'web');
  if (ref === undefined) throw new Error('no revision');
  return ref;
};
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'not refused',
    (error: unknown) => (error instanceof AppstoreError ? `${error.code}: ${error.message}` : String(error)),
  );

describe('list', () => {
  it('answers the newest revision of every release of both drivers', async () => {
    await put(
      releaseObject(sample),
      releaseObject(newest),
      releaseObject({ ...sample, namespace: 'other', kind: 'ConfigMap', status: 'pending-install' }),
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'x', namespace: 'shop', labels: { owner: 'helm' } },
      },
    );
    const all = await helm.list({ fallback: 'shop' });
    expect(all.items.map((one) => [one.kind, one.namespace, one.name, one.version, one.status])).toEqual([
      ['Secret', 'shop', 'web', 10, 'deployed'],
      ['ConfigMap', 'other', 'web', 1, 'pending-install'],
    ]);
    expect(all.items[0]?.updatedAt).toBe('2026-01-02T03:05:05.000Z');
    expect((await helm.list({ namespace: 'shop', fallback: 'shop' })).items).toHaveLength(1);
  });

  it('says which kinds may not be listed, and goes on with the one namespace that may be', async () => {
    await put(releaseObject(newest));
    const nobody = clusterHelmReleases(cluster.as('nobody', () => false) as Cluster);
    expect(await nobody.list({ fallback: 'shop' })).toEqual({ items: [], unread: ['Secret', 'ConfigMap'] });
    const limited = clusterHelmReleases(
      cluster.as('limited', (question) => question.namespace === 'shop') as Cluster,
    );
    expect(await limited.list({ fallback: 'shop' })).toMatchObject({
      items: [{ name: 'web' }],
      limitedTo: 'shop',
      unread: [],
    });
  });
});

describe('a revision', () => {
  it.each(['Secret', 'ConfigMap'] as const)('is read from a %s', async (kind) => {
    await put(releaseObject({ ...newest, kind }));
    const ref = await only();
    expect(ref).toMatchObject({ kind, version: 10, adopted: false });
    expect(await helm.read(ref)).toMatchObject({ name: 'web', version: 10, config: { replicas: 2 } });
  });

  it('is hidden from Helm and shown again exactly as it was', async () => {
    const [before] = await put(releaseObject(newest));
    await helm.hide(await only());
    expect((await helm.list({ fallback: 'shop' })).items).toEqual([]);
    const hidden = await only();
    expect(hidden.adopted).toBe(true);
    await helm.show(hidden);
    const after = await cluster.get({ ...secret, name: 'sh.helm.release.v1.web.v10' });
    expect(after?.metadata.labels).toEqual(before?.metadata.labels);
    expect(after?.data).toEqual(before?.data);
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
  });

  it('that Helm changed since it was seen is not hidden', async () => {
    await put(releaseObject(newest));
    const ref = await only();
    await cluster.mergePatch({ ...secret, name: ref.object }, { metadata: { labels: { status: 'failed' } } });
    expect(await refusal(helm.hide(ref))).toContain('API_CONFLICT');
    expect((await only()).adopted).toBe(false);
  });

  it('gets another status in label and content', async () => {
    await put(releaseObject(newest));
    await helm.setStatus(await only(), 'superseded');
    const ref = await only();
    expect(ref.status).toBe('superseded');
    expect((await helm.read(ref)).status).toBe('superseded');
  });

  it('is made hidden, once', async () => {
    const release = parseHelmRelease(JSON.stringify(releaseJson({ ...newest, version: 11 })), 'x');
    await helm.create('Secret', release, new Date(0));
    await helm.create('Secret', release, new Date(0));
    const ref = await only();
    expect(ref).toMatchObject({ version: 11, adopted: true, status: 'deployed' });
    expect(await helm.read(ref)).toEqual(release);
  });

  it('of a later format is listed and not read', async () => {
    const object = releaseObject(newest);
    object.metadata.name = 'sh.helm.release.v2.web.v10';
    await put(object);
    expect(await refusal(helm.read(await only()))).toContain('it has format 2 of Helm');
  });

  const packed = (content: string | Buffer) =>
    Buffer.from(gzipSync(content).toString('base64')).toString('base64');
  it.each([
    ['nothing', '', 'it holds no release'],
    ['a bomb', packed(Buffer.alloc(helmReleaseLimits.unpacked + 1, 32)), 'it is larger than'],
    [
      'half an archive',
      Buffer.from(gzipSync('{}').subarray(0, 12).toString('base64')).toString('base64'),
      'cannot be unpacked',
    ],
    [
      'another release',
      packed(JSON.stringify(releaseJson({ ...newest, name: 'db' }))),
      'it holds revision 10 of shop/db',
    ],
  ])('with %s is refused', async (_what, content, why) => {
    await put(wrapRelease(newest, content));
    expect(await refusal(helm.read(await only()))).toContain(why);
  });

  it('of another type is refused', async () => {
    await put({ ...releaseObject(newest), type: 'helm.sh/release.v9' });
    expect(await refusal(helm.read(await only()))).toContain('its type is helm.sh/release.v9');
  });

  it('is never asked for by a name that is none', async () => {
    expect(await helm.history('shop', 'web,owner=x')).toEqual([]);
  });
});
