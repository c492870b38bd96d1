import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppstoreError } from '../../src/domain/errors.ts';
import { leaseRef } from '../../src/domain/lease.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { type Claim, createClaim, whileLocked } from '../../src/services/claim.ts';
import type { AppstoreEvent } from '../../src/services/events.ts';
import type { Lock } from '../../src/services/lock.ts';
import type { Clock, Cluster } from '../../src/services/ports.ts';
import type { ChangeDeps } from '../../src/services/requests.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';

const name = { namespace: 'team', name: 'one' };
const never = new AbortController().signal;

describe('the lock of an installation (row 1)', () => {
  let clock: TestClock;
  let cluster: ReturnType<typeof createMemoryCluster>;
  let harness: ChangeHarness;
  let deps: ChangeDeps;
  let events: AppstoreEvent[];
  const held: Lock[] = [];

  beforeEach(async () => {
    clock = createTestClock();
    cluster = createMemoryCluster({});
    events = [];
    const app = { version: '1.0.0', objects: () => [configMap('one-config', {})] };
    harness = changeHarness({ cluster, ...name, app, clock, lockSeconds: 15 });
    deps = harness.deps;
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
  });
  afterEach(async () => {
    for (const lock of held.splice(0)) await lock.release();
  });

  const session = () => ({ emit: (event: AppstoreEvent) => void events.push(event), signal: never });
  const claim = (holder: string, over: { waitForLock?: number; clock?: Clock } = {}): Claim =>
    createClaim(
      { ...deps, ...(over.clock === undefined ? {} : { clock: over.clock }) },
      {
        ...name,
        holder,
        ...(over.waitForLock === undefined ? {} : { waitForLock: over.waitForLock }),
      },
    );
  const take = async (one: Claim): Promise<Lock> => {
    const lock = await one.take(session());
    if (lock === undefined) throw new Error('somebody else was faster');
    held.push(lock);
    return lock;
  };
  const lease = (): Promise<KubeObject | undefined> => cluster.get(leaseRef(name));
  /** Lets time pass until the work has ended. */
  const during = async <T>(work: Promise<T>): Promise<T> => {
    let ended = false;
    const end = () => {
      ended = true;
    };
    work.then(end, end);
    while (!ended) await clock.advance(500);
    return work;
  };
  const write = (lock: Lock) =>
    whileLocked(deps, lock, session(), ({ cluster: guarded }) =>
      guarded.create({ ...configMap('late', {}), metadata: { name: 'late', namespace: 'team' } }),
    );
  const isWritten = async () =>
    (await cluster.get({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'team', name: 'late' })) !==
    undefined;

  it('is a Lease with holder and duration, renewed while it is held and gone afterwards', async () => {
    const lock = await take(claim('ann'));
    const first = (await lease())?.spec;
    expect(first).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(first?.holderIdentity).toMatch(/^ann #[0-9a-f]{12}$/);
    await clock.advance(6000);
    expect((await lease())?.spec?.renewTime).not.toBe(first?.renewTime);
    await lock.release();
    expect(await lease()).toBeUndefined();
  });

  it('refuses a second one as soon as the holder is seen to live, and names it', async () => {
    await take(claim('ann'));
    const before = clock.monotonic();
    await expect(during(claim('bob').free(session()))).rejects.toMatchObject({
      code: 'INSTALLATION_LOCKED',
      message: expect.stringMatching(/locked by ann.* since [-0-9]+T[0-9:]+Z \([0-9]+s ago\)/),
    });
    expect(clock.monotonic() - before).toBeLessThan(15_000);
    expect(events).toMatchObject([{ type: 'locked', holder: expect.stringContaining('ann') }]);
  });

  it('waits for a holder that lives where it is told to, then says that everything is stale', async () => {
    const lock = await take(claim('ann'));
    const waiting = claim('bob', { waitForLock: 60_000 }).free(session());
    await clock.advance(30_000);
    await lock.release();
    expect(await during(waiting)).toBe('again');
  });

  it('takes over what was not renewed for its whole duration on our own clock', async () => {
    // Its heartbeat stands still with its clock.
    await take(claim('ann', { clock: createTestClock() }));
    const bob = claim('bob');
    const before = clock.monotonic();
    expect(await during(bob.free(session()))).toBe('again');
    expect(clock.monotonic() - before).toBeGreaterThanOrEqual(15_000);
    expect(await bob.free(session())).toBe('free');
    await take(bob);
    expect((await lease())?.spec).toMatchObject({
      leaseTransitions: 1,
      holderIdentity: expect.stringContaining('bob'),
    });
  });

  it.each([
    [
      'a renewal far in the future',
      { renewTime: '2099-01-01T00:00:00.000000Z', leaseDurationSeconds: 2 },
      2000,
    ],
    ['a renewal long ago', { renewTime: '1999-01-01T00:00:00.000000Z', leaseDurationSeconds: 2 }, 2000],
    ['no duration', {}, 15_000],
    ['a duration below zero', { leaseDurationSeconds: -5 }, 15_000],
    ['a duration of ten years', { leaseDurationSeconds: 315_360_000 }, 300_000],
    ['a name that steers the terminal', { holderIdentity: '\u001b[2Jann', leaseDurationSeconds: 1 }, 1000],
  ])('judges a Lease with %s by what it sees', async (_, spec, patience) => {
    await cluster.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'appstore.one', namespace: 'team' },
      spec: { holderIdentity: 'ann', ...spec },
    });
    const before = clock.monotonic();
    expect(await during(claim('bob').free(session()))).toBe('again');
    const waited = clock.monotonic() - before;
    expect(waited).toBeGreaterThanOrEqual(patience);
    expect(waited).toBeLessThan(patience + 2000);
    expect(JSON.stringify(events)).not.toContain('\\u001b');
  });

  it('writes nothing more once another one has it, however long it slept', async () => {
    const frozen = jumpingClock();
    const lock = await take(claim('ann', { clock: frozen.clock }));
    await cluster.delete(leaseRef(name));
    await take(claim('bob'));
    frozen.jump({ monotonic: 60_000, wall: 60_000 });
    await expect(write(lock)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await isWritten()).toBe(false);
    expect((await lease())?.spec?.holderIdentity).toContain('bob');
  });

  it.each([
    ['the wall clock alone went on (a laptop slept)', { monotonic: 0, wall: 60_000 }],
    ['the monotonic clock alone went on', { monotonic: 60_000, wall: 0 }],
    ['the wall clock was set back', { monotonic: 0, wall: -60_000 }],
  ])('reads the Lease again before the next write where %s', async (_, jump) => {
    const frozen = jumpingClock();
    const lock = await take(claim('ann', { clock: frozen.clock }));
    expect(lock.fresh()).toBe(true);
    frozen.jump(jump);
    expect(lock.fresh()).toBe(false);
    await write(lock);
    expect(await isWritten()).toBe(true);
  });

  it('counts from when it was asked for: a process that slept before it had the answer writes nothing', async () => {
    const frozen = jumpingClock();
    const asleep: Cluster = {
      ...cluster,
      create: async (object, options) => {
        const made = await cluster.create(object, options);
        if (object.kind === 'Lease') {
          frozen.jump({ monotonic: 60_000, wall: 60_000 });
          // Another one took over and is done.
          await cluster.delete(leaseRef(name));
        }
        return made;
      },
    };
    const one = createClaim({ ...deps, cluster: asleep, clock: frozen.clock }, { ...name, holder: 'ann' });
    const lock = await take(one);
    expect(lock.fresh()).toBe(false);
    await expect(write(lock)).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await isWritten()).toBe(false);
  });

  it('stops before it expires where it cannot renew', async () => {
    const lock = await take(claim('ann'));
    cluster.fail(({ kind }) => kind === 'Lease', new TypeError('the network is gone'));
    await clock.advance(9500);
    expect(lock.fresh()).toBe(true);
    await clock.advance(1000);
    expect(lock.fresh()).toBe(false);
    await expect(during(write(lock))).rejects.toThrow();
    expect(await isWritten()).toBe(false);
  });

  it('is kept through an outage that is longer than it lasts, where nobody else took it', async () => {
    let away = true;
    const slow: Cluster = {
      ...cluster,
      replace: async (object, options) => {
        if (away) await clock.sleep(40_000);
        away = false;
        return cluster.replace(object, options);
      },
    };
    const one = createClaim({ ...deps, cluster: slow }, { ...name, holder: 'ann' });
    const lock = await take(one);
    await clock.advance(12_000);
    expect(lock.fresh()).toBe(false);
    await during(write(lock));
    expect(await isWritten()).toBe(true);
  });

  it('says that the server cannot be reached where that is why nothing may be written', async () => {
    const lock = await take(claim('ann'));
    const gone = new AppstoreError('CLUSTER_UNREACHABLE', 'the network is gone');
    const back = cluster.fail(({ kind, verb }) => kind === 'Lease' && verb === 'update', gone);
    await clock.advance(12_000);
    await expect(during(write(lock))).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
    back();
    expect(await isWritten()).toBe(false);
  });

  it('keeps what somebody only put a label on', async () => {
    const lock = await take(claim('ann'));
    await cluster.mergePatch(leaseRef(name), { metadata: { labels: { theirs: 'yes' } } });
    await clock.advance(20_000);
    await expect(lock.ensure()).resolves.toBeUndefined();
    expect((await lease())?.metadata.labels?.theirs).toBe('yes');
  });

  it('is let go of although somebody put a label on it in the last moment', async () => {
    const lock = await take(claim('ann'));
    await cluster.mergePatch(leaseRef(name), { metadata: { labels: { theirs: 'yes' } } });
    await lock.release();
    expect(await lease()).toBeUndefined();
  });

  it('leaves the Lease of another one when it is let go of', async () => {
    const lock = await take(claim('ann'));
    await cluster.delete(leaseRef(name));
    await take(claim('bob'));
    await lock.release();
    expect((await lease())?.spec?.holderIdentity).toContain('bob');
  });

  it.each([
    ['at its end', 2_147_483_647, 1],
    ['below zero', -3, 1],
    ['no number', 'many', 1],
    ['as usual', 4, 5],
  ])('takes over a Lease whose count of holders is %s', async (_, leaseTransitions, next) => {
    await cluster.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'appstore.one', namespace: 'team' },
      spec: { holderIdentity: 'ann', leaseDurationSeconds: 1, leaseTransitions },
    });
    const bob = claim('bob');
    expect(await during(bob.free(session()))).toBe('again');
    expect(await bob.free(session())).toBe('free');
    await take(bob);
    expect((await lease())?.spec?.leaseTransitions).toBe(next);
  });

  it('waits as long as it is told to, however short the operation itself may take', async () => {
    const lock = await take(claim('ann'));
    const install = harness.install({ timeout: 20_000, waitForLock: 120_000 });
    await clock.advance(90_000);
    expect(harness.events.filter(({ type }) => type === 'locked')).toHaveLength(1);
    await lock.release();
    expect(await during(install)).toMatchObject({ outcome: 'changed' });
    expect(await lease()).toBeUndefined();
  });

  it('holds back each single write of the record, not the first one alone', async () => {
    const frozen = jumpingClock();
    await deps.records.addGenerated('team', 'one', { token: 'known' });
    const lock = await take(claim('ann', { clock: frozen.clock }));
    const late = whileLocked(deps, lock, session(), async ({ records }) => {
      await cluster.delete(leaseRef(name));
      await take(claim('bob'));
      // Frozen between the reading of the Secret and its writing.
      cluster.fail(({ kind, verb }) => {
        if (kind === 'Secret' && verb === 'get') frozen.jump({ monotonic: 60_000, wall: 60_000 });
        return false;
      }, new Error('never'));
      expect(lock.fresh()).toBe(true);
      await records.addGenerated('team', 'one', { password: 'secret' });
    });
    await expect(late).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await deps.records.readGenerated('team', 'one')).toEqual({ token: 'known' });
  });

  const writes = (of: ReturnType<typeof createMemoryCluster>) =>
    of.requests
      .filter(({ verb, dryRun }) => !dryRun && ['create', 'update', 'patch', 'delete'].includes(verb))
      .map(({ verb, kind, name: object }) => `${verb} ${kind} ${object}`);

  it('costs two writes an install, and none where only the plan is asked for', async () => {
    cluster.requests.splice(0);
    await harness.install({ dryRun: true });
    expect(writes(cluster)).toEqual([]);
    expect(cluster.requests.some(({ kind }) => kind === 'Lease')).toBe(false);
    await harness.install();
    expect(writes(cluster).filter((one) => one.includes('Lease'))).toEqual([
      'create Lease appstore.one',
      'delete Lease appstore.one',
    ]);
    expect(writes(cluster)[0]).toBe('create Lease appstore.one');
    expect(writes(cluster).at(-1)).toBe('delete Lease appstore.one');
  });

  it.each(['create', 'get', 'update', 'delete'])(
    'says before anything is written that the right to %s Leases is missing',
    async (verb) => {
      const user = cluster.as('ann', (asked) => asked.resource !== 'leases' || asked.verb !== verb);
      const mine = changeHarness({ cluster: user, ...name, app: harness.app, clock });
      const error: unknown = await mine.install().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'FORBIDDEN' });
      const { message, problems } = error as AppstoreError;
      expect(`${message} ${JSON.stringify(problems)}`).toMatch(new RegExp(`${verb}.*leases`, 's'));
      expect(writes(user)).toEqual([]);
    },
  );

  it.each(['create', 'get', 'update', 'delete'])(
    'removes nothing without the right to %s Leases, and says so',
    async (verb) => {
      await harness.install();
      const user = cluster.as('ann', (asked) => asked.resource !== 'leases' || asked.verb !== verb);
      const mine = changeHarness({ cluster: user, ...name, app: harness.app, clock });
      await expect(mine.remove()).rejects.toMatchObject({
        code: 'FORBIDDEN',
        problems: [{ message: `you may not ${verb} leases.coordination.k8s.io in namespace team` }],
      });
      expect(writes(user)).toEqual([]);
    },
  );

  it('is let go of when the work fails', async () => {
    const lock = await take(claim('ann'));
    const failing = whileLocked(deps, lock, session(), async () => {
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(await lease()).toBeUndefined();
  });
});

/** A clock that a test sets as it likes; who sleeps on it never wakes. */
function jumpingClock() {
  const at = { monotonic: 0, wall: Date.parse('2026-01-01T00:00:00Z') };
  const clock: Clock = {
    now: () => new Date(at.wall),
    monotonic: () => at.monotonic,
    sleep: () => new Promise(() => {}),
  };
  return {
    clock,
    jump(by: { readonly monotonic: number; readonly wall: number }) {
      at.monotonic += by.monotonic;
      at.wall += by.wall;
    },
  };
}
