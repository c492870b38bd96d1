import { expect, test } from 'vitest';
import {
  apiErrorOf,
  type ContractSetup,
  configMap,
  configMapKind,
  deploymentKind,
  errorOf,
  refTo,
  secretKind,
  unique,
} from './setup.ts';
import { part } from './with-setup.ts';

/** get and list, whole and metadata alone. */
export function readContract(make: () => Promise<ContractSetup>): void {
  part('read', make, (setup) => {
    test('an object that is not there is undefined, also in a namespace that is not there', async () => {
      const { cluster, namespace } = setup();
      expect(await cluster.get(refTo(configMapKind, namespace, 'none'))).toBeUndefined();
      expect(await cluster.getMetadata(refTo(configMapKind, namespace, 'none'))).toBeUndefined();
      expect(await cluster.get(refTo(configMapKind, unique('no-namespace'), 'none'))).toBeUndefined();
    });

    test('an object that may not be read is FORBIDDEN, never absent', async () => {
      const { stranger, namespace } = setup();
      const error = await apiErrorOf(stranger.get(refTo(secretKind, namespace, 'none')));
      expect(error.code).toBe('FORBIDDEN');
      expect(error.failure).toMatchObject({ status: 403, reason: 'Forbidden' });
      expect(error.message).toContain('cannot get resource "secrets" in API group "" in the namespace');
      expect((await errorOf(stranger.getMetadata(refTo(secretKind, namespace, 'none')))).code).toBe(
        'FORBIDDEN',
      );
      expect((await errorOf(stranger.list(configMapKind, { namespace }))).code).toBe('FORBIDDEN');
      expect((await errorOf(stranger.listMetadata(configMapKind, {}))).code).toBe('FORBIDDEN');
    });

    test('a kind that the cluster does not serve is KIND_UNKNOWN, never absent', async () => {
      const { cluster, namespace } = setup();
      const kind = { group: 'unknown.example', version: 'v1', kind: 'Nothing' };
      expect((await errorOf(cluster.get(refTo(kind, namespace, 'x')))).code).toBe('KIND_UNKNOWN');
      expect((await errorOf(cluster.list(kind, { namespace }))).code).toBe('KIND_UNKNOWN');
      const oldVersion = { ...deploymentKind, version: 'v1beta1' };
      expect((await errorOf(cluster.get(refTo(oldVersion, namespace, 'x')))).code).toBe('KIND_UNKNOWN');
    });

    test('metadata alone carries everything but the payload', async () => {
      const { cluster, namespace } = setup();
      const name = unique('payload');
      const made = await cluster.create({
        ...configMap(namespace, name, { big: 'text' }),
        metadata: { name, namespace, labels: { one: 'two' }, annotations: { three: 'four' } },
      });
      const read = await cluster.getMetadata(refTo(configMapKind, namespace, name));
      expect(read?.apiVersion).toBe('v1');
      expect(read?.kind).toBe('ConfigMap');
      expect(read).not.toHaveProperty('data');
      expect(read?.metadata).toMatchObject({
        name,
        namespace,
        uid: made.metadata.uid,
        resourceVersion: made.metadata.resourceVersion,
        labels: { one: 'two' },
        annotations: { three: 'four' },
      });
      expect(read?.metadata.managedFields).toHaveLength(1);
    });

    test('a list has apiVersion and kind on every item and the whole object, a metadata list no payload', async () => {
      const { cluster, namespace } = setup();
      const label = unique('listed');
      for (const name of ['a', 'b', 'c']) {
        const object = configMap(namespace, `${label}-${name}`, { key: name });
        await cluster.create({ ...object, metadata: { ...object.metadata, labels: { label } } });
      }
      const whole = await cluster.list(configMapKind, { namespace, labelSelector: `label=${label}` });
      expect(whole.items.map((item) => [item.apiVersion, item.kind, item.data])).toEqual([
        ['v1', 'ConfigMap', { key: 'a' }],
        ['v1', 'ConfigMap', { key: 'b' }],
        ['v1', 'ConfigMap', { key: 'c' }],
      ]);
      expect(whole.resourceVersion).toMatch(/^\d+$/);
      const metadata = await cluster.listMetadata(configMapKind, { labelSelector: `label=${label}` });
      expect(metadata.items.map((item) => item.metadata.name)).toEqual(
        whole.items.map((item) => item.metadata.name),
      );
      expect(metadata.items.map((item) => [item.apiVersion, item.kind])).toEqual(
        Array(3).fill(['v1', 'ConfigMap']),
      );
      for (const item of metadata.items) expect(item).not.toHaveProperty('data');
    });

    test('selectors choose by equality, set and existence of labels, and by name', async () => {
      const { cluster, namespace } = setup();
      const run = unique('selected');
      const make = (name: string, labels: Record<string, string>) =>
        cluster.create({
          ...configMap(namespace, `${run}-${name}`, {}),
          metadata: { name: `${run}-${name}`, namespace, labels: { run, ...labels } },
        });
      await make('a', { tier: 'web' });
      await make('b', { tier: 'db', old: '' });
      await make('c', {});
      const names = async (labelSelector: string, fieldSelector?: string) => {
        const selector = {
          labelSelector: `run=${run},${labelSelector}`,
          ...(fieldSelector === undefined ? {} : { fieldSelector }),
        };
        const { items } = await cluster.listMetadata(configMapKind, { namespace, ...selector });
        return items.map((item) => item.metadata.name.slice(run.length + 1));
      };
      expect(await names('tier=web')).toEqual(['a']);
      expect(await names('tier!=web')).toEqual(['b', 'c']);
      expect(await names('tier in (web, db)')).toEqual(['a', 'b']);
      expect(await names('tier notin (web)')).toEqual(['b', 'c']);
      expect(await names('tier')).toEqual(['a', 'b']);
      expect(await names('!tier')).toEqual(['c']);
      expect(await names('tier,!old')).toEqual(['a']);
      expect(await names('tier', `metadata.name=${run}-b`)).toEqual(['b']);
    });

    test('an aborted signal ends a request', async () => {
      const { cluster, namespace } = setup();
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(cluster.get(refTo(configMapKind, namespace, 'x'), signal)).rejects.toThrow();
      await expect(cluster.list(configMapKind, { namespace, signal })).rejects.toThrow();
    });
  });
}
