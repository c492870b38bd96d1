import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from '../../src/domain/objects.ts';
import {
  apiErrorOf,
  type ContractSetup,
  configMap,
  configMapKind,
  deployment,
  deploymentKind,
  refTo,
  unique,
} from './setup.ts';
import { part } from './with-setup.ts';

const ours = { fieldManager: 'appstore' };
const theirs = { fieldManager: 'somebody' };

function entryOf(metadata: ObjectMeta, manager: string): ManagedFieldsEntry | undefined {
  return metadata.managedFields?.find((entry) => entry.manager === manager);
}

function withContainer(object: KubeObject, container: JsonObject): KubeObject {
  const { template } = object.spec;
  return {
    ...object,
    spec: { ...object.spec, template: { ...template, spec: { containers: [container] } } },
  };
}

/** Server-side apply. */
export function applyContract(make: () => Promise<ContractSetup>): void {
  part('apply', make, (setup) => {
    test('creates, and records what is applied', async () => {
      const { cluster, namespace } = setup();
      const made = await cluster.apply(configMap(namespace, unique('applied'), { a: '1' }), ours);
      expect(made.data).toEqual({ a: '1' });
      expect(made.metadata.managedFields).toHaveLength(1);
      expect(entryOf(made.metadata, 'appstore')).toMatchObject({
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:a': {} } },
      });
    });

    test('the same again changes nothing: no resourceVersion, no time', async () => {
      const { cluster, namespace } = setup();
      const object = deployment(namespace, unique('again'), 0);
      const made = await cluster.apply(object, ours);
      const again = await cluster.apply(object, ours);
      expect(entryOf(again.metadata, 'appstore')).toEqual(entryOf(made.metadata, 'appstore'));
      expect(again.metadata.generation).toBe(1);
      const map = configMap(namespace, unique('again'), { a: '1' });
      const first = await cluster.apply(map, ours);
      expect((await cluster.apply(map, ours)).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    test('a field that is not applied any more is removed; those of others stay', async () => {
      const { cluster, namespace } = setup();
      const name = unique('removed');
      const object = configMap(namespace, name, { a: '1', b: '1' });
      await cluster.apply({ ...object, metadata: { ...object.metadata, labels: { l: 'v' } } }, ours);
      await cluster.mergePatch(refTo(configMapKind, namespace, name), { data: { c: '1' } }, theirs);
      const applied = await cluster.apply(configMap(namespace, name, { a: '1' }), ours);
      expect(applied.data).toEqual({ a: '1', c: '1' });
      expect(applied.metadata.labels).toBeUndefined();
    });

    test('what two managers apply to the same value belongs to both, and stays until both let go', async () => {
      const { cluster, namespace } = setup();
      const name = unique('shared');
      await cluster.apply(configMap(namespace, name, { a: '1', b: '1' }), ours);
      await cluster.apply(configMap(namespace, name, { a: '1' }), theirs);
      expect((await cluster.apply(configMap(namespace, name, {}), ours)).data).toEqual({ a: '1' });
      expect((await cluster.apply(configMap(namespace, name, {}), theirs)).data ?? {}).toEqual({});
    });

    test('a field that another manager changed is a conflict, named with manager and field', async () => {
      const { cluster, namespace } = setup();
      const name = unique('conflict');
      await cluster.apply(configMap(namespace, name, { a: '1', b: '1' }), ours);
      const ref = refTo(configMapKind, namespace, name);
      const changed = await cluster.mergePatch(ref, { data: { a: '2' } }, theirs);
      expect(entryOf(changed.metadata, 'appstore')?.fieldsV1).toEqual({ 'f:data': { 'f:b': {} } });
      const error = await apiErrorOf(cluster.apply(configMap(namespace, name, { a: '3', b: '2' }), ours));
      expect(error.code).toBe('FIELD_CONFLICT');
      expect(error.failure).toMatchObject({ status: 409, reason: 'Conflict' });
      expect(error.failure.fieldConflicts).toEqual([{ manager: 'somebody', field: '.data.a' }]);
      expect((await cluster.get(ref))?.data).toEqual({ a: '2', b: '1' });
    });

    test('every conflict of every manager is named', async () => {
      const { cluster, namespace } = setup();
      const name = unique('conflicts');
      const ref = refTo(deploymentKind, namespace, name);
      await cluster.apply(deployment(namespace, name, 1), ours);
      await cluster.mergePatch(ref, { spec: { replicas: 0 } }, { fieldManager: 'scaler' });
      const object = withContainer(deployment(namespace, name, undefined), { name: 'web', image: 'other:1' });
      const { selector: _selector, ...spec } = object.spec;
      const image = { ...object, spec };
      expect((await apiErrorOf(cluster.apply(image, theirs))).failure.fieldConflicts).toEqual([
        { manager: 'appstore', field: '.spec.template.spec.containers[name="web"].image' },
      ]);
      const both = { ...image, spec: { ...spec, replicas: 5 } };
      const error = await apiErrorOf(cluster.apply(both, theirs));
      expect(new Set(error.failure.fieldConflicts)).toEqual(
        new Set([
          { manager: 'appstore', field: '.spec.template.spec.containers[name="web"].image' },
          { manager: 'scaler', field: '.spec.replicas' },
        ]),
      );
    });

    test('with force a field is taken, for just the object that was read', async () => {
      const { cluster, namespace } = setup();
      const name = unique('forced');
      const ref = refTo(configMapKind, namespace, name);
      await cluster.apply(configMap(namespace, name, { a: '1' }), ours);
      const read = await cluster.mergePatch(ref, { data: { a: '2', b: '2' } }, theirs);
      const object = configMap(namespace, name, { a: '3' });
      const { uid, resourceVersion } = read.metadata;
      const pinned = { ...object, metadata: { ...object.metadata, uid, resourceVersion } } as KubeObject;
      await cluster.mergePatch(ref, { data: { c: '2' } }, theirs);
      const late = await apiErrorOf(cluster.apply(pinned, { ...ours, force: true }));
      expect(late.code).toBe('API_CONFLICT');
      const forced = await cluster.apply(object, { ...ours, force: true });
      expect(forced.data).toEqual({ a: '3', b: '2', c: '2' });
      expect(entryOf(forced.metadata, 'appstore')?.fieldsV1).toEqual({ 'f:data': { 'f:a': {} } });
      expect(JSON.stringify(entryOf(forced.metadata, 'somebody')?.fieldsV1)).not.toContain('f:a');
    });

    test('setting the value that is live is no conflict: the field belongs to both then', async () => {
      const { cluster, namespace } = setup();
      const name = unique('agreed');
      await cluster.apply(configMap(namespace, name, { a: '1' }), ours);
      await cluster.mergePatch(refTo(configMapKind, namespace, name), { data: { a: '2' } }, theirs);
      const applied = await cluster.apply(configMap(namespace, name, { a: '2' }), ours);
      expect(entryOf(applied.metadata, 'appstore')?.fieldsV1).toEqual({ 'f:data': { 'f:a': {} } });
      expect(entryOf(applied.metadata, 'somebody')?.fieldsV1).toMatchObject({ 'f:data': { 'f:a': {} } });
    });

    test('a key that another manager removed is restored without a conflict', async () => {
      const { cluster, namespace } = setup();
      const name = unique('restored');
      await cluster.apply(configMap(namespace, name, { a: '1', b: '1' }), ours);
      const ref = refTo(configMapKind, namespace, name);
      const cut = await cluster.mergePatch(ref, { data: { a: null } }, theirs);
      expect(JSON.stringify(entryOf(cut.metadata, 'appstore')?.fieldsV1)).not.toContain('f:a');
      expect((await cluster.apply(configMap(namespace, name, { a: '1', b: '1' }), ours)).data).toEqual({
        a: '1',
        b: '1',
      });
    });

    test('keyed lists are merged item by item', async () => {
      const { cluster, namespace } = setup();
      const name = unique('keyed');
      const env = (...names: string[]) => names.map((one) => ({ name: one, value: 'v' }));
      const object = (names: string[], image?: string) => {
        const container = { name: 'web', env: env(...names), ...(image === undefined ? {} : { image }) };
        return withContainer(deployment(namespace, name, 0), container);
      };
      await cluster.apply(object(['A', 'B'], 'one:1'), ours);
      const { selector: _selector, replicas: _replicas, ...spec } = object(['C']).spec;
      await cluster.apply({ ...object(['C']), spec }, theirs);
      const names = (applied: KubeObject) =>
        (applied.spec.template.spec.containers[0].env as { name: string }[]).map((one) => one.name).sort();
      const applied = await cluster.apply(object(['B'], 'one:1'), ours);
      expect(names(applied)).toEqual(['B', 'C']);
      const field = 'k:{"name":"web"}';
      const entry = entryOf(applied.metadata, 'appstore')?.fieldsV1;
      expect(entry).toMatchObject({
        'f:spec': {
          'f:template': {
            'f:spec': {
              'f:containers': {
                [field]: {
                  '.': {},
                  'f:env': { 'k:{"name":"B"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
                  'f:image': {},
                  'f:name': {},
                },
              },
            },
          },
        },
      });
      expect(JSON.stringify(entry)).not.toContain('\\"A\\"');
    });

    test('an item of a keyed list that is not applied any more goes with its defaults', async () => {
      const { cluster, namespace } = setup();
      const name = unique('item');
      const object = (ports: JsonObject[]) =>
        withContainer(deployment(namespace, name, 0), { name: 'web', image: 'one:1', ports });
      await cluster.apply(object([{ containerPort: 80 }, { containerPort: 81, protocol: 'TCP' }]), ours);
      const applied = await cluster.apply(object([{ containerPort: 80 }]), ours);
      const [container] = applied.spec.template.spec.containers;
      expect(container.ports).toMatchObject([{ containerPort: 80 }]);
      expect(container.ports).toHaveLength(1);
    });

    test('a list without keys is one value', async () => {
      const { cluster, namespace } = setup();
      const name = unique('atomic');
      const object = (args: string[]) =>
        withContainer(deployment(namespace, name, 0), { name: 'web', image: 'one:1', args });
      await cluster.apply(object(['a', 'b']), ours);
      const applied = await cluster.apply(object(['b', 'c']), ours);
      expect(applied.spec.template.spec.containers[0].args).toEqual(['b', 'c']);
      await cluster.mergePatch(
        refTo(deploymentKind, namespace, name),
        { spec: { template: { spec: { containers: [{ name: 'web', image: 'one:1', args: ['x'] }] } } } },
        theirs,
      );
      const error = await apiErrorOf(cluster.apply(object(['d']), ours));
      expect(error.failure.fieldConflicts).toContainEqual({
        manager: 'somebody',
        field: '.spec.template.spec.containers[name="web"].args',
      });
    });

    test('replicas left out of an apply fall back only where we owned them alone', async () => {
      const { cluster, namespace } = setup();
      const name = unique('replicas');
      await cluster.apply(deployment(namespace, name, 3), ours);
      await cluster.apply(scaleOnly(namespace, name, 3), theirs);
      const handed = await cluster.apply(deployment(namespace, name, undefined), ours);
      expect(handed.spec.replicas).toBe(3);
      const alone = unique('replicas');
      await cluster.apply(deployment(namespace, alone, 3), ours);
      expect((await cluster.apply(deployment(namespace, alone, undefined), ours)).spec.replicas).toBe(1);
    });

    test('metadata alone: managedFields and no payload', async () => {
      const { cluster, namespace } = setup();
      const answer = await cluster.applyMetadata(configMap(namespace, unique('meta'), { a: '1' }), ours);
      expect(answer).not.toHaveProperty('data');
      expect(answer.kind).toBe('ConfigMap');
      expect(entryOf(answer.metadata, 'appstore')?.fieldsV1).toEqual({ 'f:data': { 'f:a': {} } });
      expect(answer.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    });

    test('a dry run merges, refuses and writes nothing', async () => {
      const { cluster, namespace } = setup();
      const name = unique('dry');
      const ref = refTo(configMapKind, namespace, name);
      const dry = { ...ours, dryRun: true };
      const made = await cluster.apply(configMap(namespace, name, { a: '1' }), dry);
      expect(made.data).toEqual({ a: '1' });
      expect(await cluster.get(ref)).toBeUndefined();
      const { metadata } = await cluster.apply(configMap(namespace, name, { a: '1' }), ours);
      // What tells a creation from a change.
      expect(made.metadata.resourceVersion).toBeUndefined();
      const again = await cluster.applyMetadata(configMap(namespace, name, { a: '1' }), dry);
      expect(again.metadata.resourceVersion).toBe(metadata.resourceVersion);
      const before = await cluster.mergePatch(ref, { data: { a: '2', b: '2' } }, theirs);
      const answer = await cluster.apply(configMap(namespace, name, { c: '3' }), dry);
      expect(answer.data).toEqual({ a: '2', b: '2', c: '3' });
      const error = await apiErrorOf(cluster.apply(configMap(namespace, name, { b: '3' }), dry));
      expect(error.failure.fieldConflicts).toEqual([{ manager: 'somebody', field: '.data.b' }]);
      expect(await cluster.get(ref)).toEqual(before);
    });
  });
}

/** The least that a second manager applies to hold the replicas. */
function scaleOnly(namespace: string, name: string, replicas: number): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas } };
}
