import { beforeEach, describe, expect, it } from 'vitest';
import { plain } from '../../src/cli/views/color.ts';
import { hasChanges, planText } from '../../src/cli/views/plan.ts';
import { ApiError } from '../../src/domain/errors.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { savePlan } from '../../src/services/save-plan.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const at = { namespace: 'shop', name: 'one' };

let cluster: MemoryCluster;
let harness: ChangeHarness;

/** Two versions of it render to the same objects. */
const app = (version: string, data = { a: '1' }) => ({
  version,
  schema: { type: 'object', properties: { note: { type: 'string' } } } as const,
  objects: () => [configMap('one-a', data)],
});

beforeEach(async () => {
  cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  harness = changeHarness({ cluster, ...at, app: app('0.2.0'), hasty: true });
});

const note = { given: { values: { note: 'seen' }, secretRefs: [] } };
const planned = async (request = {}): Promise<Plan> =>
  (await harness.upgrade({ dryRun: true, ...request })).plan;
const text = (plan: Plan) => planText(plan, { palette: plain, width: 80, verbose: false });
const refused = () =>
  cluster.fail(
    (request) => request.name === 'one-a' && request.verb === 'patch' && !request.dryRun,
    new ApiError('ADMISSION_DENIED', 'ConfigMap/shop/one-a: denied on a whim', {
      status: 403,
      reason: 'Forbidden',
      fieldConflicts: [],
      causes: [],
    }),
  );

describe('a dry run', () => {
  it('says that nothing changes just where the real run writes nothing', async () => {
    await harness.install();
    const plan = await planned();
    expect([hasChanges(plan), plan.records]).toEqual([false, undefined]);
    expect((await harness.upgrade()).outcome).toBe('unchanged');
  });

  it('tells the revision of another version that has the same objects', async () => {
    await harness.install();
    harness.app = app('0.3.0');
    const plan = await planned();
    expect([hasChanges(plan), plan.records]).toEqual([true, 'package']);
    expect(text(plan)).toContain('1 unchanged.\nA revision is recorded: version 0.2.0 -> 0.3.0.');
    const saved = await savePlan(
      harness.deps,
      { ...harness.request('upgrade'), requireApproval: false },
      { emit: () => {}, signal: new AbortController().signal },
    );
    expect(saved.plan.records).toBe('package');
    expect(await harness.upgrade()).toMatchObject({ outcome: 'changed', record: { revision: 2 } });
    expect((await planned()).records).toBeUndefined();
  });

  it('tells the revision of other values that change no object', async () => {
    await harness.install();
    const plan = await planned(note);
    expect([hasChanges(plan), plan.records]).toEqual([true, 'options']);
    expect(await harness.upgrade(note)).toMatchObject({ outcome: 'changed', record: { revision: 2 } });
  });

  it('tells that an operation that was cut is gone on with', async () => {
    const abort = new AbortController();
    const cut = harness.install(
      {},
      {
        signal: abort.signal,
        emit: (event) => {
          if (event.type === 'operation') abort.abort(new Error('Ctrl-C'));
        },
      },
    );
    await expect(cut).rejects.toThrow();
    const plan = await planned();
    expect([hasChanges(plan), plan.records]).toEqual([true, 'unfinished']);
    expect(await harness.upgrade()).toMatchObject({ outcome: 'changed', record: { state: 'deployed' } });
  });

  it('tells that a revision that failed is made good', async () => {
    await harness.install();
    harness.app = app('0.3.0', { a: '2' });
    const heal = refused();
    await expect(harness.upgrade()).rejects.toMatchObject({ code: 'ADMISSION_DENIED' });
    heal();
    harness.app = app('0.3.0');
    const plan = await planned();
    expect([hasChanges(plan), plan.records]).toEqual([true, 'failed']);
    expect(text(plan)).toContain('A revision is recorded: the one before failed.');
    expect(await harness.upgrade()).toMatchObject({ outcome: 'changed', record: { revision: 3 } });
  });
});
