import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drift } from '../../src/services/drift.ts';
import type { Cluster } from '../../src/services/ports.ts';
import type { DriftReport } from '../../src/services/requests.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import type { ChangeSetup } from './change.ts';

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
  });
}
