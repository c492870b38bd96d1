import { describe, expect, it } from 'vitest';
import { parseFieldChoice } from '../../src/domain/conflict-choices.ts';
import { stored } from '../../src/services/inspect.ts';
import type { Asker, ChangeRequest } from '../../src/services/requests.ts';
import type { ChangeHarness } from '../support/change-harness.ts';
import { configMap, deployment, fieldOf } from '../support/fixture-app.ts';
import type { ChangeSetup } from './change-setup.ts';

/** Choices as the flags give them. */
function decided(given: { take?: string[]; yield?: string[] }): Pick<ChangeRequest, 'conflicts'> {
  return {
    conflicts: {
      take: (given.take ?? []).map((text) => parseFieldChoice(text, '--take')),
      yield: (given.yield ?? []).map((text) => parseFieldChoice(text, '--yield')),
    },
  };
}

const signal = new AbortController().signal;
const kubectlEdit = { fieldManager: 'kubectl-edit' };

/** Fields that other managers hold: taken and yielded one by one (row 7). */
export function conflictCases(at: () => { setup: ChangeSetup; harness: ChangeHarness }): void {
  describe('fields of other managers (row 7)', () => {
    const ref = () => ({
      group: '',
      version: 'v1',
      kind: 'ConfigMap',
      namespace: at().setup.namespace,
      name: 'one-config',
    });
    const data = async () => (await at().harness.get('v1', 'ConfigMap', 'one-config'))?.data;
    const owners = async (field: string) =>
      (await at().setup.cluster.getMetadata(ref()))?.metadata.managedFields
        ?.filter((entry) => JSON.stringify(entry.fieldsV1).includes(`"f:${field}"`))
        .map((entry) => entry.manager)
        .sort();
    const app = (version: string, values: Record<string, string>) => {
      at().harness.app = { version, objects: () => [configMap('one-config', values), deployment('one-web')] };
    };
    /** Installed, then `a` and `b` were edited by hand, then the app changed both. */
    const contested = async () => {
      app('1.0.0', { a: '1', b: '1' });
      await at().harness.install();
      await at().setup.cluster.mergePatch(ref(), { data: { a: 'theirs', b: 'theirs' } }, kubectlEdit);
      app('1.1.0', { a: '2', b: '2', c: '2' });
    };

    it('refuses as long as one field is undecided, with the flags to decide it, and writes nothing', async () => {
      const { harness } = at();
      await contested();
      const failure = await harness
        .upgrade(decided({ take: ['ConfigMap/one-config:.data.a'] }))
        .catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'FIELD_CONFLICT',
        hint: expect.stringContaining('--take ConfigMap/one-config:.data.b'),
        problems: [{ hint: expect.stringContaining('--yield ConfigMap/one-config:.data.b') }],
      });
      expect(await data()).toEqual({ a: 'theirs', b: 'theirs' });
    });

    it('takes the one and yields the other; the yield holds for later upgrades until it is taken', async () => {
      const { harness, setup } = at();
      await contested();
      const choices = decided({
        take: ['ConfigMap/one-config:.data.a'],
        yield: ['ConfigMap/one-config:.data.b'],
      });
      const shown = await harness.upgrade({ ...choices, dryRun: true });
      expect(shown.plan.objects.find(({ ref: one }) => one.kind === 'ConfigMap')).toMatchObject({
        action: 'update',
        changes: [
          { path: '.data.a', before: 'theirs', after: '2' },
          { path: '.data.c', after: '2' },
        ],
        conflicts: [
          { manager: 'kubectl-edit', field: '.data.a', ours: '2', theirs: 'theirs', choice: 'take' },
          { manager: 'kubectl-edit', field: '.data.b', ours: '2', theirs: 'theirs', choice: 'yield' },
        ],
      });
      expect(await data()).toEqual({ a: 'theirs', b: 'theirs' });

      await harness.upgrade(choices);
      expect(await data()).toEqual({ a: '2', b: 'theirs', c: '2' });
      expect(await owners('a')).toEqual(['appstore']);
      expect(await owners('b')).toEqual(['kubectl-edit']);
      expect((await harness.upgrade()).outcome).toBe('unchanged');
      const yielded = [{ object: `ConfigMap/${setup.namespace}/one-config`, field: '.data.b' }];
      const named = { namespace: setup.namespace, name: 'one' };
      expect(await stored(harness.deps, named, 'values', undefined, signal)).toMatchObject({ yielded });

      app('1.2.0', { a: '3', b: '3', c: '3' });
      const { plan } = await harness.upgrade();
      const left = { manager: 'kubectl-edit', field: '.data.b', ours: '3', choice: 'yield' };
      expect(plan.objects.find((one) => one.ref.kind === 'ConfigMap')?.conflicts).toEqual([left]);
      expect(await data()).toEqual({ a: '3', b: 'theirs', c: '3' });

      await harness.upgrade(decided({ take: ['ConfigMap/one-config:.data.b'] }));
      expect(await data()).toEqual({ a: '3', b: '3', c: '3' });
      expect(await stored(harness.deps, named, 'values', undefined, signal)).toMatchObject({ yielded: [] });
    });

    it('a field that was yielded and that nobody holds any more is ours again, and never lost', async () => {
      const { harness, setup } = at();
      await contested();
      const choices = { take: ['ConfigMap/one-config:.data.a'], yield: ['ConfigMap/one-config:.data.b'] };
      await harness.upgrade(decided(choices));
      await setup.cluster.delete(ref());
      await harness.upgrade();
      expect(await data()).toEqual({ a: '2', b: '2', c: '2' });
      app('1.2.0', { a: '4', b: '4' });
      await harness.upgrade();
      expect(await data()).toEqual({ a: '4', b: '4' });
    });

    it('what is yielded stays so, whatever revision is gone back to', async () => {
      const { harness } = at();
      await contested();
      const choices = { take: ['ConfigMap/one-config:.data.a'], yield: ['ConfigMap/one-config:.data.b'] };
      await harness.upgrade(decided(choices));
      await harness.rollback({ revision: 1 });
      expect(await data()).toEqual({ a: '1', b: 'theirs' });
      app('1.2.0', { a: '6', b: '6' });
      await harness.upgrade();
      expect(await data()).toEqual({ a: '6', b: 'theirs' });
    });

    it('takes nothing that came into conflict after the plan', async () => {
      const { harness, setup } = at();
      app('1.0.0', { a: '1', b: '1' });
      await harness.install();
      await setup.cluster.mergePatch(ref(), { data: { a: 'theirs' } }, kubectlEdit);
      app('1.1.0', { a: '2', b: '2' });
      const upgrading = harness.upgrade(decided({ take: ['ConfigMap/one-config:.data.a'] }), {
        ask: answering({
          confirm: async () => {
            await setup.cluster.mergePatch(ref(), { data: { b: 'late' } }, { fieldManager: 'late' });
            return true;
          },
        }),
      });
      await expect(upgrading).rejects.toMatchObject({
        code: 'FIELD_CONFLICT',
        message: expect.stringContaining('.data.b is held by late'),
      });
      expect(await data()).toEqual({ a: 'theirs', b: 'late' });
    });

    it('asks for each field where somebody is there, and goes on with the answers', async () => {
      const { harness } = at();
      await contested();
      const asked: string[] = [];
      await harness.upgrade(
        {},
        {
          ask: answering({
            conflict: async (_ref, { field }) => {
              asked.push(field);
              return field === '.data.a' ? 'take' : 'yield';
            },
          }),
        },
      );
      expect(asked).toEqual(['.data.a', '.data.b']);
      expect(await data()).toEqual({ a: '2', b: 'theirs', c: '2' });
      app('1.2.0', { a: '5', b: '5' });
      await at().setup.cluster.mergePatch(ref(), { data: { a: 'again' } }, kubectlEdit);
      const declined = harness.upgrade({}, { ask: answering({ conflict: async () => 'abort' }) });
      await expect(declined).rejects.toMatchObject({ code: 'DECLINED' });
      expect(await data()).toEqual({ a: 'again', b: 'theirs', c: '2' });
    });

    it('a field of a list is left where it is by its key', async () => {
      const { harness, setup } = at();
      await harness.install();
      const target = { ...ref(), group: 'apps', kind: 'Deployment', name: 'one-web' };
      const template = { spec: { containers: [{ name: 'web', image: 'example.com/web:theirs' }] } };
      await setup.cluster.mergePatch(target, { spec: { template } }, kubectlEdit);
      const next = (image: string, version: string) => {
        harness.app = { version, objects: () => [configMap('one-config'), deployment('one-web', { image })] };
      };
      next('example.com/web:2', '1.1.0');
      const field = '.spec.template.spec.containers[name="web"].image';
      await harness.upgrade(decided({ yield: [`Deployment/one-web:${field}`] }));
      next('example.com/web:3', '1.2.0');
      await harness.upgrade();
      const live = await harness.get('apps/v1', 'Deployment', 'one-web');
      expect(fieldOf(live, 'spec', 'template', 'spec', 'containers')).toMatchObject([
        { image: 'example.com/web:theirs' },
      ]);
    });

    it.each([
      ['Deployment/one-wep:.spec.replicas', 'Did you mean Deployment/one-web?'],
      ['ConfigMap/one-config:.data.aa', 'Did you mean ConfigMap/one-config:.data.a'],
    ])('refuses %s, which is no field of the app, with what may be meant', async (text, hint) => {
      await contested();
      await expect(at().harness.upgrade(decided({ take: [text] }))).rejects.toMatchObject({
        code: 'USAGE',
        hint: expect.stringContaining(hint),
      });
    });

    it('warns of a choice that has nothing to decide any more, so that a command can be repeated', async () => {
      const { harness } = at();
      await contested();
      const choices = decided({
        take: ['ConfigMap/one-config:.data.a'],
        yield: ['ConfigMap/one-config:.data.b'],
      });
      await harness.upgrade(choices);
      const again = await harness.upgrade(choices);
      expect(again.outcome).toBe('unchanged');
      expect(again.plan.warnings).toEqual([
        {
          message: expect.stringContaining('--take ConfigMap/one-config:.data.a: no other manager holds it'),
        },
      ]);
    });
  });
}

/** Somebody at the terminal who says yes to everything but what the test says. */
export function answering(answers: Partial<Asker>): Asker {
  return {
    values: async () => ({}),
    confirm: async () => true,
    goOn: async () => true,
    conflict: async () => 'abort',
    adopt: async () => false,
    ...answers,
  };
}
