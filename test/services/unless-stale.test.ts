import { beforeEach, describe, expect, it } from 'vitest';
import { leaseRef } from '../../src/domain/lease.ts';
import type { KubeObject } from '../../src/domain/objects.ts';
import { createClaim } from '../../src/services/claim.ts';
import type { Cluster } from '../../src/services/ports.ts';
import type { Session } from '../../src/services/requests.ts';
import { unlessStale } from '../../src/services/unless-stale.ts';
import { type ChangeHarness, changeHarness } from '../support/change-harness.ts';
import { configMap } from '../support/fixture-app.ts';
import { createMemoryCluster, type MemoryCluster } from '../support/memory/cluster.ts';
import { checkInstallation } from '../support/proofs/invariants.ts';

const name = { namespace: 'team', name: 'one' };

/** A plan that was made beside another operation is stale, and so is a refusal (row 1). */
describe('a refusal while somebody else writes', () => {
  let cluster: MemoryCluster;
  let mine: ChangeHarness;
  let theirs: ChangeHarness;

  beforeEach(async () => {
    cluster = createMemoryCluster({});
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } });
    const app = { version: '1.0.0', objects: () => [configMap('one-config', {})] };
    mine = changeHarness({ cluster, ...name, app, hasty: true });
    theirs = changeHarness({ cluster, ...name, app });
  });

  const lease = (spec: object) =>
    cluster.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'appstore.one', namespace: 'team' },
      spec: { ...spec },
    });

  it('is no answer where the installation changed meanwhile: all of it is read again', async () => {
    // Another install comes and goes after the record was read as absent and before its objects are looked at.
    let once = true;
    const slow: Cluster = {
      ...cluster,
      getMetadata: async (ref, signal) => {
        if (once && ref.name === 'one-config') {
          once = false;
          await theirs.install();
        }
        return cluster.getMetadata(ref, signal);
      },
    };
    const overtaken = changeHarness({ cluster: slow, ...name, app: mine.app });
    await expect(overtaken.install()).rejects.toMatchObject({ code: 'ALREADY_INSTALLED' });
  });

  it('leaves nothing of what it wrote for a record that another one has removed meanwhile', async () => {
    await theirs.install();
    let once = true;
    const slow: Cluster = {
      ...cluster,
      create: async (object, options) => {
        if (once && object.kind === 'Lease') {
          once = false;
          await theirs.remove();
        }
        return cluster.create(object, options);
      },
    };
    const app = { version: '2.0.0', objects: () => [configMap('one-config', { is: 'new' })] };
    const late = changeHarness({ cluster: slow, ...name, app });
    await expect(late.upgrade()).rejects.toMatchObject({ code: 'INSTALLATION_NOT_FOUND' });
    expect(await checkInstallation(cluster, name)).toEqual([]);
  });

  it('says who holds the installation instead, where the holder lives', async () => {
    let alive = true;
    await lease({ holderIdentity: 'ann', leaseDurationSeconds: 2, renewTime: 'then' });
    const beat = (async () => {
      for (let count = 0; alive; count++) {
        await new Promise((done) => setTimeout(done, 100));
        await cluster.mergePatch(leaseRef(name), { spec: { renewTime: `now ${count}` } });
      }
    })();
    const patient = changeHarness({ cluster, ...name, app: mine.app });
    await expect(patient.upgrade()).rejects.toMatchObject({
      code: 'INSTALLATION_LOCKED',
      message: expect.stringContaining('locked by ann'),
    });
    alive = false;
    await beat;
  });

  it('stands where nobody lives, and takes away the Lease that a dead one left', async () => {
    await lease({ holderIdentity: 'ann', leaseDurationSeconds: 1 });
    await expect(mine.upgrade()).rejects.toMatchObject({ code: 'INSTALLATION_NOT_FOUND' });
    expect(await cluster.get(leaseRef(name))).toBeUndefined();
  });

  it('stands where there is nothing to do, and takes away what a dead one wrote before it was recorded', async () => {
    await mine.install();
    await lease({ holderIdentity: 'ann', leaseDurationSeconds: 1 });
    const part = (part: string, kind: string): KubeObject => ({
      apiVersion: 'v1',
      kind,
      metadata: {
        ...{ namespace: 'team', name: part },
        labels: { 'appstore.dev/installation': 'one', 'appstore.dev/record': 'blob' },
      },
    });
    await cluster.create(part('appstore.one.b.abc.0', 'Secret'));
    await cluster.create(part('theirs', 'Secret'));
    expect(await mine.upgradeBare()).toMatchObject({ outcome: 'unchanged' });
    expect(mine.events).toContainEqual({
      type: 'warning',
      problem: {
        message: 'an operation on one was cut before it was recorded: 1 part of it was taken away',
      },
    });
    // A label alone makes nothing a part of the record.
    expect(await checkInstallation(cluster, name)).toEqual(['blob theirs is left and nothing refers to it']);
  });

  it('leaves what may not be taken away to the next one', async () => {
    await lease({ holderIdentity: 'ann', leaseDurationSeconds: 1 });
    const reader = cluster.as('bob', ({ verb }) => ['get', 'list', 'watch'].includes(verb));
    const theirs = changeHarness({ cluster: reader, ...name, app: mine.app, hasty: true });
    await expect(theirs.upgrade()).rejects.toMatchObject({ code: 'INSTALLATION_NOT_FOUND' });
    expect(await cluster.get(leaseRef(name))).toBeDefined();
  });

  it('ends where another one is first over and over', async () => {
    const claim = createClaim(mine.deps, { ...name, holder: 'me' });
    const session: Session = { emit: () => {}, signal: new AbortController().signal };
    const error = await mine.rollback().catch((thrown: unknown) => thrown);
    const planning = { name, claim, dryRun: false };
    await expect(unlessStale(mine.deps, planning, session, () => Promise.reject(error))).rejects.toBe(error);
    const first = Object.assign(new Error('never'), { code: 'OPERATION_RUNNING' });
    expect(() => claim.overtaken(first)).toThrow('never');
  });
});
