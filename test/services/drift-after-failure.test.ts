import { beforeEach, describe, expect, it } from 'vitest';
import { clusterRecords } from '../../src/adapters/kubernetes/records.ts';
import { ApiError } from '../../src/domain/errors.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { drift } from '../../src/services/drift.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const at = { namespace: 'shop', name: 'one' };
const session = { emit: () => {}, signal: new AbortController().signal };

let cluster: MemoryCluster;
let harness: ChangeHarness;
const look = () => drift(harness.deps, at, session);
const told = async () => (await look()).objects.map(({ ref, state }) => [ref.name, state]);
const app = (version: string, ...objects: KubeObject[]) => ({
  version,
  objects: () => structuredClone(objects),
});

beforeEach(async () => {
  cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  harness = changeHarness({
    cluster,
    ...at,
    app: app('1.0.0', configMap('one-config', { a: '1' }), configMap('one-same', {}), deployment('one-web')),
  });
  await harness.install();
  const heal = refuseDeployments();
  harness.app = app(
    '2.0.0',
    configMap('one-config', { a: '2' }),
    configMap('one-more', {}),
    configMap('one-same', {}),
    deployment('one-web', { replicas: 2 }),
  );
  await expect(harness.upgrade()).rejects.toMatchObject({ code: 'ADMISSION_DENIED' });
  heal();
});

/** Writes of Deployments fail, when ConfigMaps are written already. */
function refuseDeployments(): () => void {
  return cluster.fail(
    (request) => request.kind === 'Deployment' && request.verb === 'patch' && !request.dryRun,
    new ApiError('ADMISSION_DENIED', 'Deployment/shop/one-web: denied on a whim', {
      status: 403,
      reason: 'Forbidden',
      fieldConflicts: [],
      causes: [],
    }),
  );
}

describe('drift after a revision that failed (row 11)', () => {
  it('tells what that revision wrote, and nothing else', async () => {
    const report = await look();
    expect(report).toMatchObject({
      revision: 1,
      problems: [{ message: 'revision 2 failed: what it has written is told as drift' }],
    });
    expect(await told()).toEqual([
      ['one-config', 'changed'],
      ['one-more', 'added'],
    ]);
    expect(report.objects[0]?.fields).toEqual([{ path: '.data.a', expected: '1', live: '2' }]);
  });

  it('takes it back, and leaves what the revision before does not have', async () => {
    const { outcome, plan, left } = await harness.repair();
    expect([outcome, plan.objects.map(({ ref }) => ref.name)]).toEqual(['repaired', ['one-config']]);
    expect(left).toMatchObject([{ ref: { name: 'one-more' }, reason: expect.stringContaining('rollback') }]);
    expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ a: '1' });
    expect(await told()).toEqual([['one-more', 'added']]);
    await harness.rollback({ undo: true });
    expect(await told()).toEqual([]);
  });

  it('guesses nothing for who may not read the record', async () => {
    const user = cluster.as(
      'reader',
      ({ resource }) => resource === 'configmaps' || resource === 'deployments',
    );
    const deps = { ...harness.deps, cluster: user, records: clusterRecords(user) };
    const report = await drift(deps, at, session);
    expect(report.objects).toEqual([]);
    expect(report.problems.at(-1)?.message).toContain('you may not read the Secrets');
  });

  it('goes on with what can be compared where the server refuses to', async () => {
    await cluster.delete({ group: '', version: 'v1', kind: 'ConfigMap', ...at, name: 'one-same' }, {});
    cluster.fail(
      (request) => request.name === 'one-config' && request.dryRun === true,
      new ApiError('FIELD_IMMUTABLE', 'ConfigMap/shop/one-config: it cannot be changed', {
        status: 422,
        reason: 'Invalid',
        fieldConflicts: [],
        causes: [],
      }),
    );
    expect(await told()).toContainEqual(['one-same', 'missing']);
    expect((await look()).problems.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('cannot be compared with it'),
    );
  });
});
