import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectRef } from '../../src/domain/objects.ts';
import { history, listInstallations } from '../../src/services/inspect.ts';
import type { Session } from '../../src/services/requests.ts';
import type { ChangeHarness } from '../support/change-harness.ts';
import { configMap, deployment, fieldOf } from '../support/fixture-app.ts';
import type { ChangeSetup } from './change-setup.ts';
import { unique } from './setup.ts';
import { widgetDefinition } from './widget-kind.ts';

type Started = { readonly setup: ChangeSetup; readonly harness: ChangeHarness };

/** A session that is cut after so many objects were written. */
function cutAfter(count: number): Partial<Session> {
  const abort = new AbortController();
  return {
    signal: abort.signal,
    emit: (event) => {
      if (event.type === 'written' && event.done === count) abort.abort(new Error('cut'));
    },
  };
}

function claim(name: string, storage: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
  };
}

function statefulSet(name: string, image: string, storage: string): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name },
    spec: {
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'db', image }] } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
        },
      ],
    },
  };
}

/** What going back promises. */
export function rollbackCases(started: () => Started): void {
  const version = (harness: ChangeHarness, number: string, objects: KubeObject[]) => {
    harness.app = { version: number, objects: () => structuredClone(objects) };
  };
  const revisions = async ({ harness, setup }: Started) =>
    (await history(harness.deps, { namespace: setup.namespace, name: 'one' })).revisions.map((one) => [
      one.number,
      one.operation,
      one.target,
      one.version,
      one.result,
    ]);
  const state = async ({ harness, setup }: Started) =>
    (await listInstallations(harness.deps, { namespace: setup.namespace })).items[0]?.state;

  describe('rollback', () => {
    it('goes back to the revision before from its stored manifests, as a new revision', async () => {
      const { setup, harness } = started();
      await harness.install();
      version(harness, '1.1.0', [
        deployment('one-web', { image: 'example.com/web:2' }),
        configMap('one-new'),
      ]);
      await harness.upgrade({ given: { values: { a: 1 }, secretRefs: [] } });
      // Rendered anew it would be another object.
      version(harness, '1.0.0', [configMap('one-other')]);
      const result = await harness.rollback();
      expect(result.plan.objects.map((one) => [one.ref.kind, one.ref.name, one.action])).toEqual([
        ['ConfigMap', 'one-config', 'create'],
        ['Deployment', 'one-web', 'update'],
        ['ConfigMap', 'one-new', 'delete'],
      ]);
      expect(result.record).toMatchObject({ state: 'deployed', revision: 3, version: '1.0.0' });
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ a: '1' });
      expect(await harness.get('v1', 'ConfigMap', 'one-new')).toBeUndefined();
      expect(await revisions({ setup, harness })).toEqual([
        [3, 'rollback', 1, '1.0.0', 'deployed'],
        [2, 'upgrade', undefined, '1.1.0', 'superseded'],
        [1, 'install', undefined, '1.0.0', 'superseded'],
      ]);
      const record = await harness.deps.records.read(setup.namespace, 'one');
      if (record === undefined) throw new Error('no record');
      const [first, third] = await Promise.all([
        harness.deps.records.revision(record, 1),
        harness.deps.records.revision(record, 3),
      ]);
      expect({ ...third, number: 1 }).toEqual(first);
    });

    it('goes back to the revision that is named, and back again where none is named', async () => {
      const { setup, harness } = started();
      for (const number of ['1.0.0', '1.1.0', '1.2.0']) {
        version(harness, number, [configMap('one-config', { is: number })]);
        await (number === '1.0.0' ? harness.install() : harness.upgrade());
      }
      await harness.rollback({ revision: 1 });
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ is: '1.0.0' });
      await harness.rollback();
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ is: '1.2.0' });
      expect((await revisions({ setup, harness }))[0]).toEqual([5, 'rollback', 3, '1.2.0', 'deployed']);
    });

    it('writes nothing with a dry run, nor where it goes back to what is there (row 23)', async () => {
      const { setup, harness } = started();
      await harness.install();
      version(harness, '1.1.0', [configMap('one-config', { a: '2' })]);
      const upgraded = await harness.upgrade();
      expect(await harness.rollback({ dryRun: true })).toMatchObject({
        outcome: 'planned',
        plan: { operation: 'rollback', revision: 3 },
      });
      expect((await harness.rollback({ revision: 2 })).outcome).toBe('unchanged');
      const record = await harness.deps.records.read(setup.namespace, 'one');
      expect(record?.resourceVersion).toBe(upgraded.record?.resourceVersion);
    });

    it('refuses revisions that are not there', async () => {
      const { harness } = started();
      await expect(harness.rollback()).rejects.toMatchObject({ code: 'INSTALLATION_NOT_FOUND' });
      await harness.install();
      await expect(harness.rollback()).rejects.toMatchObject({ code: 'REVISION_NOT_FOUND' });
      await expect(harness.rollback({ revision: 7 })).rejects.toMatchObject({
        code: 'REVISION_NOT_FOUND',
        message: expect.stringContaining('revision 7'),
      });
    });

    it('leaves volumes as they are, says so, and names the risk for data (row 30)', async () => {
      const { harness } = started();
      version(harness, '1.0.0', [
        statefulSet('one-db', 'example.com/db:1', '1Gi'),
        claim('one-files', '1Gi'),
      ]);
      await harness.install({ wait: false });
      // The way to larger volumes: the set is made anew with other templates, the claim stays.
      await harness.deps.cluster.delete(
        {
          group: 'apps',
          version: 'v1',
          kind: 'StatefulSet',
          namespace: started().setup.namespace,
          name: 'one-db',
        },
        { propagation: 'Orphan' },
      );
      await gone(harness, 'StatefulSet', 'one-db');
      const files = {
        group: '',
        version: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: started().setup.namespace,
        name: 'one-files',
      };
      await harness.deps.cluster.delete(files);
      await gone(harness, 'PersistentVolumeClaim', 'one-files', 'v1');
      version(harness, '2.0.0', [
        statefulSet('one-db', 'example.com/db:2', '2Gi'),
        claim('one-files', '2Gi'),
      ]);
      await harness.upgrade({ wait: false });
      const result = await harness.rollback({ wait: false });
      expect(result.plan.kept).toMatchObject([
        {
          ref: { kind: 'StatefulSet', name: 'one-db' },
          reason: expect.stringMatching(/volumes are not rolled back.*2Gi.*the revision has.*1Gi/),
        },
        {
          ref: { kind: 'PersistentVolumeClaim', name: 'one-files' },
          reason:
            'volumes are not rolled back: .spec.resources stays {"requests":{"storage":"2Gi"}} (the revision has {"requests":{"storage":"1Gi"}})',
        },
      ]);
      expect(result.plan.warnings).toContainEqual(
        expect.objectContaining({
          message: expect.stringContaining('volumes keep the data that fixture 2.0.0 wrote'),
        }),
      );
      const set = await harness.get('apps/v1', 'StatefulSet', 'one-db');
      expect(set?.spec.template.spec.containers[0].image).toBe('example.com/db:1');
      expect(set?.spec.volumeClaimTemplates[0].spec.resources.requests).toEqual({ storage: '2Gi' });
    });

    it('tells an immutable field before anything is written (row 30)', async () => {
      const { setup, harness } = started();
      version(harness, '1.0.0', [configMap('one-config', { a: '1' }), deployment('one-web')]);
      await harness.install();
      await setup.cluster.delete(deploymentRef(setup.namespace));
      const other = deployment('one-web');
      other.spec.selector.matchLabels = { other: 'one' };
      other.spec.template.metadata.labels = { other: 'one' };
      await gone(harness, 'Deployment', 'one-web');
      version(harness, '1.1.0', [configMap('one-config', { a: '2' }), other]);
      await harness.upgrade();
      await expect(harness.rollback()).rejects.toMatchObject({
        code: 'FIELD_IMMUTABLE',
        message: expect.stringContaining('nothing was written'),
        problems: [{ message: expect.stringContaining(`Deployment/${setup.namespace}/one-web`) }],
      });
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ a: '2' });
    });

    it('renders again where an API version is gone, and writes nothing where that does not help (row 17)', async () => {
      const { setup, harness } = started();
      const group = `${unique('g')}.example.com`;
      await setup.cluster.create(widgets(group, ['v1alpha1', 'v1']));
      try {
        await servedIn(harness, group, 'v1alpha1', true);
        let today = 'v1alpha1';
        const widget = (made: string): KubeObject => ({
          apiVersion: `${group}/${made}`,
          kind: 'Widget',
          metadata: { name: 'one-widget' },
          spec: { size: 1 },
        });
        harness.app = { version: '1.0.0', objects: () => [widget(today)] };
        await harness.install();
        version(harness, '2.0.0', [{ ...widget('v1'), spec: { size: 2 } }]);
        await harness.upgrade();

        await setup.cluster.mergePatch(crdRef(group), { spec: widgets(group, ['v1']).spec });
        await servedIn(harness, group, 'v1alpha1', false);
        const before = await setup.cluster.get(indexRef(setup.namespace));
        await expect(harness.rollback()).rejects.toMatchObject({
          code: 'API_VERSION_GONE',
          category: 'failed',
          problems: [
            {
              message: `Widget/${setup.namespace}/one-widget: the cluster does not serve ${group}/v1alpha1 any more`,
            },
          ],
        });
        const after = await setup.cluster.get(indexRef(setup.namespace));
        expect(after?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
        expect(fieldOf(await harness.get(`${group}/v1`, 'Widget', 'one-widget'), 'spec', 'size')).toBe(2);
        expect((await listInstallations(harness.deps, { namespace: setup.namespace })).items).toHaveLength(1);

        today = 'v1';
        const result = await harness.rollback();
        expect(result.plan.warnings[0]?.message).toContain('rendered again');
        expect(fieldOf(await harness.get(`${group}/v1`, 'Widget', 'one-widget'), 'spec', 'size')).toBe(1);

        // The old version is not needed for pruning and removing either.
        version(harness, '3.0.0', [configMap('one-config')]);
        const pruned = await harness.upgrade();
        expect(pruned.plan.objects.map((one) => one.action)).toEqual(['create', 'delete']);
        await harness.remove();
      } finally {
        await setup.cluster.delete(crdRef(group));
      }
    });

    it('writes cluster-scoped objects and RBAC from the record only when told, and shows them apart', async () => {
      const { setup, harness } = started();
      const name = unique('one-role');
      const role = (kind: 'Role' | 'ClusterRole', verbs: string[]): KubeObject => ({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind,
        metadata: { name },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
      });
      const objects = (verbs: string[]) => [
        role('Role', verbs),
        role('ClusterRole', verbs),
        configMap('one-config', { is: verbs.join() }),
      ];
      version(harness, '1.0.0', objects(['get', 'list']));
      await harness.install();
      version(harness, '1.1.0', objects(['get']));
      await harness.upgrade();
      const planned = await harness.rollback({ dryRun: true });
      expect(planned.plan.beyond).toMatchObject([
        { ref: { kind: 'ClusterRole', name }, reason: expect.stringContaining('whole cluster') },
        { ref: { kind: 'Role', name }, reason: expect.stringContaining('rights') },
      ]);
      await expect(harness.rollback()).rejects.toMatchObject({
        code: 'CLUSTER_SCOPE_UNCONFIRMED',
        category: 'input',
        problems: [
          { message: expect.stringContaining(`ClusterRole/${name}`) },
          { message: expect.stringContaining(`Role/${setup.namespace}/${name}`) },
        ],
      });
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ is: 'get' });
      expect((await harness.rollback({ allowClusterScope: true })).record).toMatchObject({ revision: 3 });
      await harness.remove();
    });
  });

  describe('an operation that was cut', () => {
    it('is gone on with exactly, by an upgrade that names nothing', async () => {
      const { setup, harness } = started();
      await harness.install();
      version(harness, '1.1.0', [
        configMap('one-config', { a: '2' }),
        configMap('one-last'),
        deployment('one-web'),
      ]);
      await expect(
        harness.upgrade({ given: { values: { a: 1 }, secretRefs: [] } }, cutAfter(1)),
      ).rejects.toBeDefined();
      expect(await state({ setup, harness })).toBe('upgrading');
      // A newer version that is there by now, and no catalog that could be asked.
      version(harness, '9.0.0', [configMap('one-config', { a: '9' })]);
      Object.assign(harness.deps, { catalogs: [] });
      harness.events.length = 0;
      const result = await harness.upgradeBare();
      expect(result.record).toMatchObject({ state: 'deployed', revision: 2, version: '1.1.0' });
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ a: '2' });
      expect(await harness.get('v1', 'ConfigMap', 'one-last')).toBeDefined();
      expect(harness.events).toContainEqual(
        expect.objectContaining({ type: 'operation', operation: 'upgrade', resumed: true }),
      );
      expect(await revisions({ setup, harness })).toEqual([
        [2, 'upgrade', undefined, '1.1.0', 'deployed'],
        [1, 'install', undefined, '1.0.0', 'superseded'],
      ]);
    });

    it('keeps its number where the same is asked for again', async () => {
      const { setup, harness } = started();
      await harness.install();
      version(harness, '1.1.0', [configMap('one-config', { a: '2' }), configMap('one-last')]);
      const given = { values: { a: 1 }, secretRefs: [] };
      await expect(harness.upgrade({ given }, cutAfter(1))).rejects.toBeDefined();
      harness.events.length = 0;
      const result = await harness.upgrade({ given });
      expect(result.plan.warnings).toEqual([]);
      expect(harness.events).toContainEqual(expect.objectContaining({ type: 'operation', resumed: true }));
      expect(await revisions({ setup, harness })).toEqual([
        [2, 'upgrade', undefined, '1.1.0', 'deployed'],
        [1, 'install', undefined, '1.0.0', 'superseded'],
      ]);
    });

    it('gives way to another intention, and is then known as cut', async () => {
      const { setup, harness } = started();
      await harness.install();
      version(harness, '1.1.0', [configMap('one-config', { a: '2' }), configMap('one-last')]);
      await expect(harness.upgrade({}, cutAfter(1))).rejects.toBeDefined();
      version(harness, '1.2.0', [configMap('one-config', { a: '3' })]);
      harness.events.length = 0;
      const { plan } = await harness.upgrade();
      expect(plan.warnings.map(({ message }) => message)).toEqual([
        'the upgrade to revision 2 was not finished; this takes its place',
      ]);
      expect(harness.events).toContainEqual(expect.objectContaining({ type: 'operation', resumed: false }));
      expect(await harness.get('v1', 'ConfigMap', 'one-last')).toBeUndefined();
      expect(await revisions({ setup, harness })).toEqual([
        [3, 'upgrade', undefined, '1.2.0', 'deployed'],
        [2, 'upgrade', undefined, '1.1.0', 'failed'],
        [1, 'install', undefined, '1.0.0', 'superseded'],
      ]);
    });

    it('of a rollback is gone on with by a rollback that names nothing', async () => {
      const { setup, harness } = started();
      version(harness, '1.0.0', [configMap('one-a', { is: '1' }), configMap('one-b', { is: '1' })]);
      await harness.install();
      version(harness, '1.1.0', [configMap('one-a', { is: '2' }), configMap('one-b', { is: '2' })]);
      await harness.upgrade();
      await expect(harness.rollback({}, cutAfter(1))).rejects.toBeDefined();
      expect(await state({ setup, harness })).toBe('rolling-back');
      const result = await harness.rollback();
      expect(result.record).toMatchObject({ state: 'deployed', revision: 3 });
      expect((await revisions({ setup, harness }))[0]).toEqual([3, 'rollback', 1, '1.0.0', 'deployed']);
    });

    it('is undone: back to what is deployed, whatever of it was written (row 1)', async () => {
      const { setup, harness } = started();
      await harness.install();
      version(harness, '1.1.0', [configMap('one-config', { a: '2' }), configMap('one-new')]);
      await expect(harness.upgrade({}, cutAfter(1))).rejects.toBeDefined();
      const result = await harness.rollback({ undo: true });
      expect(result.record).toMatchObject({ state: 'deployed', revision: 3, version: '1.0.0' });
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ a: '1' });
      expect(await harness.get('v1', 'ConfigMap', 'one-new')).toBeUndefined();
      expect(await revisions({ setup, harness })).toEqual([
        [3, 'rollback', 1, '1.0.0', 'deployed'],
        [2, 'upgrade', undefined, '1.1.0', 'failed'],
        [1, 'install', undefined, '1.0.0', 'superseded'],
      ]);
      await expect(harness.rollback({ undo: true })).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' });
    });

    it('of a first install has nothing to go back to: the removal is named', async () => {
      const { harness } = started();
      await expect(harness.install({}, cutAfter(1))).rejects.toBeDefined();
      await expect(harness.rollback({ undo: true })).rejects.toMatchObject({
        code: 'NOTHING_TO_UNDO',
        hint: expect.stringContaining('appstore remove one'),
      });
    });
  });
}

function deploymentRef(namespace: string): ObjectRef {
  return { group: 'apps', version: 'v1', kind: 'Deployment', namespace, name: 'one-web' };
}

function indexRef(namespace: string): ObjectRef {
  return { group: '', version: 'v1', kind: 'ConfigMap', namespace, name: 'appstore.one' };
}

function crdRef(group: string): ObjectRef {
  return {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    namespace: '',
    name: `widgets.${group}`,
  };
}

/** A CRD with two versions, of which these are served; the last one is stored. */
function widgets(group: string, served: readonly string[]): KubeObject {
  return widgetDefinition(
    group,
    ['v1alpha1', 'v1'].map((name) => ({ name, served: served.includes(name) })),
  );
}

/** Waits until discovery serves a version of a kind, or does not any more: the API server is a moment behind its CRDs. */
async function servedIn(
  { deps }: ChangeHarness,
  group: string,
  version: string,
  wanted: boolean,
): Promise<void> {
  await expect
    .poll(
      async () => {
        deps.cluster.forgetDiscovery();
        return (await deps.cluster.resourceType({ group, version, kind: 'Widget' })) !== undefined;
      },
      { timeout: 20_000 },
    )
    .toBe(wanted);
}

/** Waits until an object is gone: garbage collection comes after the answer to a deletion. */
async function gone(harness: ChangeHarness, kind: string, name: string, version = 'apps/v1'): Promise<void> {
  await expect.poll(() => harness.get(version, kind, name), { timeout: 20_000 }).toBeUndefined();
}
