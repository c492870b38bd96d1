import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import {
  apiErrorOf,
  type ContractSetup,
  configMap,
  configMapKind,
  namespaceKind,
  refTo,
  unique,
  until,
} from './setup.ts';
import { part } from './with-setup.ts';

/** delete: preconditions, finalizers, dependents, namespaces. */
export function deleteContract(make: () => Promise<ContractSetup>): void {
  part('delete', make, (setup) => {
    test('gone, and absent the second time', async () => {
      const { cluster, namespace } = setup();
      const made = await cluster.create(configMap(namespace, unique('deleted'), {}));
      const ref = refTo(configMapKind, namespace, made.metadata.name);
      expect(await cluster.delete(ref)).toBe('gone');
      expect(await cluster.get(ref)).toBeUndefined();
      expect(await cluster.delete(ref)).toBe('absent');
    });

    test('another UID or an old resourceVersion is refused and deletes nothing', async () => {
      const { cluster, namespace } = setup();
      const made = await cluster.create(configMap(namespace, unique('kept'), { a: '1' }));
      const { name, uid = '', resourceVersion = '' } = made.metadata;
      const ref = refTo(configMapKind, namespace, name);
      const other = '00000000-0000-4000-8000-000000000000';
      const error = await apiErrorOf(cluster.delete(ref, { uid: other }));
      expect(error.code).toBe('API_CONFLICT');
      expect(error.failure).toMatchObject({ status: 409, reason: 'Conflict' });
      expect(error.message).toContain('UID in the precondition');
      await cluster.replace({ ...made, data: { a: '2' } });
      const old = await apiErrorOf(cluster.delete(ref, { uid, resourceVersion }));
      expect(old.failure).toMatchObject({ status: 409, reason: 'Conflict' });
      expect((await cluster.get(ref))?.data).toEqual({ a: '2' });
      expect(await cluster.delete(ref, { uid })).toBe('gone');
    });

    test('a finalizer holds it as terminating until it is taken away', async () => {
      const { cluster, namespace } = setup();
      const name = unique('held');
      const ref = refTo(configMapKind, namespace, name);
      const object = configMap(namespace, name, {});
      await cluster.create({
        ...object,
        metadata: { ...object.metadata, finalizers: ['appstore.dev/test'] },
      });
      expect(await cluster.delete(ref)).toBe('terminating');
      expect((await cluster.get(ref))?.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
      expect(await cluster.delete(ref)).toBe('terminating');
      await cluster.mergePatch(ref, { metadata: { finalizers: null } });
      expect(await cluster.get(ref)).toBeUndefined();
    });

    test('a dry run deletes nothing', async () => {
      const { cluster, namespace } = setup();
      const made = await cluster.create(configMap(namespace, unique('dry'), {}));
      const ref = refTo(configMapKind, namespace, made.metadata.name);
      expect(await cluster.delete(ref, { dryRun: true })).toBe('gone');
      expect(await cluster.get(ref)).toEqual(made);
    });

    test('dependents follow their owner, and stay where they are orphaned', async () => {
      const { cluster, namespace } = setup();
      for (const propagation of ['Background', 'Foreground', 'Orphan'] as const) {
        const owner = await cluster.create(configMap(namespace, unique('owner'), {}));
        const dependent = await cluster.create(ownedBy(owner, unique('dependent')));
        const ownerRef = refTo(configMapKind, namespace, owner.metadata.name);
        const ref = refTo(configMapKind, namespace, dependent.metadata.name);
        const outcome = await cluster.delete(ownerRef, { propagation });
        expect(outcome).toBe(propagation === 'Background' ? 'gone' : 'terminating');
        await until(async () => (await cluster.get(ownerRef)) === undefined);
        if (propagation !== 'Orphan') await until(async () => (await cluster.get(ref)) === undefined);
        else expect((await cluster.get(ref))?.metadata.ownerReferences).toBeUndefined();
      }
    });

    test('a namespace goes with everything in it', async () => {
      const { cluster } = setup();
      const name = unique('emptied');
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await cluster.create(configMap(name, 'inside', {}));
      const ref = refTo(namespaceKind, '', name);
      expect(await cluster.delete(ref)).toBe('terminating');
      await until(async () => (await cluster.get(ref)) === undefined);
      expect(await cluster.get(refTo(configMapKind, name, 'inside'))).toBeUndefined();
    });

    test('a stranger may not', async () => {
      const { cluster, stranger, namespace } = setup();
      const made = await cluster.create(configMap(namespace, unique('safe'), {}));
      const ref = refTo(configMapKind, namespace, made.metadata.name);
      expect((await apiErrorOf(stranger.delete(ref))).code).toBe('FORBIDDEN');
      expect(await cluster.get(ref)).toEqual(made);
    });
  });
}

function ownedBy(owner: KubeObject, name: string): KubeObject {
  const object = configMap(owner.metadata.namespace ?? '', name, {});
  const { uid = '' } = owner.metadata;
  const reference = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: owner.metadata.name,
    uid,
    blockOwnerDeletion: true,
  };
  return { ...object, metadata: { ...object.metadata, ownerReferences: [reference] } };
}
