import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectRef } from '../../src/domain/objects.ts';
import { drift } from '../../src/services/drift.ts';
import { history } from '../../src/services/inspect.ts';
import type { Session } from '../../src/services/requests.ts';
import { runTests } from '../../src/services/run-tests.ts';
import { status } from '../../src/services/status.ts';
import { verify } from '../../src/services/verify.ts';
import type { ChangeHarness } from '../support/change-harness.ts';
import { configMap, type FixtureHook, job } from '../support/fixture-app.ts';
import type { ChangeSetup } from './change-setup.ts';

type Started = { readonly setup: ChangeSetup; readonly harness: ChangeHarness };

/** A session that is cut when an object of this name was written. */
function cutAt(name: string): Partial<Session> {
  const abort = new AbortController();
  return {
    signal: abort.signal,
    emit: (event) => {
      if (event.type === 'written' && event.ref.name === name) abort.abort(new Error('cut'));
    },
  };
}

const keepPolicy = { 'helm.sh/resource-policy': 'keep' };

/** What hooks promise (Helm's, run by the journal of the record). */
export function hookCases(started: () => Started): void {
  const signal = new AbortController().signal;
  const named = () => ({ namespace: started().setup.namespace, name: 'one' });
  const app = (
    version: string,
    hooks: readonly FixtureHook[],
    objects: KubeObject[] = [configMap('one-a')],
  ) => {
    started().harness.app = { version, objects: () => structuredClone(objects), hooks };
  };
  const written = () =>
    started().harness.events.flatMap((event) =>
      event.type === 'written' ? [`${event.action} ${event.ref.name}`] : [],
    );
  const uidOf = async (kind: string, name: string) => {
    const group = kind === 'Job' ? 'batch' : '';
    const ref: ObjectRef = { group, version: 'v1', kind, namespace: started().setup.namespace, name };
    const found = await started().setup.cluster.getMetadata(ref);
    return found?.metadata.deletionTimestamp === undefined ? found?.metadata.uid : undefined;
  };
  const record = async () => {
    const found = await started().harness.deps.records.read(started().setup.namespace, 'one');
    if (found === undefined) throw new Error('no record');
    return found;
  };

  describe('hooks', () => {
    it('run before and after the writes, by weight and then by name, each to its end', async () => {
      app('1.0.0', [
        { object: job('one-after'), events: ['post-install'] },
        { object: job('one-second'), events: ['pre-install'], weight: 5 },
        { object: configMap('one-b-settings'), events: ['pre-install'], weight: -5 },
        { object: configMap('one-a-settings'), events: ['pre-install'], weight: -5 },
        { object: job('one-never'), events: ['pre-upgrade'] },
      ]);
      const result = await started().harness.install();
      expect(written()).toEqual([
        'create one-a-settings',
        'create one-b-settings',
        'create one-second',
        'create one-a',
        'create one-after',
      ]);
      expect(result.plan.hooks?.map(({ ref, runs }) => [ref.name, runs])).toEqual([
        ['one-after', ['post-install']],
        ['one-second', ['pre-install']],
        ['one-b-settings', ['pre-install']],
        ['one-a-settings', ['pre-install']],
        ['one-never', []],
      ]);
      const found = await started().harness.get('batch/v1', 'Job', 'one-after');
      expect(found?.status?.succeeded).toBe(1);
    });

    it('are no part of health and drift, but of the record', async () => {
      app('1.0.0', [{ object: job('one-once'), events: ['pre-install'] }]);
      await started().harness.install();
      const report = await status(started().harness.deps, named(), signal);
      expect(report.objects.map(({ ref }) => ref.name)).toEqual(['one-a']);
      await started().setup.cluster.delete({
        ...{ group: 'batch', version: 'v1', kind: 'Job', namespace: named().namespace, name: 'one-once' },
      });
      expect((await drift(started().harness.deps, named(), { emit: () => {}, signal })).objects).toEqual([]);
      const { inventory, revisions } = await record();
      expect(inventory.find(({ name }) => name === 'one-once')).toMatchObject({ hook: true, kind: 'Job' });
      expect(revisions[0]?.hooks).toEqual(['pre-install']);
    });

    it('go when they say so, and stay for the next run where they say nothing', async () => {
      app('1.0.0', [
        { object: job('one-gone'), events: ['pre-install'], deletePolicies: ['hook-succeeded'] },
        { object: job('one-stays'), events: ['pre-install', 'pre-upgrade'] },
      ]);
      await started().harness.install();
      expect(await uidOf('Job', 'one-gone')).toBeUndefined();
      const before = await uidOf('Job', 'one-stays');
      expect(before).toBeDefined();
      app('1.1.0', [{ object: job('one-stays'), events: ['pre-install', 'pre-upgrade'] }]);
      const result = await started().harness.upgrade();
      expect(result.plan.hooks?.map(({ action }) => action)).toEqual(['replace']);
      const after = await uidOf('Job', 'one-stays');
      expect(after).toBeDefined();
      expect(after).not.toBe(before);
      expect((await record()).inventory.map(({ name }) => name).sort()).toEqual(['one-a', 'one-stays']);
    });

    it('are pruned with what they made when the app does not have them any more', async () => {
      app('1.0.0', [{ object: configMap('one-old'), events: ['post-install'] }]);
      await started().harness.install();
      app('1.1.0', []);
      await started().harness.upgrade();
      expect(await uidOf('ConfigMap', 'one-old')).toBeUndefined();
    });

    it('end the change where one fails, before anything else is written, and the next try begins anew', async () => {
      app('1.0.0', [
        { object: configMap('one-settings'), events: ['pre-install'], weight: -1 },
        { object: job('one-migrate', 'job-failed'), events: ['pre-install'] },
      ]);
      await expect(started().harness.install()).rejects.toMatchObject({
        code: 'UNHEALTHY',
        causeCode: 'JOB_FAILED',
        message: `Job/${named().namespace}/one-migrate: the pre-install hook failed`,
      });
      expect(await uidOf('ConfigMap', 'one-a')).toBeUndefined();
      const { revisions } = await history(started().harness.deps, named());
      expect(revisions[0]).toMatchObject({ result: 'failed', cause: 'JOB_FAILED' });
      const failed = await uidOf('Job', 'one-migrate');
      expect(failed).toBeDefined();
      app('1.0.1', [{ object: job('one-migrate'), events: ['pre-install'] }]);
      expect((await started().harness.install()).outcome).toBe('changed');
      expect(await uidOf('Job', 'one-migrate')).not.toBe(failed);
      expect(await uidOf('ConfigMap', 'one-settings')).toBeUndefined();
    });

    it('are deleted after a failure where they say so', async () => {
      app('1.0.0', [
        {
          object: job('one-migrate', 'job-failed'),
          events: ['pre-install'],
          deletePolicies: ['hook-failed', 'before-hook-creation'],
        },
      ]);
      await expect(started().harness.install()).rejects.toMatchObject({ code: 'UNHEALTHY' });
      expect(await uidOf('Job', 'one-migrate')).toBeUndefined();
    });

    it('that were begun by a run that was cut are waited for, not made twice; those that are done do not run again', async () => {
      app('1.0.0', [
        { object: job('one-first'), events: ['pre-install'], weight: 1 },
        { object: job('one-second'), events: ['pre-install'], weight: 2 },
      ]);
      await expect(started().harness.install({}, cutAt('one-second'))).rejects.toThrow('cut');
      const first = await uidOf('Job', 'one-first');
      const second = await uidOf('Job', 'one-second');
      expect([first, second]).not.toContain(undefined);
      expect(
        (await record()).pending?.journal.map(({ step }) => step.replace(named().namespace, 'x')),
      ).toEqual([
        'hook pre-install Job/x/one-first begun',
        'hook pre-install Job/x/one-first done',
        'hook pre-install Job/x/one-second begun',
      ]);
      const result = await started().harness.upgradeBare();
      expect(result.record).toMatchObject({ state: 'deployed', revision: 1 });
      expect([await uidOf('Job', 'one-first'), await uidOf('Job', 'one-second')]).toEqual([first, second]);
    });

    it('of a rollback come from the revision that it goes back to', async () => {
      app('1.0.0', [{ object: job('one-back'), events: ['pre-rollback'] }]);
      await started().harness.install();
      app('1.1.0', [], [configMap('one-a', { b: '2' })]);
      await started().harness.upgrade();
      const result = await started().harness.rollback();
      expect(result.plan.hooks?.map(({ runs }) => runs)).toEqual([['pre-rollback']]);
      expect(await uidOf('Job', 'one-back')).toBeDefined();
    });

    it('run around a removal, and what hooks made is gone after it', async () => {
      app('1.0.0', [
        { object: configMap('one-settings'), events: ['pre-install'] },
        { object: job('one-before'), events: ['pre-delete'], weight: 1 },
        { object: job('one-after'), events: ['post-delete'] },
      ]);
      await started().harness.install();
      started().harness.events.length = 0;
      const { left } = await started().harness.remove();
      expect(written().slice(0, 3)).toEqual(['create one-before', 'delete one-a', 'create one-after']);
      // At once, in no order
      const last = ['delete one-after', 'delete one-before', 'delete one-settings'];
      expect(written().slice(3).sort()).toEqual(last);
      expect(left).toEqual([]);
      const rest = await verify(started().harness.deps, named(), signal);
      expect(rest.left).toEqual([]);
    });

    it('of a removal that fail stop it, and `hooks: false` does without them', async () => {
      app('1.0.0', [{ object: job('one-before', 'job-failed'), events: ['pre-delete'] }]);
      await started().harness.install();
      await expect(started().harness.remove()).rejects.toMatchObject({
        code: 'UNHEALTHY',
        hint: expect.stringContaining('--no-hooks'),
      });
      expect(await uidOf('ConfigMap', 'one-a')).toBeDefined();
      expect((await started().harness.remove({ hooks: false })).left).toEqual([]);
      expect(await uidOf('Job', 'one-before')).toBeUndefined();
    });

    it('of a removal that was cut go on where they stopped', async () => {
      app('1.0.0', [
        { object: job('one-before'), events: ['pre-delete'] },
        { object: job('one-after'), events: ['post-delete'] },
      ]);
      await started().harness.install();
      await expect(started().harness.remove({}, cutAt('one-after'))).rejects.toThrow('cut');
      started().harness.events.length = 0;
      await started().harness.remove();
      expect(written().filter((line) => line.startsWith('create'))).toEqual([]);
      expect((await verify(started().harness.deps, named(), signal)).left).toEqual([]);
    });

    it('do not run where that is not wanted', async () => {
      app('1.0.0', [{ object: job('one-before', 'job-failed'), events: ['pre-install'] }]);
      const result = await started().harness.install({ hooks: false });
      expect(result.plan.hooks?.map(({ runs }) => runs)).toEqual([[]]);
      expect(await uidOf('Job', 'one-before')).toBeUndefined();
    });

    it('do not run by an upgrade without change (row 23)', async () => {
      app('1.0.0', [{ object: job('one-always'), events: ['pre-install', 'pre-upgrade'] }]);
      await started().harness.install();
      const before = await uidOf('Job', 'one-always');
      expect((await started().harness.upgrade()).outcome).toBe('unchanged');
      expect(await uidOf('Job', 'one-always')).toBe(before);
    });

    it('never delete what is not ours (row 18)', async () => {
      const theirs = job('one-migrate');
      const { namespace } = named();
      await started().setup.cluster.create({ ...theirs, metadata: { name: 'one-migrate', namespace } });
      const before = await uidOf('Job', 'one-migrate');
      app('1.0.0', [{ object: job('one-migrate'), events: ['pre-install'] }]);
      await expect(started().harness.install()).rejects.toMatchObject({ code: 'OBJECT_ADOPTABLE' });
      expect(await uidOf('Job', 'one-migrate')).toBe(before);
      expect(await uidOf('ConfigMap', 'one-a')).toBeUndefined();
    });

    it('that are invalid are refused before anything is written', async () => {
      const tooLarge = configMap('one-large', { a: 'x'.repeat(1024 * 1024 + 1) });
      app('1.0.0', [{ object: tooLarge, events: ['post-install'] }]);
      await expect(started().harness.install()).rejects.toMatchObject({ code: 'API_INVALID' });
      expect(await uidOf('ConfigMap', 'one-a')).toBeUndefined();
    });
  });

  describe('tests of an app', () => {
    const run = (only: readonly string[] = []) =>
      runTests(
        started().harness.deps,
        { ...named(), only, logs: false, timeout: 30_000, holder: 'test' },
        { emit: (event) => started().harness.events.push(event), signal },
      );

    it('are run one after the other, whatever comes of the first', async () => {
      app('1.0.0', [
        { object: job('one-bad', 'job-failed'), events: ['test'], weight: 1 },
        {
          object: job('one-good'),
          events: ['test'],
          weight: 2,
          deletePolicies: ['before-hook-creation', 'hook-succeeded'],
        },
      ]);
      await started().harness.install();
      const report = await run();
      expect(report.tests.map(({ ref, result, cause }) => [ref.name, result, cause])).toEqual([
        ['one-bad', 'failed', 'JOB_FAILED'],
        ['one-good', 'passed', undefined],
      ]);
      expect(await uidOf('Job', 'one-good')).toBeUndefined();
      expect((await status(started().harness.deps, named(), signal)).health).toBe('healthy');
      expect((await run(['one-good'])).tests.map(({ result }) => result)).toEqual(['passed']);
      await started().harness.remove();
      expect((await verify(started().harness.deps, named(), signal)).left).toEqual([]);
    });

    it('that are not there are told', async () => {
      app('1.0.0', [{ object: job('one-smoke'), events: ['test'] }]);
      await started().harness.install();
      await expect(run(['one-smok'])).rejects.toMatchObject({
        code: 'USAGE',
        hint: 'Did you mean one-smoke?',
      });
      app('1.1.0', []);
      await started().harness.upgrade();
      await expect(run()).rejects.toMatchObject({ code: 'TESTS_MISSING' });
    });
  });

  describe('helm.sh/resource-policy', () => {
    const kept = () => {
      const object = configMap('one-kept', { a: '1' });
      return { ...object, metadata: { ...object.metadata, annotations: keepPolicy } };
    };

    it('keeps an object that leaves the app, and one of an app that is removed, and says why', async () => {
      app('1.0.0', [], [configMap('one-a'), kept()]);
      await started().harness.install();
      app('1.1.0', [], [configMap('one-a')]);
      const result = await started().harness.upgrade();
      expect(result.plan.objects.find(({ ref }) => ref.name === 'one-kept')).toMatchObject({
        action: 'keep',
      });
      expect(await uidOf('ConfigMap', 'one-kept')).toBeDefined();
      const { left } = await started().harness.remove();
      expect(left).toMatchObject([
        { ref: { name: 'one-kept' }, reason: 'its annotation helm.sh/resource-policy says keep' },
      ]);
      expect(await uidOf('ConfigMap', 'one-kept')).toBeDefined();
    });

    it('does not hide drift of an object that is part of the app', async () => {
      app('1.0.0', [], [kept()]);
      await started().harness.install();
      const { namespace } = named();
      await started().setup.cluster.delete({
        ...{ group: '', version: 'v1', kind: 'ConfigMap', namespace, name: 'one-kept' },
      });
      const report = await drift(started().harness.deps, named(), { emit: () => {}, signal });
      expect(report.objects.map(({ ref, state }) => [ref.name, state])).toEqual([['one-kept', 'missing']]);
    });
  });
}
