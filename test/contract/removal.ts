import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { leaseRef } from '../../src/domain/lease.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { namespaceRef } from '../../src/services/delete-namespace.ts';
import { forget } from '../../src/services/forget.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { verify } from '../../src/services/verify.ts';
import { type ChangeHarness, changeHarness, realClock } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { unique } from './setup.ts';
import { widgetDefinition } from './widget-kind.ts';

/** A cluster in which namespaces may be made. */
export interface RemovalSetup {
  readonly cluster: Cluster;
  dispose(): Promise<void>;
}

const secretSchema = {
  type: 'object',
  properties: { password: { type: 'string', format: 'password', 'x-generate': { length: 24 } } },
} as const;

/** A StatefulSet with one volume, of the default storage class or of one by name. */
export function statefulSet(name: string, storageClass?: string): KubeObject {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': 'one' };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            { name: 'db', image: 'example.com/db:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
          ],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '1Gi' } },
            ...(storageClass === undefined ? {} : { storageClassName: storageClass }),
          },
        },
      ],
    },
  };
}

/** What removing promises beyond deleting: what stays is told, found, and goes only when asked for. */
export function removalContract(name: string, setUp: () => Promise<RemovalSetup>): void {
  describe(`leftovers of a removal on ${name}`, () => {
    let setup: RemovalSetup;
    let harness: ChangeHarness;
    let namespace: string;
    const signal = new AbortController().signal;
    const left = async () => (await verify(harness.deps, { namespace, name: 'one' }, signal)).left;
    const live = () =>
      setup.cluster.getMetadata({
        group: '',
        version: 'v1',
        kind: 'Namespace',
        namespace: '',
        name: namespace,
      });

    beforeEach(async () => {
      setup = await setUp();
      namespace = unique('removal');
      harness = changeHarness({
        cluster: setup.cluster,
        namespace,
        name: 'one',
        app: {
          version: '1.0.0',
          objects: () => [configMap('one-config', { a: '1' }), deployment('one-web')],
        },
      });
    });
    afterEach(async () => {
      await setup.cluster.delete({
        group: '',
        version: 'v1',
        kind: 'Namespace',
        namespace: '',
        name: namespace,
      });
      await setup.dispose();
    });

    it('deletes the namespace that it made, when it is empty, and verify finds nothing (rows 20, 21)', async () => {
      await harness.install({ createNamespace: true });
      expect(await left()).not.toEqual([]);
      const result = await harness.remove({ deleteNamespace: true });
      expect(result).toMatchObject({ outcome: 'removed', waited: true, left: [] });
      expect(await live()).toBeUndefined();
      expect(await left()).toEqual([]);
    });

    it('keeps the namespace unless told, and says so', async () => {
      await harness.install({ createNamespace: true });
      const result = await harness.remove();
      expect(result.left).toEqual([
        { ref: expect.objectContaining({ kind: 'Namespace', name: namespace }), reason: expect.any(String) },
      ]);
      expect(await left()).toMatchObject([{ ref: { kind: 'Namespace', name: namespace } }]);
    });

    it('never deletes a namespace that holds something else, and writes nothing (row 21)', async () => {
      await harness.install({ createNamespace: true });
      const theirs = configMap('theirs', {});
      await setup.cluster.create({ ...theirs, metadata: { name: 'theirs', namespace } });
      await expect(harness.remove({ deleteNamespace: true })).rejects.toMatchObject({
        code: 'NAMESPACE_IN_USE',
        problems: [{ message: `ConfigMap/${namespace}/theirs` }],
      });
      expect(await harness.get('apps/v1', 'Deployment', 'one-web')).toBeDefined();
    });

    it('never deletes a namespace that it did not make, whatever the record says (row 21)', async () => {
      await setup.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      await harness.install();
      await expect(harness.remove({ deleteNamespace: true })).rejects.toMatchObject({
        code: 'NAMESPACE_IN_USE',
      });
      expect(await harness.get('v1', 'ConfigMap', 'one-config')).toBeDefined();
    });

    it('tells of volumes and of the secrets that open them, and takes both when told (row 20)', async () => {
      harness.app = { version: '1.0.0', schema: secretSchema, objects: () => [statefulSet('one-db')] };
      await harness.install({ createNamespace: true });
      const kinds = ['Namespace', 'PersistentVolumeClaim', 'Secret'];
      const { plan } = await harness.remove({ dryRun: true });
      expect(plan.kept.map(({ ref }) => ref.kind).sort()).toEqual(kinds);
      const result = await harness.remove();
      expect(result.left.map(({ ref }) => ref.kind).sort()).toEqual(kinds);
      expect((await left()).map(({ ref }) => ref.kind).sort()).toEqual(kinds);

      await harness.install();
      const purged = await harness.remove({ purgeData: true, deleteNamespace: true });
      expect(purged.left).toEqual([]);
      expect(await left()).toEqual([]);
    });

    it.each([
      ['keeps a CRD with live objects', false],
      ['takes a CRD with live objects when told', true],
    ])('%s (row 4)', async (_, purgeCrds) => {
      const group = `${unique('g')}.example.com`;
      const crd = widgetDefinition(group);
      const ref = {
        group: 'apiextensions.k8s.io',
        version: 'v1',
        kind: crd.kind,
        namespace: '',
        name: crd.metadata.name,
      };
      harness.app = { version: '1.0.0', objects: () => [crd] };
      await harness.install({ createNamespace: true });
      await setup.cluster.create({
        apiVersion: `${group}/v1`,
        kind: 'Widget',
        metadata: { name: 'theirs', namespace },
      });
      const told = (await harness.remove({ purgeCrds })).left.map((one) => one.reason);
      const kept = expect.stringContaining('1 Widget objects exist');
      expect(told.join()).not.toContain('--purge-crds');
      expect(told).toEqual(purgeCrds ? expect.not.arrayContaining([kept]) : expect.arrayContaining([kept]));
      expect((await setup.cluster.getMetadata(ref)) === undefined).toBe(purgeCrds);
      expect((await left()).some((one) => one.ref.kind === crd.kind)).toBe(!purgeCrds);
      await setup.cluster.delete(ref);
    });

    it('lets go of its lock before it waits for a namespace that takes long (rows 1, 21)', async () => {
      const app = { version: '1.0.0', objects: () => [configMap('one-config', {})] };
      const quick = changeHarness({ cluster: setup.cluster, namespace, name: 'one', app, lockSeconds: 1 });
      await quick.install({ createNamespace: true });
      const hold = (finalizers: string[] | null) =>
        setup.cluster.mergePatch(namespaceRef(namespace), { metadata: { finalizers } });
      await hold(['example.com/hold']);
      const removal = quick.remove({ deleteNamespace: true });
      removal.catch(() => undefined);
      await vi.waitUntil(async () => (await live())?.metadata.deletionTimestamp !== undefined, 10_000);
      // Longer than the lock lasts: the namespace takes the Lease with it, which is no reason to call it lost.
      await realClock.sleep(1500);
      expect(await setup.cluster.get(leaseRef({ namespace, name: 'one' }))).toBeUndefined();
      await hold(null);
      expect(await removal).toMatchObject({ outcome: 'removed', left: [] });
    });

    it('forgets the record and keeps the objects', async () => {
      await harness.install({ createNamespace: true });
      const request = { namespace, name: 'one', confirmed: true, holder: 'test' };
      const session = { emit: () => {}, signal };
      await expect(forget(harness.deps, { ...request, confirmed: false }, session)).rejects.toMatchObject({
        code: 'CONFIRMATION_NEEDED',
      });
      const result = await forget(harness.deps, request, session);
      expect(result.kept.map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'Deployment']);
      expect(await harness.get('apps/v1', 'Deployment', 'one-web')).toBeDefined();
      await expect(forget(harness.deps, request, session)).rejects.toMatchObject({
        code: 'INSTALLATION_NOT_FOUND',
      });
      // Nobody has them any more: a new install names them instead of taking them silently.
      await expect(harness.install()).rejects.toMatchObject({ code: 'OBJECT_ADOPTABLE' });
    });
  });
}
