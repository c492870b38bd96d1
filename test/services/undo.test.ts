import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/domain/errors.ts';
import { doOnce } from '../../src/services/do-once.ts';
import { history } from '../../src/services/inspect.ts';
import { newOperation } from '../../src/services/operation.ts';
import type { Session } from '../../src/services/requests.ts';
import { status } from '../../src/services/status.ts';
import { why } from '../../src/services/why.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap, deployment } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';

const at = { namespace: 'shop', name: 'one' };
const signal = new AbortController().signal;
const undoOnFailure = true;

let cluster: MemoryCluster;
let harness: ChangeHarness;

beforeEach(async () => {
  cluster = createMemoryCluster({ simulate: true });
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
  harness = changeHarness({ cluster, ...at, app: app('1.0.0', 'one-a', 'one-z') });
});

function app(version: string, ...names: string[]) {
  return { version, objects: () => names.map((name) => configMap(name, { version })) };
}

/** Lets every real write of an object fail from now on. */
function refuse(name: string): () => void {
  return cluster.fail(
    (request) => request.name === name && request.verb === 'patch' && !request.dryRun,
    new ApiError('ADMISSION_DENIED', `ConfigMap/shop/${name}: denied on a whim`, {
      status: 403,
      reason: 'Forbidden',
      fieldConflicts: [],
      causes: [],
    }),
  );
}

const revisions = async () =>
  (await history(harness.deps, at)).revisions.map((one) => [
    one.number,
    one.operation,
    one.target,
    one.result,
    one.cause,
  ]);
const data = async (name: string) => (await harness.get('v1', 'ConfigMap', name))?.data;

/** A session that is cut as soon as something was written. */
function cutWhenWritten(): Partial<Session> {
  const abort = new AbortController();
  return {
    signal: abort.signal,
    emit: (event) => {
      if (event.type === 'written') abort.abort(new Error('Ctrl-C'));
    },
  };
}

describe('--undo-on-failure', () => {
  it('goes back from a failed upgrade once the evidence is stored, and tells the failure (row 6)', async () => {
    await harness.install();
    harness.app = app('2.0.0', 'one-a', 'one-new', 'one-z');
    refuse('one-new');
    await expect(harness.upgrade({ undoOnFailure })).rejects.toMatchObject({
      code: 'ADMISSION_DENIED',
      message: expect.stringContaining('one-new'),
      hint: expect.stringContaining('It was undone: revision 3 is revision 1 again.'),
    });
    expect(await revisions()).toEqual([
      [3, 'rollback', 1, 'deployed', undefined],
      [2, 'upgrade', undefined, 'failed', 'ADMISSION_DENIED'],
      [1, 'install', undefined, 'superseded', undefined],
    ]);
    expect([await data('one-a'), await data('one-new')]).toEqual([{ version: '1.0.0' }, undefined]);
  });

  it('takes back a first install, and keeps why it failed (row 6); installing again needs no repair (row 22)', async () => {
    const stop = refuse('one-z');
    await expect(harness.install({ undoOnFailure })).rejects.toMatchObject({
      code: 'ADMISSION_DENIED',
      hint: expect.stringContaining('its objects are removed'),
    });
    expect([await data('one-a'), await data('one-z')]).toEqual([undefined, undefined]);
    expect(await revisions()).toEqual([[1, 'install', undefined, 'failed', 'ADMISSION_DENIED']]);
    const report = await status(harness.deps, at, signal);
    expect(report).toMatchObject({ health: 'unhealthy', objects: [], record: { state: 'failed' } });
    expect(report.problems[0]?.message).toContain('denied on a whim');
    expect(await why(harness.deps, at, signal)).toMatchObject({
      health: 'unhealthy',
      failed: { number: 1 },
      diagnosis: { cause: 'ADMISSION_DENIED', message: expect.stringContaining('denied on a whim') },
    });
    stop();
    await harness.install();
    expect(await revisions()).toEqual([
      [2, 'install', undefined, 'deployed', undefined],
      [1, 'install', undefined, 'failed', 'ADMISSION_DENIED'],
    ]);
  });

  it('keeps the volumes of a first install, and the record of them', async () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'one-data' }, spec };
    harness.app = { version: '1.0.0', objects: () => [structuredClone(claim), deployment('one-z')] };
    refuse('one-z');
    await expect(harness.install({ undoOnFailure })).rejects.toMatchObject({
      hint: expect.stringContaining(
        'its objects are removed, but for 1 that stay: PersistentVolumeClaim/shop/one-data (it holds data);',
      ),
    });
    const live = await harness.get('v1', 'PersistentVolumeClaim', 'one-data');
    const record = await harness.deps.records.read(at.namespace, at.name);
    expect(record?.inventory).toMatchObject([{ name: 'one-data', uid: live?.metadata.uid }]);
  });

  it('takes nothing back that somebody else has deployed meanwhile', async () => {
    await harness.install();
    await expect(harness.remove({ keepRecord: true })).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' });
    expect(await data('one-a')).toEqual({ version: '1.0.0' });
  });

  it('says what went wrong where it cannot be undone, and how to try again', async () => {
    await harness.install();
    harness.app = app('2.0.0', 'one-a', 'one-new');
    refuse('one-new');
    refuse('one-a');
    await expect(harness.upgrade({ undoOnFailure })).rejects.toMatchObject({
      code: 'ADMISSION_DENIED',
      hint: expect.stringMatching(
        /It could not be undone: .*one-a.*ADMISSION_DENIED.*`appstore upgrade one --undo -n shop` tries it again/,
      ),
    });
  });

  it('names the revision that failed as the one to ask about: what is live is another by then', async () => {
    cluster = createMemoryCluster();
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: at.namespace } });
    const objects = (replicas: number) => () => [deployment('one-web', { replicas })];
    harness = changeHarness({ cluster, ...at, app: { version: '1.0.0', objects: objects(1) }, timeout: 300 });
    await harness.install({ wait: false });
    harness.app = { version: '2.0.0', objects: objects(2) };
    const failed = await harness.upgrade({ undoOnFailure }).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 'WAIT_TIMEOUT',
      hint: expect.stringMatching(/`appstore why one -n shop --revision 2` shows the evidence/),
    });
    expect(await why(harness.deps, { ...at, revision: 2 }, signal)).toMatchObject({
      source: 'record',
      diagnosis: { findings: [{ ref: { kind: 'Deployment' } }] },
    });
    const left = await harness.upgrade({}).catch((error: unknown) => error);
    expect(left).toMatchObject({ hint: expect.stringContaining('`appstore why one -n shop` shows') });
  });

  it('does nothing where nothing was written', async () => {
    await harness.install();
    const before = await revisions();
    harness.app = app('2.0.0', 'Not a name');
    await expect(harness.upgrade({ undoOnFailure })).rejects.toMatchObject({
      code: 'API_INVALID',
      hint: expect.not.stringContaining('undone'),
    });
    expect(await revisions()).toEqual(before);
  });

  it('leaves an interrupted change to be gone on with', async () => {
    await harness.install();
    harness.app = app('2.0.0', 'one-a', 'one-new');
    await expect(harness.upgrade({ undoOnFailure }, cutWhenWritten())).rejects.toBeDefined();
    expect((await revisions())[0]).toEqual([2, 'upgrade', undefined, 'pending', undefined]);
  });
});

describe('a step of the journal', () => {
  it('is done once, also by the operation that goes on with the one that was cut', async () => {
    await harness.install();
    harness.app = app('2.0.0', 'one-a', 'one-b');
    const stop = refuse('one-b');
    await expect(harness.upgrade({}, cutWhenWritten())).rejects.toBeDefined();
    stop();
    const { records } = harness.deps;
    let record = await records.read(at.namespace, at.name);
    if (record === undefined) throw new Error('no record');
    let done = 0;
    const step = {
      name: 'hook/backup',
      run: async () => {
        done++;
      },
    };
    record = await doOnce(harness.deps, record, step, signal);
    record = await doOnce(harness.deps, record, step, signal);
    expect(done).toBe(1);

    // The next command takes the journal over.
    await expect(harness.upgradeBare({}, cutWhenWritten())).rejects.toBeDefined();
    record = await records.read(at.namespace, at.name);
    expect(record?.pending?.journal).toEqual([{ step: 'hook/backup', at: expect.any(String) }]);
  });

  it('is not written down where the step failed', async () => {
    const record = (await harness.install()).record;
    if (record === undefined) throw new Error('no record');
    const begun = await harness.deps.records.begin({
      ...at,
      record,
      operation: newOperation(harness.deps, 'remove', 0, { holder: 'test' }),
      inventory: record.inventory,
    });
    const run = () => Promise.reject(new Error('no'));
    await expect(doOnce(harness.deps, begun, { name: 'hook', run }, signal)).rejects.toThrow('no');
    const now = await harness.deps.records.read(at.namespace, at.name);
    expect(now?.pending?.journal).toEqual([]);
  });
});
