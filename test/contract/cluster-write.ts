import { expect, test } from 'vitest';
import {
  apiErrorOf,
  type ContractSetup,
  configMap,
  configMapKind,
  deployment,
  deploymentKind,
  namespaceKind,
  refTo,
  secretKind,
  unique,
  until,
} from './setup.ts';
import { part } from './with-setup.ts';

/** create, replace and mergePatch. */
export function writeContract(make: () => Promise<ContractSetup>): void {
  part('write', make, (setup) => {
    test('create gives an object its identity', async () => {
      const { cluster, namespace } = setup();
      const name = unique('made');
      const made = await cluster.create(configMap(namespace, name, { a: '1' }));
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.metadata.resourceVersion).toMatch(/^\d+$/);
      expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(await cluster.get(refTo(configMapKind, namespace, name))).toEqual(made);
    });

    test('create refuses what exists', async () => {
      const { cluster, namespace } = setup();
      const name = unique('twice');
      await cluster.create(configMap(namespace, name, { a: '1' }));
      const error = await apiErrorOf(cluster.create(configMap(namespace, name, { a: '2' })));
      expect(error.code).toBe('API_CONFLICT');
      expect(error.failure).toMatchObject({ status: 409, reason: 'AlreadyExists' });
      expect(error.message).toBe(`ConfigMap/${namespace}/${name}: configmaps "${name}" already exists`);
    });

    test('nothing is created in a namespace that is not there', async () => {
      const { cluster } = setup();
      const namespace = unique('missing');
      const error = await apiErrorOf(cluster.create(configMap(namespace, 'a', {})));
      expect(error.code).toBe('NAMESPACE_MISSING');
      expect(error.message).toContain(`namespaces "${namespace}" not found`);
      const applied = cluster.apply(configMap(namespace, 'a', {}), { fieldManager: 'appstore' });
      expect((await apiErrorOf(applied)).code).toBe('NAMESPACE_MISSING');
    });

    test('nothing is created in a namespace that is being deleted', async () => {
      const { cluster } = setup();
      const name = unique('ending');
      const ref = refTo(namespaceKind, '', name);
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      const held = configMap(name, 'held', {});
      await cluster.create({ ...held, metadata: { ...held.metadata, finalizers: ['appstore.dev/test'] } });
      expect(await cluster.delete(ref)).toBe('terminating');
      const error = await apiErrorOf(cluster.create(configMap(name, 'late', {})));
      expect(error.code).toBe('NAMESPACE_TERMINATING');
      expect(error.failure.status).toBe(403);
      await cluster.mergePatch(refTo(configMapKind, name, 'held'), { metadata: { finalizers: null } });
      await until(async () => (await cluster.get(ref)) === undefined);
    });

    test('a name that is none is refused as invalid', async () => {
      const { cluster, namespace } = setup();
      const error = await apiErrorOf(cluster.create(configMap(namespace, 'Not_A_Name', {})));
      expect(error.code).toBe('API_INVALID');
      expect(error.failure).toMatchObject({ status: 422, reason: 'Invalid' });
      expect(error.failure.causes[0]?.field).toBe('metadata.name');
    });

    test('replace changes everything, once for each resourceVersion', async () => {
      const { cluster, namespace } = setup();
      const name = unique('replaced');
      const made = await cluster.create(configMap(namespace, name, { a: '1', b: '1' }));
      const replaced = await cluster.replace({ ...made, data: { a: '2' } });
      expect(replaced.data).toEqual({ a: '2' });
      expect(replaced.metadata.uid).toBe(made.metadata.uid);
      expect(replaced.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
      const error = await apiErrorOf(cluster.replace({ ...made, data: { a: '3' } }));
      expect(error.code).toBe('API_CONFLICT');
      expect(error.failure).toMatchObject({ status: 409, reason: 'Conflict' });
      expect(error.message).toContain(
        'the object has been modified; please apply your changes to the latest version',
      );
      expect((await cluster.get(refTo(configMapKind, namespace, name)))?.data).toEqual({ a: '2' });
    });

    test('replace refuses another object of the same name, by UID', async () => {
      const { cluster, namespace } = setup();
      const made = await cluster.create(configMap(namespace, unique('other'), {}));
      const { resourceVersion: _version, ...metadata } = made.metadata;
      const uid = '00000000-0000-4000-8000-000000000000';
      const error = await apiErrorOf(cluster.replace({ ...made, metadata: { ...metadata, uid } }));
      expect(error.failure).toMatchObject({ status: 409, reason: 'Conflict' });
    });

    test('a write that changes nothing leaves the resourceVersion', async () => {
      const { cluster, namespace } = setup();
      const made = await cluster.create(configMap(namespace, unique('same'), { a: '1' }));
      const replaced = await cluster.replace(made);
      expect(replaced.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    });

    test('a merge patch sets, and removes with null', async () => {
      const { cluster, namespace } = setup();
      const name = unique('patched');
      await cluster.create(configMap(namespace, name, { a: '1', b: '1' }));
      const patched = await cluster.mergePatch(
        refTo(configMapKind, namespace, name),
        { data: { a: '2', b: null, c: '3' }, metadata: { labels: { l: 'v' } } },
        { fieldManager: 'somebody' },
      );
      expect(patched.data).toEqual({ a: '2', c: '3' });
      expect(patched.metadata.labels).toEqual({ l: 'v' });
      const theirs = patched.metadata.managedFields?.find((entry) => entry.manager === 'somebody');
      expect(theirs).toMatchObject({ operation: 'Update', apiVersion: 'v1' });
      expect(theirs?.fieldsV1).toMatchObject({ 'f:data': { 'f:a': {}, 'f:c': {} } });
    });

    test('a merge patch with a resourceVersion is refused where the object changed', async () => {
      const { cluster, namespace } = setup();
      const made = await cluster.create(configMap(namespace, unique('guarded'), { a: '1' }));
      await cluster.replace({ ...made, data: { a: '2' } });
      const { name, resourceVersion = '' } = made.metadata;
      const patch = { metadata: { resourceVersion }, data: { a: '3' } };
      const error = await apiErrorOf(cluster.mergePatch(refTo(configMapKind, namespace, name), patch));
      expect(error.failure).toMatchObject({ status: 409, reason: 'Conflict' });
    });

    test('a merge patch of what is not there is refused', async () => {
      const { cluster, namespace } = setup();
      const error = await apiErrorOf(
        cluster.mergePatch(refTo(configMapKind, namespace, 'none'), { data: { a: '1' } }),
      );
      expect(error.failure).toMatchObject({ status: 404, reason: 'NotFound' });
    });

    test('generation counts changes of the spec alone', async () => {
      const { cluster, namespace } = setup();
      const name = unique('counted');
      const made = await cluster.create(deployment(namespace, name, 0));
      expect(made.metadata.generation).toBe(1);
      const ref = refTo(deploymentKind, namespace, name);
      const labelled = await cluster.mergePatch(ref, { metadata: { labels: { a: 'b' } } });
      expect(labelled.metadata.generation).toBe(1);
      const changed = await cluster.mergePatch(ref, { spec: { minReadySeconds: 1 } });
      expect(changed.metadata.generation).toBe(2);
    });

    test('the data of an immutable Secret cannot change, its metadata can', async () => {
      const { cluster, namespace } = setup();
      const name = unique('frozen');
      const metadata = { name, namespace };
      await cluster.create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata,
        immutable: true,
        data: { a: 'eA==' },
      });
      const ref = refTo(secretKind, namespace, name);
      const error = await apiErrorOf(cluster.mergePatch(ref, { data: { a: 'eQ==' } }));
      expect(error.code).toBe('FIELD_IMMUTABLE');
      const labelled = await cluster.mergePatch(ref, { metadata: { labels: { a: 'b' } } });
      expect(labelled.metadata.labels).toEqual({ a: 'b' });
    });

    test('a field that cannot change is refused by name', async () => {
      const { cluster, namespace } = setup();
      const name = unique('selector');
      await cluster.create(deployment(namespace, name, 0));
      const patch = {
        spec: { selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } } } },
      };
      const error = await apiErrorOf(cluster.mergePatch(refTo(deploymentKind, namespace, name), patch));
      expect(error.code).toBe('FIELD_IMMUTABLE');
      expect(error.failure.status).toBe(422);
      expect(error.message).toContain('spec.selector');
    });

    test('a dry run answers as the write would and writes nothing', async () => {
      const { cluster, namespace } = setup();
      const name = unique('dry');
      const ref = refTo(configMapKind, namespace, name);
      const answer = await cluster.create(configMap(namespace, name, { a: '1' }), { dryRun: true });
      expect(answer.data).toEqual({ a: '1' });
      expect(await cluster.get(ref)).toBeUndefined();
      const made = await cluster.create(configMap(namespace, name, { a: '1' }));
      const replaced = await cluster.replace({ ...made, data: { a: '2' } }, { dryRun: true });
      expect(replaced.data).toEqual({ a: '2' });
      const patched = await cluster.mergePatch(ref, { data: { a: '3' } }, { dryRun: true });
      expect(patched.data).toEqual({ a: '3' });
      expect(await cluster.get(ref)).toEqual(made);
      const refused = cluster.create(configMap(namespace, name, {}), { dryRun: true });
      expect((await apiErrorOf(refused)).failure.reason).toBe('AlreadyExists');
    });

    test('what a stranger writes is refused with what is missing', async () => {
      const { stranger, namespace } = setup();
      const error = await apiErrorOf(stranger.create(configMap(namespace, 'no', {})));
      expect(error.code).toBe('FORBIDDEN');
      expect(error.message).toContain('cannot create resource "configmaps" in API group ""');
      const applied = stranger.apply(configMap(namespace, 'no', {}), { fieldManager: 'appstore' });
      expect((await apiErrorOf(applied)).message).toContain('cannot patch resource "configmaps"');
    });
  });
}
