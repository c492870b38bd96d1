import { afterEach, describe, expect, it } from 'vitest';
import { clusterRecords } from '../../src/adapters/kubernetes/records.ts';
import { AppstoreError } from '../../src/domain/errors.ts';
import { changeOf, referenceOf } from '../../src/server/bodies.ts';
import { lettingGo } from '../../src/server/operations/carry-out.ts';
import type { AppstoreEvent } from '../../src/services/events.ts';
import type { Clock, Cluster } from '../../src/services/ports.ts';
import { changeOrUndo } from '../../src/services/undo.ts';
import { realClock } from '../support/change-harness.ts';
import type { FixtureApp } from '../support/fixture-app.ts';
import { createMemoryCluster } from '../support/memory/cluster.ts';
import { type ServerHarness, type ServerHarnessOptions, serverHarness } from '../support/server.ts';

let server: ServerHarness | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(options: ServerHarnessOptions = {}): Promise<ServerHarness> {
  server = await serverHarness(options);
  return server;
}

/** Of a workload that never gets ready where nothing simulates it. */
const workloadApp: FixtureApp = {
  version: '1.0.0',
  objects: ({ installation: { name, namespace } }) => {
    const labels = { app: name };
    const containers = [{ name: 'web', image: 'registry.k8s.io/pause:3.10' }];
    const template = { metadata: { labels }, spec: { containers } };
    const spec = { selector: { matchLabels: labels }, template };
    return [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec }];
  },
};

const asAnn = { 'x-test-caller': 'ann' };

function post(one: ServerHarness, url: string, body: object, headers: Record<string, string> = asAnn) {
  return one.app.inject({ method: 'POST', url, headers, payload: body });
}

function get(one: ServerHarness, url: string, headers: Record<string, string> = asAnn) {
  return one.app.inject({ method: 'GET', url, headers });
}

/** The events of an operation to its end, each with its data. */
async function follow(one: ServerHarness, location: string): Promise<{ type: string; data: unknown }[]> {
  const { body } = await get(one, `${location}/events`);
  return body.split('\n\n').flatMap((part) => {
    const type = /^event: (.*)$/m.exec(part)?.[1];
    const data = /^data: (.*)$/m.exec(part)?.[1];
    return type === undefined || data === undefined ? [] : [{ type, data: JSON.parse(data) }];
  });
}

const key = (text: string) => ({ ...asAnn, 'idempotency-key': `${text}-0123456789abcdef` });
const wanted = { app: 'test/fixture', name: 'web', namespace: 'team' };

describe('a server that ends', () => {
  it('waits for what ends in time', async () => {
    const go = Promise.withResolvers<void>();
    const one = await serverHarness({ settings: { grace: 60_000 } });
    const credential = { kind: 'token', token: async () => 'ann' } as const;
    const { operation } = await one.services.operations.begin({
      caller: { mode: 'token', name: 'ann', groups: [], key: 'ann', credential },
      ...{ cluster: 'main', namespace: 'team', name: 'web', operation: 'repair', requestId: 'of-the-test' },
      run: async ({ emit, signal }) => {
        emit({ type: 'step', step: 'apply', state: 'started' });
        await go.promise;
        signal.throwIfAborted();
        return { kind: 'Repair' };
      },
    });
    const stopped = one.stop();
    expect((await get(one, '/readyz')).json()).toEqual({ status: 'stopping' });
    expect(operation?.facts().state).toBe('running');
    go.resolve();
    await stopped;
    expect(operation?.facts()).toMatchObject({ state: 'done', result: { kind: 'Repair' } });
    expect(one.log).toContainEqual(
      expect.objectContaining({ audit: true, operation: 'repair', result: 'done' }),
    );
  });

  it('begins nothing new, and leaves what does not end in time for whoever comes next', async () => {
    const cluster = createMemoryCluster();
    const patience = Promise.withResolvers<void>();
    const grace = 12_345;
    const clock: Clock = {
      ...realClock,
      sleep: (time, signal) => (time === grace ? patience.promise : realClock.sleep(time, signal)),
    };
    const one = await serverHarness({ cluster, clock, app: workloadApp, settings: { grace } });
    const begun = await post(one, '/api/v1/deploy', wanted, key('a'));
    const events = get(one, `${begun.headers.location}/events`);
    const stopped = one.stop();
    const late = await post(one, '/api/v1/deploy', { ...wanted, name: 'late' }, key('b'));
    expect(late.json()).toMatchObject({ status: 503, code: 'SERVER_STOPPING' });
    expect((await get(one, '/readyz')).json()).toEqual({ status: 'stopping' });
    patience.resolve();
    await stopped;
    expect((await events).body).toContain('event: state');
    const next = await start({ cluster, app: workloadApp });
    expect((await get(next, String(begun.headers.location))).json()).toMatchObject({ state: 'interrupted' });
    const goesOn = await post(next, `${begun.headers.location}/resume`, { wait: false });
    expect((await follow(next, String(goesOn.headers.location))).at(-1)).toMatchObject({
      data: { state: 'done', revision: 1 },
    });
  });
});

describe('an operation that is stopped', () => {
  it('says so at once, and ends where the cluster does not answer any more', async () => {
    const cluster = createMemoryCluster();
    const patience = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const clock: Clock = {
      ...realClock,
      sleep: (time, signal) => (time === lettingGo ? patience.promise : realClock.sleep(time, signal)),
    };
    // The lock is never let go of: whoever asks waits until the connection is closed.
    const away: Cluster = {
      ...cluster,
      async delete(ref, options) {
        if (ref.kind !== 'Lease') return cluster.delete(ref, options);
        await closed.promise;
        throw new AppstoreError('CLUSTER_UNREACHABLE', 'the connection was closed');
      },
    };
    const one = await start({ cluster: away, clock, app: workloadApp, onClose: closed.resolve });
    const { headers } = await post(one, '/api/v1/deploy', wanted, key('a'));
    const location = String(headers.location);
    const stopped = await post(one, `${location}/cancel`, {});
    expect([stopped.statusCode, stopped.json()]).toMatchObject([202, { state: 'running', stopping: true }]);
    // It is known to whoever comes to the page anew.
    expect((await get(one, location)).json()).toMatchObject({ state: 'running', stopping: true });
    patience.resolve();
    expect((await follow(one, location)).at(-1)).toMatchObject({
      type: 'end',
      data: { state: 'interrupted' },
    });
    expect((await get(one, location)).json()).not.toHaveProperty('stopping');
  });
});

describe('a deployment', () => {
  it('is planned, begun, followed to its end and seen', async () => {
    const one = await start();
    const planned = await post(one, '/api/v1/deploy', { ...wanted, dryRun: true });
    expect(planned.statusCode).toBe(200);
    expect(planned.json()).toMatchObject({
      kind: 'Change',
      outcome: 'planned',
      plan: { counts: { create: 1 } },
    });
    expect((await get(one, '/api/v1/deployments')).json()).toMatchObject({ items: [] });

    const begun = await post(one, '/api/v1/deploy', wanted, key('a'));
    expect(begun.statusCode).toBe(202);
    const { location } = begun.headers;
    expect(begun.json()).toMatchObject({ kind: 'Operation', name: 'web', operation: 'install', by: 'ann' });

    const events = await follow(one, String(location));
    expect(events[0]).toMatchObject({ type: 'state' });
    expect(events.map(({ type }) => type)).toContain('written');
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      data: { state: 'done', result: { kind: 'Change', outcome: 'changed', revision: 1 } },
    });
    expect((await get(one, '/api/v1/deployments')).json()).toMatchObject({
      items: [{ name: 'web', namespace: 'team', state: 'deployed' }],
      total: 1,
    });
    expect((await get(one, '/api/v1/deployments/team/web')).json()).toMatchObject({ health: 'healthy' });
  });

  it("is told by the events that the command line's progress is made of, one by one", async () => {
    const one = await start();
    const begun = await post(one, '/api/v1/deploy', wanted, key('a'));
    const told = await follow(one, String(begun.headers.location));
    const other = await serverHarness();
    const { cluster, services } = other;
    const events: AppstoreEvent[] = [];
    const name = { namespace: 'team', name: 'web' };
    const request = { ...changeOf('install', {}, name, 'ann'), app: referenceOf(wanted.app, undefined) };
    await changeOrUndo(
      {
        ...{ ...(await services.shelf.deps()), cluster, records: clusterRecords(cluster) },
        ...{ clock: services.platform.clock, random: services.platform.random },
      },
      request,
      { emit: (event) => void events.push(event), signal: new AbortController().signal },
    );
    await other.stop();
    // The plan is told as the outputs have it, and each operation has an id of its own.
    const plain = (event: object) => ({ ...event, id: '', plan: '' });
    const between = told.filter(({ type }) => type !== 'state' && type !== 'end');
    expect(between.map(({ data }) => plain(data as object))).toEqual(events.map(plain));
    expect(between.map(({ type }) => type)).toEqual(events.map(({ type }) => type));
    expect(events.length).toBeGreaterThan(5);
  });

  it('is the same one when it is asked for again, and none with other words under the key', async () => {
    const one = await start();
    const first = await post(one, '/api/v1/deploy', wanted, key('a'));
    const again = await post(one, '/api/v1/deploy', wanted, key('a'));
    expect(again.statusCode).toBe(202);
    expect(again.json().id).toBe(first.json().id);
    const other = await post(one, '/api/v1/deploy', { ...wanted, values: { greeting: 'x' } }, key('a'));
    expect(other.statusCode).toBe(422);
    expect(other.json()).toMatchObject({ code: 'KEY_REUSED' });
    const without = await post(one, '/api/v1/deploy', wanted);
    expect(without.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  it('is one operation to another replica too, which knows it from the record alone', async () => {
    const one = await start();
    const first = await post(one, '/api/v1/deploy', wanted, key('a'));
    await follow(one, String(first.headers.location));
    const other = await serverHarness({ cluster: one.cluster });
    try {
      const again = await post(other, '/api/v1/deploy', wanted, key('a'));
      expect(again.statusCode).toBe(202);
      expect(again.json()).toMatchObject({ id: first.json().id, state: 'done', revision: 1 });
      const changed = await post(other, '/api/v1/deploy', { ...wanted, wait: false }, key('a'));
      expect(changed.json()).toMatchObject({ status: 422, code: 'KEY_REUSED' });
      expect((await get(other, String(first.headers.location))).json()).toMatchObject({ state: 'done' });
      const events = await follow(other, String(first.headers.location));
      expect(events.map(({ type }) => type)).toEqual(['state', 'end']);
    } finally {
      await other.stop();
    }
  });

  it('is removed once, and sent again to any replica it is the same removal, whatever stands there by now', async () => {
    const one = await start();
    await follow(one, String((await post(one, '/api/v1/deploy', wanted, key('a'))).headers.location));
    const remove = '/api/v1/deployments/team/web/remove';
    const first = await post(one, remove, { confirm: true }, key('b'));
    await follow(one, String(first.headers.location));
    const other = await serverHarness({ cluster: one.cluster });
    try {
      const again = await post(other, remove, { confirm: true }, key('b'));
      expect([again.statusCode, again.json()]).toEqual([202, expect.objectContaining({ state: 'done' })]);
      expect(again.json().id).toBe(first.json().id);
      const changed = await post(other, remove, { confirm: true, purgeData: true }, key('b'));
      expect(changed.json()).toMatchObject({ status: 422, code: 'KEY_REUSED' });
      const another = await post(other, remove, { confirm: true }, key('c'));
      expect(another.json()).toMatchObject({ status: 404, code: 'INSTALLATION_NOT_FOUND' });
      // What somebody has installed since is not what was to be removed.
      const next = await post(other, '/api/v1/deploy', wanted, key('d'));
      await follow(other, String(next.headers.location));
      expect((await post(other, remove, { confirm: true }, key('b'))).json()).toMatchObject({
        state: 'done',
      });
      expect((await get(other, '/api/v1/deployments/team/web')).json()).toMatchObject({ health: 'healthy' });
    } finally {
      await other.stop();
    }
  });

  it('is done as it was shown or not at all', async () => {
    const one = await start();
    const { planDigest } = (await post(one, '/api/v1/deploy', { ...wanted, dryRun: true })).json();
    const app = one.app_;
    one.app_ = {
      ...app,
      objects: (request) => [
        ...app.objects(request),
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'more', namespace: request.installation.namespace },
          data: {},
        },
      ],
    };
    const moved = await post(one, '/api/v1/deploy', { ...wanted, planDigest }, key('a'));
    expect(moved.statusCode).toBe(409);
    expect(moved.json()).toMatchObject({ code: 'PLAN_MOVED', plan: { counts: { create: 2 } } });
    expect((await get(one, '/api/v1/deployments')).json().items).toEqual([]);
    const agreed = { ...wanted, planDigest: moved.json().planDigest };
    expect((await post(one, '/api/v1/deploy', agreed, key('b'))).statusCode).toBe(202);
  });
});
