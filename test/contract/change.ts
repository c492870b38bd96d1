import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/domain/objects.ts';
import { history, listInstallations, stored } from '../../src/services/inspect.ts';
import { status } from '../../src/services/status.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment, fieldOf } from '../support/fixture-app.ts';
import { adoptCases } from './change-adopt.ts';
import { conflictCases } from './change-conflicts.ts';
import { crdCases } from './change-crds.ts';
import { hookCases } from './change-hooks.ts';
import { replaceCases } from './change-replace.ts';
import { rollbackCases } from './change-rollback.ts';
import type { ChangeSetup } from './change-setup.ts';
import { until } from './setup.ts';

const secretSchema = {
  type: 'object',
  properties: { password: { type: 'string', format: 'password', 'x-generate': { length: 24 } } },
} as const;

function hpa(target: string): KubeObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: target },
    spec: {
      minReplicas: 3,
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: target },
    },
  };
}

/** What the whole way promises, on any implementation of the Cluster port: the real one and the one in memory. */
export function changeContract(name: string, setUp: () => Promise<ChangeSetup>): void {
  describe(`install, upgrade, remove on ${name}`, () => {
    let setup: ChangeSetup;
    let harness: ChangeHarness;
    const signal = new AbortController().signal;
    const named = () => ({ namespace: setup.namespace, name: 'one' });

    /** Watches the replicas of the Deployment; answers all that were seen once it is as far as a version. */
    const watchReplicas = async () => {
      const kind = { group: 'apps', version: 'v1', kind: 'Deployment' };
      const where = { namespace: setup.namespace };
      const { resourceVersion } = await setup.cluster.list(kind, where);
      const stop = new AbortController();
      const states: { version: string; replicas: unknown }[] = [];
      const watching = (async () => {
        for await (const event of setup.cluster.watch(kind, {
          ...where,
          resourceVersion,
          signal: stop.signal,
        })) {
          if (event.type === 'bookmark') continue;
          const { metadata, spec } = event.object;
          states.push({ version: metadata.resourceVersion ?? '', replicas: spec.replicas });
        }
      })().catch(() => undefined);
      return async (version: string) => {
        await until(async () => states.some((state) => state.version === version));
        stop.abort();
        await watching;
        return states.map(({ replicas }) => replicas);
      };
    };

    beforeEach(async () => {
      setup = await setUp();
      harness = changeHarness({
        ...setup,
        name: 'one',
        app: {
          version: '1.0.0',
          objects: () => [configMap('one-config', { a: '1' }), deployment('one-web')],
        },
      });
    });
    afterEach(() => setup.dispose());

    it('installs, waits until ready and records revision 1', async () => {
      const result = await harness.install();
      expect(result.outcome).toBe('changed');
      expect(result.record).toMatchObject({ state: 'deployed', revision: 1, version: '1.0.0' });
      const report = await status(harness.deps, named(), signal);
      expect(report.health).toBe('healthy');
      expect(report.objects.map((one) => one.ref.kind).sort()).toEqual(['ConfigMap', 'Deployment']);
      const list = await listInstallations(harness.deps, { namespace: setup.namespace });
      expect(list.items).toMatchObject([
        { name: 'one', app: 'fixture', version: '1.0.0', state: 'deployed' },
      ]);
    });

    it('refuses a second install of a complete one, and names the upgrade', async () => {
      await harness.install();
      await expect(harness.install()).rejects.toMatchObject({
        code: 'ALREADY_INSTALLED',
        hint: expect.stringContaining('appstore upgrade one'),
      });
    });

    it('makes no revision and writes nothing where nothing changes (row 23)', async () => {
      const before = (await harness.install()).record;
      const result = await harness.upgrade();
      expect(result.outcome).toBe('unchanged');
      expect(result.record?.resourceVersion).toBe(before?.resourceVersion);
      expect(result.plan.objects.map((object) => object.checked)).toEqual(['record', 'record']);
    });

    it('upgrades what changed, prunes what left, keeps the history', async () => {
      await harness.install();
      harness.app = {
        version: '1.1.0',
        objects: () => [deployment('one-web', { image: 'example.com/web:2' })],
      };
      const result = await harness.upgrade();
      expect(result.plan.objects.map((object) => [object.ref.kind, object.action])).toEqual([
        ['Deployment', 'update'],
        ['ConfigMap', 'delete'],
      ]);
      expect(result.plan.objects[0]?.changes).toContainEqual({
        path: '.spec.template.spec.containers[name="web"].image',
        before: 'example.com/web:1',
        after: 'example.com/web:2',
      });
      expect(await harness.get('v1', 'ConfigMap', 'one-config')).toBeUndefined();
      const { revisions } = await history(harness.deps, named());
      expect(revisions.map((one) => [one.number, one.version, one.result])).toEqual([
        [2, '1.1.0', 'deployed'],
        [1, '1.0.0', 'superseded'],
      ]);
    });

    it('brings back what was deleted, by an upgrade without change', async () => {
      await harness.install();
      const live = await harness.get('v1', 'ConfigMap', 'one-config');
      await setup.cluster.delete({
        group: '',
        version: 'v1',
        kind: 'ConfigMap',
        namespace: setup.namespace,
        name: 'one-config',
      });
      const result = await harness.upgrade();
      expect(result.plan.objects.map((object) => object.action)).toEqual(['create', 'unchanged']);
      const again = await harness.get('v1', 'ConfigMap', 'one-config');
      expect(again?.data).toEqual({ a: '1' });
      expect(again?.metadata.uid).not.toBe(live?.metadata.uid);
    });

    it('names manager, field and both values where someone else changed a field, and writes nothing (row 7)', async () => {
      await harness.install();
      const ref = {
        group: '',
        version: 'v1',
        kind: 'ConfigMap',
        namespace: setup.namespace,
        name: 'one-config',
      };
      await setup.cluster.mergePatch(ref, { data: { a: 'theirs' } }, { fieldManager: 'kubectl-edit' });
      harness.app = {
        version: '1.1.0',
        objects: () => [configMap('one-config', { a: '2', b: '3' }), deployment('one-web')],
      };
      const failure = await harness.upgrade().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'FIELD_CONFLICT', category: 'conflict' });
      const [problem] = (failure as { problems: { message: string }[] }).problems;
      expect(problem?.message).toContain(
        `ConfigMap/${setup.namespace}/one-config: .data.a is held by kubectl-edit`,
      );
      expect(problem?.message).toContain('"theirs"');
      expect(problem?.message).toContain('"2"');
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ a: 'theirs' });
      const shown = await harness.upgrade({ dryRun: true });
      expect(shown.outcome).toBe('planned');
      expect(shown.plan.objects.find((object) => object.action === 'conflict')?.conflicts).toEqual([
        { manager: 'kubectl-edit', field: '.data.a', ours: '2', theirs: 'theirs' },
      ]);
    });

    it('refuses objects of others and objects without owner, all at once, and writes nothing (row 18)', async () => {
      const theirs = configMap('one-config', { whose: 'theirs' });
      theirs.metadata = {
        ...theirs.metadata,
        namespace: setup.namespace,
        annotations: {
          'meta.helm.sh/release-name': 'old',
          'meta.helm.sh/release-namespace': setup.namespace,
        },
      };
      await setup.cluster.create(theirs);
      const record = { name: 'sh.helm.release.v1.old.v1', namespace: setup.namespace };
      const labels = { owner: 'helm', name: 'old' };
      await setup.cluster.create({ apiVersion: 'v1', kind: 'Secret', metadata: { ...record, labels } });
      const failure = await harness.install().catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'OBJECT_FOREIGN',
        problems: [{ message: expect.stringContaining(`Helm release ${setup.namespace}/old`) }],
      });
      expect(await harness.get('apps/v1', 'Deployment', 'one-web')).toBeUndefined();
      expect((await listInstallations(harness.deps, { namespace: setup.namespace })).items).toEqual([]);
    });

    it('makes secrets once, keeps them over upgrades, and shows them nowhere (row 24)', async () => {
      harness.app = {
        version: '1.0.0',
        schema: secretSchema,
        objects: ({ values }) => [
          {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { name: 'one-auth' },
            data: { password: Buffer.from(String(values.password)).toString('base64') },
          },
          configMap('one-config', { url: `postgres://app:${String(values.password)}@db` }),
        ],
      };
      const result = await harness.install();
      const data = (await harness.get('v1', 'Secret', 'one-auth'))?.data as { password: string };
      const password = Buffer.from(data.password, 'base64').toString();
      expect(password).toMatch(/^[A-Za-z0-9]{24}$/);
      harness.app = { ...harness.app, version: '1.1.0' };
      await harness.upgrade();
      expect((await harness.get('v1', 'Secret', 'one-auth'))?.data).toEqual(data);
      const shown = JSON.stringify([
        result,
        harness.events,
        await stored(harness.deps, named(), 'manifest', undefined),
      ]);
      expect(shown).not.toContain(password);
      expect(shown).not.toContain(data.password);
    });

    it('shows and records no secret that a refusal quotes', async () => {
      harness.app = {
        version: '1.0.0',
        schema: secretSchema,
        objects: ({ values }) => [configMap(`Bad_${String(values.password)}`)],
      };
      const failure = await harness
        .install({ given: { values: { password: 'quoted-secret-1' }, secretRefs: [] } })
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'API_INVALID' });
      const { message, problems } = failure as { message: string; problems: unknown[] };
      expect(JSON.stringify([message, problems])).toContain('********');
      expect(JSON.stringify([message, problems])).not.toContain('quoted-secret-1');
    });

    it('leaves replicas to an autoscaler that came later, without a dip (row 8)', async () => {
      harness.app = { version: '1.0.0', objects: () => [deployment('one-web', { replicas: 3 })] };
      await harness.install();
      const scaler = hpa('one-web');
      scaler.metadata = { ...scaler.metadata, namespace: setup.namespace };
      await setup.cluster.create(scaler);
      harness.app = {
        version: '1.1.0',
        objects: () => [deployment('one-web', { replicas: 3, image: 'example.com/web:2' })],
      };
      const seen = await watchReplicas();
      const result = await harness.upgrade();
      expect(result.plan.handovers).toMatchObject([
        { transfer: true, by: expect.stringContaining('HorizontalPodAutoscaler/') },
      ]);
      const live = await harness.get('apps/v1', 'Deployment', 'one-web');
      expect(fieldOf(live, 'spec', 'replicas')).toBe(3);
      // Every state that the Deployment went through, up to the one that was just read.
      expect(new Set(await seen(live?.metadata.resourceVersion ?? ''))).toEqual(new Set([3]));
    });

    it('goes on with an install that was cut, without any repair (row 22)', async () => {
      const abort = new AbortController();
      const cut = harness.install(
        {},
        {
          signal: abort.signal,
          emit: (event) => {
            if (event.type === 'written' && event.done === 1) abort.abort(new Error('cut'));
          },
        },
      );
      await expect(cut).rejects.toBeDefined();
      const list = await listInstallations(harness.deps, { namespace: setup.namespace });
      expect(list.items).toMatchObject([{ state: 'installing' }]);
      const result = await harness.install();
      expect(result.record).toMatchObject({ state: 'deployed' });
      expect(await harness.get('apps/v1', 'Deployment', 'one-web')).toBeDefined();
    });

    it('removes everything and forgets', async () => {
      await harness.install();
      const result = await harness.remove();
      expect(result.outcome).toBe('removed');
      expect(await harness.get('v1', 'ConfigMap', 'one-config')).toBeUndefined();
      expect(await harness.get('apps/v1', 'Deployment', 'one-web')).toBeUndefined();
      expect((await listInstallations(harness.deps, { namespace: setup.namespace })).items).toEqual([]);
      await expect(harness.remove()).rejects.toMatchObject({ code: 'INSTALLATION_NOT_FOUND' });
    });

    it('asks for a yes before it removes, and without anyone to ask writes nothing', async () => {
      await harness.install();
      await expect(harness.remove({ confirmed: false })).rejects.toMatchObject({
        code: 'CONFIRMATION_NEEDED',
      });
      expect(await harness.get('v1', 'ConfigMap', 'one-config')).toBeDefined();
    });

    it('does not delete an object that someone else made anew under the same name (row 19)', async () => {
      await harness.install();
      const ref = {
        group: '',
        version: 'v1',
        kind: 'ConfigMap',
        namespace: setup.namespace,
        name: 'one-config',
      };
      await setup.cluster.delete(ref);
      const theirs = configMap('one-config', { whose: 'theirs' });
      theirs.metadata = { ...theirs.metadata, namespace: setup.namespace };
      await setup.cluster.create(theirs);
      const result = await harness.remove();
      expect(result.left).toMatchObject([
        { ref: { name: 'one-config' }, reason: expect.stringContaining('not ours any more') },
      ]);
      expect((await harness.get('v1', 'ConfigMap', 'one-config'))?.data).toEqual({ whose: 'theirs' });
    });

    it('plans without writing', async () => {
      const result = await harness.install({ dryRun: true });
      expect(result.outcome).toBe('planned');
      expect(result.plan.objects.map((object) => [object.action, object.checked])).toEqual([
        ['create', 'server'],
        ['create', 'server'],
      ]);
      expect((await listInstallations(harness.deps, { namespace: setup.namespace })).items).toEqual([]);
      expect(await harness.get('v1', 'ConfigMap', 'one-config')).toBeUndefined();
    });

    rollbackCases(() => ({ setup, harness }));
    conflictCases(() => ({ setup, harness }));
    adoptCases(() => ({ setup, harness }));
    replaceCases(() => ({ setup, harness }));
    crdCases(() => ({ setup, harness }));
    hookCases(() => ({ setup, harness }));
  });
}
