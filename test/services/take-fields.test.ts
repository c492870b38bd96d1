import { expect, test } from 'vitest';
import { ApiError } from '../../src/domain/errors.ts';
import { applyTaking } from '../../src/services/take-fields.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';
import type { MemoryCluster } from '../support/memory/options.ts';
import { plannedObject } from '../support/sample-plan.ts';

const signal = new AbortController().signal;
const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'one' };
const desired = { ...configMap('one', { a: 'ours' }), metadata: { name: 'one', namespace: 'shop' } };
const object = plannedObject({
  ref,
  action: 'update',
  desired,
  conflicts: [{ manager: 'edit', field: '.data.a', choice: 'take' }],
});

/** A ConfigMap whose field `a` belongs to `edit`. */
async function contested(): Promise<MemoryCluster> {
  const cluster = createMemoryCluster();
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  await cluster.apply({ ...desired, data: { a: '1' } }, { fieldManager: 'appstore' });
  await cluster.mergePatch(ref, { data: { a: 'theirs' } }, { fieldManager: 'edit' });
  return cluster;
}

const modified = () =>
  new ApiError('API_CONFLICT', 'the object has been modified', {
    status: 409,
    reason: 'Conflict',
    fieldConflicts: [],
    causes: [],
  });

const isWrite = (request: { verb: string; dryRun: boolean }) => request.verb === 'patch' && !request.dryRun;

test('looks again and takes where the object moved between the look and the write (row 7)', async () => {
  const cluster = await contested();
  cluster.fail(isWrite, modified, 2);
  await applyTaking(cluster, object, signal);
  expect((await cluster.get(ref))?.data).toEqual({ a: 'ours' });
});

test('gives up on an object that does not come to rest', async () => {
  const cluster = await contested();
  cluster.fail(isWrite, modified);
  await expect(applyTaking(cluster, object, signal)).rejects.toMatchObject({ code: 'API_CONFLICT' });
  expect(cluster.requests.filter(isWrite).length).toBeGreaterThan(3);
});

test('takes a field from nobody but the manager that was named', async () => {
  const cluster = await contested();
  await cluster.mergePatch(ref, { data: { a: 'another' } }, { fieldManager: 'another' });
  await expect(applyTaking(cluster, object, signal)).rejects.toMatchObject({
    code: 'FIELD_CONFLICT',
    message: expect.stringContaining('.data.a is held by another'),
  });
  expect((await cluster.get(ref))?.data).toEqual({ a: 'another' });
});

test('needs no force where the other manager let go meanwhile, and makes what was deleted', async () => {
  const cluster = await contested();
  await cluster.mergePatch(ref, { data: { a: 'ours' } }, { fieldManager: 'edit' });
  await applyTaking(cluster, object, signal);
  expect(
    (await cluster.getMetadata(ref))?.metadata.managedFields?.map(({ manager }) => manager).sort(),
  ).toEqual(['appstore', 'edit']);
  await cluster.delete(ref);
  await applyTaking(cluster, object, signal);
  expect((await cluster.get(ref))?.data).toEqual({ a: 'ours' });
});
