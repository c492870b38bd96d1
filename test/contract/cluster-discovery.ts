import { expect, test } from 'vitest';
import { type ContractSetup, errorOf, namespaceKind, refTo, unique } from './setup.ts';
import { withWidgetKind } from './widget-kind.ts';
import { part } from './with-setup.ts';

/** Kinds, versions, custom resources. */
export function discoveryContract(make: () => Promise<ContractSetup>): void {
  part('discovery', make, (setup) => {
    test('a built-in kind is found with and without a version', async () => {
      const { cluster } = setup();
      const expected = {
        group: 'apps',
        version: 'v1',
        kind: 'Deployment',
        resource: 'deployments',
        namespaced: true,
      };
      const found = await cluster.resourceType({ group: 'apps', kind: 'Deployment' });
      expect(found).toMatchObject(expected);
      expect(found?.verbs).toEqual(
        expect.arrayContaining(['create', 'delete', 'get', 'list', 'patch', 'watch']),
      );
      expect(found?.subresources).toContain('status');
      expect(await cluster.resourceType({ group: 'apps', kind: 'Deployment', version: 'v1' })).toMatchObject(
        expected,
      );
      const namespace = await cluster.resourceType({ group: '', kind: 'Namespace' });
      expect(namespace).toMatchObject({ resource: 'namespaces', namespaced: false });
    });

    test('a kind or version that is not served is undefined', async () => {
      const { cluster } = setup();
      expect(await cluster.resourceType({ group: 'apps', kind: 'Nothing' })).toBeUndefined();
      expect(await cluster.resourceType({ group: 'none.example', kind: 'Deployment' })).toBeUndefined();
      expect(
        await cluster.resourceType({ group: 'apps', kind: 'Deployment', version: 'v1beta2' }),
      ).toBeUndefined();
    });

    test('every kind once', async () => {
      const { cluster } = setup();
      const types = await cluster.resourceTypes();
      const names = types.map((type) => `${type.group}/${type.kind}`);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toEqual(expect.arrayContaining(['/ConfigMap', 'apps/StatefulSet', 'batch/Job']));
    });

    test('every version with every kind, as charts ask for them', async () => {
      const { cluster } = setup();
      const names = await cluster.apiVersions();
      expect(names).toEqual([...new Set(names)].sort());
      expect(names).toEqual(
        expect.arrayContaining(['v1', 'v1/ConfigMap', 'apps/v1', 'apps/v1/StatefulSet', 'batch/v1/Job']),
      );
      expect(names).not.toContain('apps/v1/Nothing');
    });

    test('a custom resource can be applied once its definition is, in every version', async () => {
      const { cluster, namespace } = setup();
      const group = `${unique('contract')}.appstore.dev`;
      expect(await cluster.resourceType({ group, kind: 'Widget' })).toBeUndefined();
      await withWidgetKind({ cluster, namespace, group }, async (kind) => {
        const name = unique('widget');
        const widget = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name, namespace } };
        await cluster.apply({ ...widget, spec: { size: 3 } }, { fieldManager: 'appstore' });
        const ref = refTo(kind, namespace, name);
        const read = await cluster.get(ref);
        expect(read?.spec).toEqual({ size: 3 });
        expect(read?.metadata.generation).toBe(1);
        expect(await cluster.delete(ref)).toBe('gone');
      });
    });

    test('version and identity of the cluster', async () => {
      const { cluster } = setup();
      const version = await cluster.version();
      expect(version.major).toBe(1);
      expect(version.minor).toBeGreaterThanOrEqual(29);
      expect(version.gitVersion).toMatch(/^v1\.\d+/);
      const system = await cluster.get(refTo(namespaceKind, '', 'kube-system'));
      expect(await cluster.uid()).toBe(system?.metadata.uid);
    });

    test('a stranger does not learn the identity, and that is no error', async () => {
      const { stranger } = setup();
      expect(await stranger.uid()).toBe('');
    });

    test('an object of an unknown kind cannot be written', async () => {
      const { cluster, namespace } = setup();
      const object = { apiVersion: 'none.example/v1', kind: 'Nothing', metadata: { name: 'x', namespace } };
      expect((await errorOf(cluster.create(object))).code).toBe('KIND_UNKNOWN');
      expect((await errorOf(cluster.apply(object, { fieldManager: 'appstore' }))).code).toBe('KIND_UNKNOWN');
    });
  });
}
