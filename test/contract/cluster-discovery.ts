import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { type ContractSetup, errorOf, namespaceKind, refTo, unique, until } from './setup.ts';
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
      const definition = crd(group);
      const crdRef = {
        group: 'apiextensions.k8s.io',
        version: 'v1',
        kind: 'CustomResourceDefinition',
        namespace: '',
        name: definition.metadata.name,
      };
      expect(await cluster.resourceType({ group, kind: 'Widget' })).toBeUndefined();
      await cluster.apply(definition, { fieldManager: 'appstore' });
      try {
        await until(async () => {
          cluster.forgetDiscovery();
          return cluster.resourceType({ group, kind: 'Widget' });
        });
        const name = unique('widget');
        const widget = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name, namespace } };
        await until(() =>
          accepts(cluster.apply({ ...widget, spec: { size: 3 } }, { fieldManager: 'appstore' })),
        );
        const ref = refTo({ group, version: 'v1', kind: 'Widget' }, namespace, name);
        const read = await cluster.get(ref);
        expect(read?.spec).toEqual({ size: 3 });
        expect(read?.metadata.generation).toBe(1);
        expect(await cluster.delete(ref)).toBe('gone');
      } finally {
        await cluster.delete(crdRef);
      }
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

function crd(group: string): KubeObject {
  const properties = { spec: { type: 'object', properties: { size: { type: 'integer' } } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties } },
        },
      ],
    },
  };
}

/** The path of a new kind is served a moment after discovery says so. */
async function accepts(write: Promise<unknown>): Promise<boolean> {
  return write.then(
    () => true,
    () => false,
  );
}
