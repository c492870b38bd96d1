import { describe, expect, it } from 'vitest';
import { parseObjectPattern } from '../../src/domain/object-pattern.ts';
import type { KubeObject, ObjectRef } from '../../src/domain/objects.ts';
import type { Cluster } from '../../src/services/ports.ts';
import type { ChangeRequest } from '../../src/services/requests.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { answering } from './change-conflicts.ts';
import type { ChangeSetup } from './change-setup.ts';
import { unique } from './setup.ts';

const adopting = (...names: string[]): Pick<ChangeRequest, 'adopt'> => ({
  adopt: names.map((name) => parseObjectPattern(name, '--adopt')),
});

/** An object as a tool writes it that names itself so. */
async function madeBy(cluster: Cluster, manager: string, ref: ObjectRef, object: KubeObject): Promise<void> {
  const metadata = { ...object.metadata, namespace: ref.namespace };
  await cluster.create({ ...object, metadata }, { fieldManager: manager });
}

/** Objects that exist already become part of an app (row 18). */
export function adoptCases(at: () => { setup: ChangeSetup; harness: ChangeHarness }): void {
  describe('objects that exist already (row 18)', () => {
    const ref = (name = 'one-config') => ({
      group: '',
      version: 'v1',
      kind: 'ConfigMap',
      namespace: at().setup.namespace,
      name,
    });
    const live = () => at().setup.cluster.get(ref());
    const theirs = (extra: Partial<KubeObject['metadata']> = {}) => {
      const object = configMap('one-config', { a: 'old', left: 'over' });
      return { ...object, metadata: { ...object.metadata, ...extra } };
    };
    const kubectl = 'kubectl-client-side-apply';
    const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"old"}}' };

    it('an object of kubectl is adopted: its fields are ours, and one that the app does not have goes', async () => {
      const { harness, setup } = at();
      await madeBy(setup.cluster, kubectl, ref(), theirs({ annotations: { ...lastApplied, mine: 'too' } }));
      const refused = await harness.install().catch((error: unknown) => error);
      expect(refused).toMatchObject({
        code: 'OBJECT_ADOPTABLE',
        problems: [
          {
            hint: expect.stringContaining(`--adopt ConfigMap/${setup.namespace}/one-config`),
            at: `ConfigMap/${setup.namespace}/one-config`,
            consent: 'adopt',
          },
        ],
      });

      const shown = await harness.install({ ...adopting('ConfigMap/one-config'), dryRun: true });
      const planned = shown.plan.objects.find((one) => one.ref.kind === 'ConfigMap');
      expect(planned).toMatchObject({ action: 'update', reason: `adopted from ${kubectl}`, conflicts: [] });
      expect(planned?.changes).toContainEqual({ path: '.data.a', before: 'old', after: '1' });
      expect(planned?.changes).toContainEqual({ path: '.data.left', before: 'over' });
      expect((await live())?.data).toEqual({ a: 'old', left: 'over' });

      await harness.install(adopting('ConfigMap/one-config'));
      const adopted = await live();
      expect(adopted?.data).toEqual({ a: '1' });
      expect(adopted?.metadata.annotations).toBeUndefined();
      expect(adopted?.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['appstore']);
      expect((await harness.upgrade()).outcome).toBe('unchanged');
      harness.app = { version: '1.1.0', objects: () => [configMap('one-config', { b: '2' })] };
      await harness.upgrade();
      expect((await live())?.data).toEqual({ b: '2' });
      await harness.remove();
      expect(await live()).toBeUndefined();
    });

    it('what the plan says of a workload is what comes of it, defaults included', async () => {
      const { harness, setup } = at();
      const target = { ...ref('one-web'), group: 'apps', kind: 'Deployment' };
      const object = deployment('one-web', { replicas: 2, image: 'example.com/web:0' });
      object.spec.template.spec.hostNetwork = true;
      object.spec.template.spec.containers.push({ name: 'side', image: 'example.com/side:1' });
      await madeBy(setup.cluster, 'helm', target, object);
      const before = await setup.cluster.get(target);
      harness.app = { version: '1.0.0', objects: () => [deployment('one-web', { replicas: 2 })] };
      const { plan } = await harness.install({ adopt: 'all', dryRun: true });
      expect(plan.objects[0]).toMatchObject({ action: 'update', reason: 'adopted from helm' });
      const paths = plan.objects[0]?.changes.map(({ path }) => path) ?? [];
      expect(paths).toContain('.spec.template.spec.containers[name="side"]');
      expect(paths).toContain('.spec.template.spec.hostNetwork');
      expect(paths.filter((path) => !path.startsWith('.metadata.labels'))).toHaveLength(3);

      await harness.install({ adopt: 'all' });
      const after = await setup.cluster.get(target);
      expect(after?.metadata.uid).toBe(before?.metadata.uid);
      expect(after?.spec.template.spec).not.toHaveProperty('hostNetwork');
      expect(after?.spec.template.spec.containers).toMatchObject([
        { name: 'web', image: 'example.com/web:1' },
      ]);
      expect(after?.spec.template.spec.containers).toHaveLength(1);
      expect((await harness.upgrade()).outcome).toBe('unchanged');
    });

    it('a field that was changed by hand is decided by itself, and what others added stays', async () => {
      const { harness, setup } = at();
      await madeBy(setup.cluster, kubectl, ref(), theirs());
      await setup.cluster.mergePatch(
        ref(),
        { data: { a: 'by hand', extra: 'kept' } },
        { fieldManager: 'kubectl-edit' },
      );
      await expect(harness.install({ adopt: 'all' })).rejects.toMatchObject({
        code: 'FIELD_CONFLICT',
        problems: [{ message: expect.stringContaining('.data.a is held by kubectl-edit') }],
      });
      expect((await live())?.data).toEqual({ a: 'by hand', left: 'over', extra: 'kept' });
      const choices = {
        take: [{ object: parseObjectPattern('ConfigMap/one-config', ''), field: '.data.a' }],
        yield: [],
      };
      await harness.install({ adopt: 'all', conflicts: choices });
      expect((await live())?.data).toEqual({ a: '1', extra: 'kept' });
      expect((await harness.upgrade()).outcome).toBe('unchanged');
    });

    it('what a live Helm release owns is refused, naming it; once its record is gone it can be adopted', async () => {
      const { harness, setup } = at();
      const release = unique('rel');
      const { namespace } = setup;
      const annotations = {
        'meta.helm.sh/release-name': release,
        'meta.helm.sh/release-namespace': namespace,
      };
      await madeBy(
        setup.cluster,
        'helm',
        ref(),
        theirs({ annotations, labels: { 'app.kubernetes.io/managed-by': 'Helm' } }),
      );
      const labels = { owner: 'helm', name: release };
      const name = `sh.helm.release.v1.${release}.v1`;
      const record = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels } };
      await setup.cluster.create(record);
      for (const adopt of ['all', adopting('ConfigMap/one-config').adopt] as const) {
        await expect(harness.install(adopt === undefined ? {} : { adopt })).rejects.toMatchObject({
          code: 'OBJECT_FOREIGN',
          problems: [{ message: expect.stringContaining(`Helm release ${namespace}/${release}`) }],
        });
      }
      expect((await live())?.data).toEqual({ a: 'old', left: 'over' });

      await setup.cluster.delete({ ...ref(name), kind: 'Secret' });
      await expect(harness.install()).rejects.toMatchObject({ code: 'OBJECT_ADOPTABLE' });
      await harness.install({ adopt: 'all' });
      const adopted = await live();
      expect(adopted?.data).toEqual({ a: '1' });
      expect(adopted?.metadata.annotations).toBeUndefined();
      expect(adopted?.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'appstore' });
    });

    it('what another installation has is refused, naming it; what it left when it was removed can be adopted', async () => {
      const { harness, setup } = at();
      const kept = configMap('one-config', { a: 'old' });
      kept.metadata.annotations = { 'helm.sh/resource-policy': 'keep' };
      const other = changeHarness({
        cluster: setup.cluster,
        namespace: setup.namespace,
        name: 'other',
        app: { version: '1.0.0', objects: () => [kept] },
      });
      await other.install();
      await expect(harness.install({ adopt: 'all' })).rejects.toMatchObject({
        code: 'OBJECT_FOREIGN',
        problems: [{ message: expect.stringContaining('belongs to appstore installation other') }],
      });
      await other.remove();
      expect((await live())?.data).toEqual({ a: 'old' });
      await expect(harness.install()).rejects.toMatchObject({
        code: 'OBJECT_ADOPTABLE',
        problems: [{ message: expect.stringContaining('which has no record any more') }],
      });
      await harness.install({ adopt: 'all' });
      expect((await live())?.data).toEqual({ a: '1' });
      expect((await harness.upgrade()).outcome).toBe('unchanged');
      await harness.remove();
      expect(await live()).toBeUndefined();
    });

    it('what a controller owns is refused, whatever is left of other marks', async () => {
      const { harness, setup } = at();
      const owner = await setup.cluster.create({
        ...configMap('owner'),
        metadata: { name: 'owner', namespace: setup.namespace },
      });
      const ownerReferences = [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: 'owner',
          uid: owner.metadata.uid ?? '',
          controller: true,
        },
      ];
      const annotations = {
        'meta.helm.sh/release-name': 'gone',
        'meta.helm.sh/release-namespace': setup.namespace,
      };
      const object = theirs({ ownerReferences, annotations });
      await setup.cluster.create({ ...object, metadata: { ...object.metadata, namespace: setup.namespace } });
      await expect(harness.install({ adopt: 'all' })).rejects.toMatchObject({
        code: 'OBJECT_FOREIGN',
        problems: [{ message: expect.stringContaining('one-config: exists already and belongs to') }],
      });
    });

    it('asks for each object where somebody is there; a no ends it as if nobody were', async () => {
      const { harness, setup } = at();
      await madeBy(setup.cluster, kubectl, ref(), theirs());
      const no = harness.install({}, { ask: answering({}) });
      await expect(no).rejects.toMatchObject({ code: 'OBJECT_ADOPTABLE' });
      const asked: string[] = [];
      const ask = answering({
        adopt: async (one, why) => {
          asked.push(`${one.name}: ${why}`);
          return true;
        },
      });
      await harness.install({}, { ask });
      expect(asked).toEqual([expect.stringContaining('one-config: ConfigMap/')]);
      expect((await live())?.data).toEqual({ a: '1' });
    });

    it('a cut between the rewrite and the apply is gone on with by the same command', async () => {
      const { harness, setup } = at();
      await madeBy(setup.cluster, kubectl, ref(), theirs());
      const abort = new AbortController();
      const cut = harness.install(
        { adopt: 'all' },
        {
          signal: abort.signal,
          emit: (event) => {
            if (event.type === 'operation') {
              const { cluster } = setup;
              const real = cluster.applyMetadata.bind(cluster);
              cluster.applyMetadata = async (object, options) => {
                cluster.applyMetadata = real;
                if (object.kind !== 'ConfigMap') return real(object, options);
                abort.abort(new Error('cut'));
                throw new Error('cut');
              };
            }
          },
        },
      );
      await expect(cut).rejects.toBeDefined();
      await harness.install({ adopt: 'all' });
      expect((await live())?.data).toEqual({ a: '1' });
      expect((await harness.upgrade()).outcome).toBe('unchanged');
    });

    it('names an object that the app does not have, and says where there is nothing to adopt', async () => {
      const { harness } = at();
      await expect(harness.install(adopting('ConfigMap/one-confik'))).rejects.toMatchObject({
        code: 'USAGE',
        hint: 'Did you mean ConfigMap/one-config?',
      });
      const result = await harness.install(adopting('ConfigMap/one-config'));
      expect(result.plan.warnings).toMatchObject([{ message: expect.stringContaining('nothing to adopt') }]);
    });
  });
}
