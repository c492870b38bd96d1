import { describe, expect, it } from 'vitest';
import { parseObjectPattern } from '../../src/domain/object-pattern.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import type { ChangeRequest } from '../../src/services/requests.ts';
import type { ChangeHarness } from '../support/change-harness.ts';
import { configMap, deployment, fieldOf } from '../support/fixture-app.ts';
import { answering } from './change-conflicts.ts';
import type { ChangeSetup } from './change-setup.ts';
import { until } from './setup.ts';

const replacing = (...names: string[]): Partial<ChangeRequest> => ({
  replace: { objects: names.map((name) => parseObjectPattern(name, '--replace')), data: false },
  confirmed: true,
});

function statefulSet(serviceName: string, image = 'example.com/db:1'): KubeObject {
  const labels = { app: 'one-db' };
  const mounts = [{ name: 'data', mountPath: '/data' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'one-db' },
    spec: {
      serviceName,
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'db', image, volumeMounts: mounts }] } },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  };
}

const claim = (mode: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'one-data' },
  spec: { accessModes: [mode], resources: { requests: { storage: '1Gi' } } },
});

/** A Deployment with another selector: nothing that can be changed in place. */
function otherSelector(replicas?: number): KubeObject {
  const object = deployment('one-web', replicas === undefined ? {} : { replicas });
  object.spec.selector.matchLabels = { other: 'one' };
  object.spec.template.metadata.labels = { other: 'one' };
  return object;
}

/** What cannot be changed in place (row 9). */
export function replaceCases(at: () => { setup: ChangeSetup; harness: ChangeHarness }): void {
  describe('fields that cannot be changed (row 9)', () => {
    const app = (version: string, objects: KubeObject[]) => {
      at().harness.app = { version, objects: () => structuredClone(objects) };
    };
    const list = async (kind: string) => {
      const { cluster, namespace } = at().setup;
      const labelSelector = 'app=one-db';
      const found = await cluster.listMetadata(
        { group: '', version: 'v1', kind },
        { namespace, labelSelector },
      );
      return found.items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).sort();
    };

    it('are refused with the field, both values and the flag, and nothing is written', async () => {
      const { harness, setup } = at();
      app('1.0.0', [configMap('one-config', { a: '1' }), statefulSet('before')]);
      await harness.install();
      app('1.1.0', [configMap('one-config', { a: '2' }), statefulSet('after', 'example.com/db:2')]);
      await expect(harness.upgrade()).rejects.toMatchObject({
        code: 'FIELD_IMMUTABLE',
        problems: [
          {
            message: `StatefulSet/${setup.namespace}/one-db: .spec.serviceName cannot be changed (live "before", the app sets "after")`,
            hint: expect.stringContaining(`--replace StatefulSet/${setup.namespace}/one-db`),
            at: `StatefulSet/${setup.namespace}/one-db`,
            consent: 'replace',
          },
        ],
      });
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ a: '1' });
    });

    it('a StatefulSet is made anew, and its pods and claims are the same ones', async () => {
      const { harness } = at();
      app('1.0.0', [statefulSet('before')]);
      await harness.install();
      const pods = await list('Pod');
      const claims = await list('PersistentVolumeClaim');
      expect([pods.length, claims.length]).toEqual([2, 2]);
      const before = await harness.get('apps/v1', 'StatefulSet', 'one-db');
      app('1.1.0', [statefulSet('after')]);
      const shown = await harness.upgrade({ ...replacing('StatefulSet/one-db'), dryRun: true });
      expect(shown.plan.objects).toMatchObject([
        {
          action: 'replace',
          checked: 'server',
          reason: expect.stringContaining('its pods and volumes live on'),
          changes: [{ path: '.spec.serviceName', before: 'before', after: 'after' }],
        },
      ]);
      await harness.upgrade(replacing('StatefulSet/one-db'));
      const after = await harness.get('apps/v1', 'StatefulSet', 'one-db');
      expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
      expect(after?.spec.serviceName).toBe('after');
      expect(await list('Pod')).toEqual(pods);
      expect(await list('PersistentVolumeClaim')).toEqual(claims);
      const pod = await harness.get('v1', 'Pod', 'one-db-0');
      expect(pod?.metadata.ownerReferences).toMatchObject([{ uid: after?.metadata.uid }]);
      expect((await harness.upgrade()).outcome).toBe('unchanged');
    });

    it('a StatefulSet whose pods it could not take over is never made anew', async () => {
      const { harness } = at();
      app('1.0.0', [statefulSet('same')]);
      await harness.install();
      const next = statefulSet('same');
      next.spec.selector.matchLabels = { app: 'one-db', more: 'x' };
      next.spec.template.metadata.labels = { app: 'one-db', more: 'x' };
      app('1.1.0', [next]);
      await expect(harness.upgrade(replacing('StatefulSet/one-db'))).rejects.toMatchObject({
        code: 'FIELD_IMMUTABLE',
        problems: [{ hint: expect.stringContaining('its selector changes') }],
      });
    });

    it('needs a yes where nobody is there to be asked', async () => {
      const { harness } = at();
      await harness.install();
      app('1.1.0', [otherSelector()]);
      const request = { ...replacing('Deployment/one-web'), confirmed: false };
      await expect(harness.upgrade(request)).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
      const declined = harness.upgrade(request, { ask: answering({ confirm: async () => false }) });
      await expect(declined).rejects.toMatchObject({ code: 'DECLINED' });
      const live = await harness.get('apps/v1', 'Deployment', 'one-web');
      expect(fieldOf(live, 'spec', 'selector', 'matchLabels')).not.toHaveProperty('other');
      await harness.upgrade(request, { ask: answering({}) });
      const made = await harness.get('apps/v1', 'Deployment', 'one-web');
      expect(fieldOf(made, 'spec', 'selector', 'matchLabels')).toEqual({ other: 'one' });
    });

    it('a workload that is made anew has as many replicas as it was scaled to', async () => {
      const { harness, setup } = at();
      await harness.install();
      const target = {
        group: 'apps',
        version: 'v1',
        kind: 'Deployment',
        namespace: setup.namespace,
        name: 'one-web',
      };
      await setup.cluster.mergePatch(target, { spec: { replicas: 3 } }, { fieldManager: 'kubectl-scale' });
      app('1.1.0', [otherSelector()]);
      await harness.upgrade(replacing('Deployment/one-web'));
      expect(fieldOf(await setup.cluster.get(target), 'spec', 'replicas')).toBe(3);
      expect((await harness.upgrade()).outcome).toBe('unchanged');
      const changed = otherSelector();
      changed.spec.template.spec.containers[0].image = 'example.com/web:2';
      app('1.2.0', [changed]);
      await harness.upgrade();
      expect(fieldOf(await setup.cluster.get(target), 'spec', 'replicas')).toBe(3);
    });

    it('a volume claim is deleted only where that was said of its data too', async () => {
      const { harness } = at();
      app('1.0.0', [claim('ReadWriteOnce')]);
      await harness.install({ wait: false });
      const before = await harness.get('v1', 'PersistentVolumeClaim', 'one-data');
      app('1.1.0', [claim('ReadWriteMany')]);
      await expect(harness.upgrade(replacing('PersistentVolumeClaim/one-data'))).rejects.toMatchObject({
        code: 'FIELD_IMMUTABLE',
        problems: [{ hint: expect.stringContaining('--replace-data'), consent: 'replaceData' }],
      });
      expect((await harness.get('v1', 'PersistentVolumeClaim', 'one-data'))?.metadata.uid).toBe(
        before?.metadata.uid,
      );
      const { objects } = replacing('PersistentVolumeClaim/one-data').replace ?? { objects: [] };
      await harness.upgrade({ replace: { objects, data: true }, confirmed: true, wait: false });
      const after = await harness.get('v1', 'PersistentVolumeClaim', 'one-data');
      expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
      expect(after?.spec.accessModes).toEqual(['ReadWriteMany']);
    });

    it('is not deleted for an object that the server would refuse then', async () => {
      const { harness } = at();
      await harness.install();
      const before = await harness.get('v1', 'ConfigMap', 'one-config');
      const frozen = { ...configMap('one-config', { a: '1' }), immutable: true };
      app('1.1.0', [frozen]);
      await harness.upgrade();
      app('1.2.0', [{ ...frozen, data: { a: 'x'.repeat(1100 * 1024) } }]);
      await expect(harness.upgrade(replacing('ConfigMap/one-config'))).rejects.toMatchObject({
        problems: [{ message: expect.stringContaining('Too long') }],
      });
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.metadata.uid).toBe(before?.metadata.uid);
    });

    it('a cut after the deletion is gone on with: the object is made', async () => {
      const { harness, setup } = at();
      await harness.install();
      app('1.1.0', [configMap('one-config', { a: '1' }), otherSelector()]);
      const { cluster } = setup;
      const abort = new AbortController();
      const real = cluster.delete.bind(cluster);
      cluster.delete = async (ref, options) => {
        const answer = await real(ref, options);
        if (ref.kind === 'Deployment') abort.abort(new Error('cut'));
        return answer;
      };
      const cut = harness.upgrade(replacing('Deployment/one-web'), { signal: abort.signal });
      await expect(cut).rejects.toBeDefined();
      cluster.delete = real;
      await until(async () => (await harness.get('apps/v1', 'Deployment', 'one-web')) === undefined);
      const result = await harness.upgradeBare();
      expect(result.plan.objects.find(({ ref }) => ref.kind === 'Deployment')?.action).toBe('create');
      const made = await harness.get('apps/v1', 'Deployment', 'one-web');
      expect(fieldOf(made, 'spec', 'selector', 'matchLabels')).toEqual({ other: 'one' });
      expect((await harness.upgrade()).outcome).toBe('unchanged');
    });
  });
}
