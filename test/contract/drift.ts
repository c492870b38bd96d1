import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drift } from '../../src/services/drift.ts';
import type { Cluster } from '../../src/services/ports.ts';
import { repair } from '../../src/services/repair.ts';
import type { DriftReport, RepairRequest, RepairResult } from '../../src/services/requests.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import type { ChangeSetup } from './change-setup.ts';

const secretSchema = {
  type: 'object',
  properties: { password: { type: 'string', format: 'password', 'x-generate': { length: 24 } } },
} as const;

/** What `drift` promises, on any implementation of the Cluster port. */
export function driftContract(name: string, setUp: () => Promise<ChangeSetup>): void {
  describe(`drift on ${name} (row 11)`, () => {
    let setup: ChangeSetup;
    let harness: ChangeHarness;
    let cluster: Cluster;
    const session = { emit: () => {}, signal: new AbortController().signal };
    const look = (): Promise<DriftReport> =>
      drift(harness.deps, { namespace: setup.namespace, name: 'one' }, session);
    const ref = (kind: 'ConfigMap' | 'Deployment', object: string) => ({
      group: kind === 'Deployment' ? 'apps' : '',
      version: 'v1',
      kind,
      namespace: setup.namespace,
      name: object,
    });
    const byHand = { fieldManager: 'kubectl-edit' };

    beforeEach(async () => {
      setup = await setUp();
      cluster = setup.cluster;
      harness = changeHarness({
        ...setup,
        name: 'one',
        app: {
          version: '1.0.0',
          objects: () => [
            configMap('one-config', { a: '1', b: '1' }),
            deployment('one-web', { replicas: 1 }),
          ],
        },
      });
      await harness.install();
    });
    afterEach(() => setup.dispose());

    it('finds none after an install, nor in what others add beside our fields', async () => {
      expect(await look()).toMatchObject({ revision: 1, objects: [], problems: [] });
      await cluster.mergePatch(
        ref('ConfigMap', 'one-config'),
        { metadata: { labels: { theirs: 'yes' } } },
        byHand,
      );
      expect((await look()).objects).toEqual([]);
    });

    it('names each field that was changed, with both values and the manager', async () => {
      await cluster.mergePatch(ref('Deployment', 'one-web'), { spec: { replicas: 5 } }, byHand);
      await cluster.mergePatch(ref('ConfigMap', 'one-config'), { data: { a: 'theirs' } }, byHand);
      const { objects } = await look();
      expect(objects).toHaveLength(2);
      expect(objects).toEqual(
        expect.arrayContaining([
          {
            ref: ref('Deployment', 'one-web'),
            state: 'changed',
            by: expect.arrayContaining(['kubectl-edit']),
            fields: [{ path: '.spec.replicas', expected: 1, live: 5, manager: 'kubectl-edit' }],
          },
          {
            ref: ref('ConfigMap', 'one-config'),
            state: 'changed',
            by: ['kubectl-edit'],
            fields: [{ path: '.data.a', expected: '1', live: 'theirs', manager: 'kubectl-edit' }],
          },
        ]),
      );
    });

    it('names what was taken away, and what is gone as a whole', async () => {
      await cluster.mergePatch(ref('ConfigMap', 'one-config'), { data: { b: null } }, byHand);
      await cluster.delete(ref('Deployment', 'one-web'));
      const { objects } = await look();
      expect(objects).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ state: 'changed', fields: [{ path: '.data.b', expected: '1' }] }),
          { ref: ref('Deployment', 'one-web'), state: 'missing', by: [], fields: [] },
        ]),
      );
    });

    it('tells an object that somebody else made anew, and does not call it ours', async () => {
      await cluster.delete(ref('ConfigMap', 'one-config'));
      const theirs = configMap('one-config', { whose: 'theirs' });
      await cluster.create({ ...theirs, metadata: { ...theirs.metadata, namespace: setup.namespace } });
      expect((await look()).objects).toMatchObject([
        { ref: { name: 'one-config' }, state: 'replaced', fields: [] },
      ]);
    });

    it('masks secrets in what differs (row 24)', async () => {
      harness.app = {
        version: '1.1.0',
        schema: secretSchema,
        objects: ({ values }) => [configMap('one-config', { url: `db://u:${values.password}@db` })],
      };
      await harness.upgrade();
      const secrets = Object.values(await harness.deps.records.readGenerated(setup.namespace, 'one'));
      expect(secrets).toHaveLength(1);
      await cluster.mergePatch(
        ref('ConfigMap', 'one-config'),
        { data: { url: `old ${secrets[0]}` } },
        byHand,
      );
      const text = JSON.stringify(await look());
      expect(text).toContain('.data.url');
      expect(text).not.toContain(secrets[0]);
    });

    describe('taken back', () => {
      const take = (over: Partial<RepairRequest> = {}): Promise<RepairResult> =>
        repair(
          harness.deps,
          {
            namespace: setup.namespace,
            name: 'one',
            only: [],
            wait: true,
            timeout: 30_000,
            dryRun: false,
            holder: 'test',
            ...over,
          },
          session,
        );
      const data = async () => (await harness.get('v1', 'ConfigMap', 'one-config'))?.data;

      it('is everything: fields that others hold, keys that are gone, objects that are gone; and makes no revision', async () => {
        await cluster.mergePatch(ref('ConfigMap', 'one-config'), { data: { a: 'theirs', b: null } }, byHand);
        await cluster.delete(ref('Deployment', 'one-web'));
        expect(await take()).toMatchObject({ outcome: 'repaired', left: [] });
        expect(await data()).toEqual({ a: '1', b: '1' });
        expect(await harness.get('apps/v1', 'Deployment', 'one-web')).toBeDefined();
        expect((await look()).objects).toEqual([]);
        const record = await harness.deps.records.read(setup.namespace, 'one');
        expect(record).toMatchObject({ revision: 1, state: 'deployed' });
        expect((await harness.upgrade()).outcome).toBe('unchanged');
        expect(await take()).toMatchObject({ outcome: 'unchanged' });
      });

      it('is one object, or one field, where only that is asked for', async () => {
        await cluster.mergePatch(
          ref('ConfigMap', 'one-config'),
          { data: { a: 'theirs', b: 'theirs' } },
          byHand,
        );
        await cluster.mergePatch(ref('Deployment', 'one-web'), { spec: { replicas: 2 } }, byHand);
        await take({ only: ['ConfigMap/one-config:.data.a'] });
        expect(await data()).toEqual({ a: '1', b: 'theirs' });
        expect((await look()).objects.map((one) => one.ref.kind).sort()).toEqual(['ConfigMap', 'Deployment']);
        await take({ only: ['ConfigMap/one-config'] });
        expect(await data()).toEqual({ a: '1', b: '1' });
        expect((await look()).objects.map((one) => one.ref.kind)).toEqual(['Deployment']);
        await expect(take({ only: ['ConfigMap/one-confg'] })).rejects.toMatchObject({ code: 'USAGE' });
      });

      it('is not what somebody else made anew, which is told and left (row 19)', async () => {
        await cluster.delete(ref('ConfigMap', 'one-config'));
        const theirs = configMap('one-config', { whose: 'theirs' });
        await cluster.create({ ...theirs, metadata: { ...theirs.metadata, namespace: setup.namespace } });
        expect(await take()).toMatchObject({ outcome: 'unchanged', left: [{ ref: { name: 'one-config' } }] });
        expect(await data()).toEqual({ whose: 'theirs' });
      });

      it('is planned without writing', async () => {
        await cluster.mergePatch(ref('ConfigMap', 'one-config'), { data: { a: 'theirs' } }, byHand);
        const { outcome, plan } = await take({ dryRun: true });
        expect(outcome).toBe('planned');
        expect(plan).toMatchObject({
          operation: 'repair',
          revision: 1,
          objects: [{ action: 'update', changes: [{ path: '.data.a', before: 'theirs', after: '1' }] }],
        });
        expect(await data()).toEqual({ a: 'theirs', b: '1' });
      });
    });
  });
}
