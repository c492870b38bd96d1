import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/domain/errors.ts';
import { type KubeObject, type ObjectRef, refOf } from '../../src/domain/objects.ts';
import { applySetId, fieldManager, stampOwnership } from '../../src/domain/ownership.ts';
import type { AppstoreEvent } from '../../src/services/events.ts';
import { waitFor, waitGone } from '../../src/services/wait.ts';
import { createTestClock } from '../support/clock.ts';
import { createMemoryCluster, type MemoryCluster, type MemoryOptions } from '../support/memory/cluster.ts';

const installation = { namespace: 'default', name: 'blog' };
const id = applySetId('default', 'blog');

const pod = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
const selector = { matchLabels: { app: 'web' } };

function object(apiVersion: string, kind: string, name: string, body: object = {}): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: 'default' }, ...body };
}

const deployment = (name = 'web') =>
  object('apps/v1', 'Deployment', name, { spec: { selector, template: pod } });
const otherDeployment = object('apps/v1', 'Deployment', 'other', {
  spec: {
    selector: { matchLabels: { app: 'other' } },
    template: { ...pod, metadata: { labels: { app: 'other' } } },
  },
});
const unavailable = new ApiError('API_ERROR', 'the server is starting', {
  status: 503,
  reason: 'ServiceUnavailable',
  fieldConflicts: [],
  causes: [],
});
const replicaSet = object('apps/v1', 'ReplicaSet', 'web-abc', { spec: { selector, template: pod } });
const job = object('batch/v1', 'Job', 'setup', {
  spec: { template: { ...pod, spec: { ...pod.spec, restartPolicy: 'Never' } } },
});
const configMap = object('v1', 'ConfigMap', 'settings', { data: { a: 'b' } });
const secret = object('v1', 'Secret', 'keys', { data: {} });

const ready = {
  observedGeneration: 1,
  replicas: 1,
  updatedReplicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
  conditions: [
    { type: 'Available', status: 'True' },
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
  ],
};
const notReady = { ...ready, readyReplicas: 0, availableReplicas: 0, conditions: [] };

interface World {
  readonly cluster: MemoryCluster;
  readonly clock: ReturnType<typeof createTestClock>;
  readonly events: AppstoreEvent[];
  readonly stop: AbortController;
  readonly refs: ObjectRef[];
  wait(options?: {
    timeout?: number;
    failAfter?: number;
    untouched?: boolean;
    as?: MemoryCluster;
  }): ReturnType<typeof waitFor>;
  gone(timeout?: number): ReturnType<typeof waitGone>;
}

/** A cluster that holds these objects as an apply of ours leaves them. */
async function world(objects: readonly KubeObject[], options: MemoryOptions = {}): Promise<World> {
  const clock = createTestClock();
  const cluster = createMemoryCluster({ now: clock.now, ...options });
  for (const one of objects) await cluster.apply(stampOwnership(one, installation), { fieldManager });
  cluster.requests.length = 0;
  const events: AppstoreEvent[] = [];
  const stop = new AbortController();
  const session = { emit: (event: AppstoreEvent) => void events.push(event), signal: stop.signal };
  const refs = objects.map(refOf);
  return {
    cluster,
    clock,
    events,
    stop,
    refs,
    wait: ({ timeout = 300_000, failAfter, untouched = false, as = cluster } = {}) =>
      waitFor(
        { cluster: as, clock },
        {
          refs,
          applySetId: id,
          deadline: timeout,
          untouched,
          ...(failAfter === undefined ? {} : { failAfter }),
        },
        session,
      ),
    gone: (timeout = 300_000) =>
      waitGone({ cluster, clock }, { refs, applySetId: id, deadline: timeout }, session),
  };
}

const verbs = (cluster: MemoryCluster, kind: string) =>
  cluster.requests.filter((request) => request.kind === kind).map((request) => request.verb);

const texts = (events: readonly AppstoreEvent[], type: AppstoreEvent['type']) =>
  events.filter((event) => event.type === type).map((event) => JSON.stringify(event));

/** A pod of the Deployment `web`, as its ReplicaSet makes it. */
function podOfWeb(uid: string): KubeObject {
  const made = object('v1', 'Pod', 'web-abc-x1', { spec: pod.spec });
  made.metadata.labels = { app: 'web', 'pod-template-hash': 'abc' };
  made.metadata.ownerReferences = [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-abc', uid, controller: true },
  ];
  return made;
}

const podRef: ObjectRef = { group: '', version: 'v1', kind: 'Pod', namespace: 'default', name: 'web-abc-x1' };

function waitingStatus(reason: string, message: string, restartCount = 0): Record<string, unknown> {
  return {
    phase: 'Pending',
    containerStatuses: [{ name: 'web', ready: false, restartCount, state: { waiting: { reason, message } } }],
  };
}

async function addPod(cluster: MemoryCluster, status: Record<string, unknown>): Promise<void> {
  const owner = await cluster.create(replicaSet);
  await cluster.create(podOfWeb(owner.metadata.uid ?? ''));
  cluster.setStatus(podRef, status);
}

describe('waiting until ready', () => {
  it('ends at once, without a watch, where all is ready', async () => {
    const { cluster, refs, wait } = await world([deployment(), configMap, secret]);
    cluster.setStatus(refs[0] as ObjectRef, ready);
    const result = await wait();
    expect(result).toMatchObject({ timedOut: false, failed: [] });
    expect(result.objects.map(({ health, detail }) => [health.status, detail])).toEqual([
      ['current', '1/1 ready'],
      ['current', ''],
      ['current', ''],
    ]);
    expect(verbs(cluster, 'Deployment')).toEqual(['list']);
    expect(verbs(cluster, 'ConfigMap')).toEqual([]);
    expect(verbs(cluster, 'Secret')).toEqual([]);
  });

  it('waits for the API that an APIService announces', async () => {
    const api: KubeObject = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: { group: 'metrics.k8s.io', version: 'v1beta1' },
    };
    const { cluster, clock, refs, wait } = await world([api]);
    const [ref] = refs as [ObjectRef];
    const conditionOf = (status: string, reason: string) => ({
      conditions: [{ type: 'Available', status, reason, message: 'no response from 10.0.0.1:443' }],
    });
    cluster.setStatus(ref, conditionOf('False', 'FailedDiscoveryCheck'));
    const late = await Promise.all([wait({ timeout: 10_000 }), clock.advance(20_000)]);
    expect(late[0]).toMatchObject({ timedOut: true, failed: [] });
    expect(late[0].objects[0]?.health.reason).toContain('FailedDiscoveryCheck: no response');
    const done = wait();
    await clock.rest();
    cluster.setStatus(ref, conditionOf('True', 'Passed'));
    expect(await done).toMatchObject({ timedOut: false, failed: [] });
  });

  it('ends by the watch, while the clock stands still, when the last object is ready', async () => {
    const { cluster, clock, refs, events, wait } = await world([deployment('web'), deployment('api')]);
    const done = wait();
    await clock.rest();
    cluster.setStatus(refs[0] as ObjectRef, ready);
    await clock.rest();
    cluster.setStatus(refs[1] as ObjectRef, ready);
    expect(await done).toMatchObject({ timedOut: false, failed: [] });
    expect(verbs(cluster, 'Deployment')).toEqual(['list', 'watch']);
    expect(cluster.openWatches()).toBe(0);
    const counts = events.flatMap((event) =>
      event.type === 'health' && event.health.status === 'current' ? [`${event.ready}/${event.total}`] : [],
    );
    expect(counts).toEqual(['1/2', '2/2']);
  });

  it('says a state once, however often the object changes', async () => {
    const { cluster, clock, refs, events, wait } = await world([deployment()]);
    const done = wait();
    await clock.rest();
    for (const note of ['a', 'b', 'c']) {
      cluster.setStatus(refs[0] as ObjectRef, { ...notReady, note });
      await clock.rest();
    }
    const told = texts(events, 'health').length;
    expect(new Set(texts(events, 'health')).size).toBe(told);
    cluster.setStatus(refs[0] as ObjectRef, ready);
    await done;
  });

  it('lists again when the watch expired (410) or ended', async () => {
    const { cluster, clock, refs, wait } = await world([deployment()]);
    cluster.fail((request) => request.verb === 'watch', expired(), 1);
    const done = wait();
    await clock.rest();
    await clock.advance(2_000);
    cluster.endWatches();
    await clock.advance(2_000);
    cluster.setStatus(refs[0] as ObjectRef, ready);
    expect((await done).timedOut).toBe(false);
    expect(verbs(cluster, 'Deployment')).toEqual(['list', 'watch', 'list', 'watch', 'list', 'watch']);
  });

  it('rides out a lost connection and says so once', async () => {
    const { cluster, clock, refs, events, wait } = await world([deployment('web'), job]);
    const restore = cluster.fail((request) => request.verb !== 'get', unreachable());
    const done = wait();
    await clock.advance(20_000);
    restore();
    cluster.setStatus(refs[0] as ObjectRef, ready);
    cluster.setStatus(refs[1] as ObjectRef, { conditions: [{ type: 'Complete', status: 'True' }] });
    await clock.advance(10_000);
    expect((await done).timedOut).toBe(false);
    expect(texts(events, 'connection')).toHaveLength(2);
  });

  it('gets one by one where listing is forbidden, and polls lists where watching is', async () => {
    for (const refused of [['list', 'watch'], ['watch']]) {
      const { cluster, clock, refs, wait } = await world([deployment()]);
      const user = cluster.as('reader', (question) => !refused.includes(question.verb));
      const done = wait({ as: user });
      await clock.advance(3_000);
      cluster.setStatus(refs[0] as ObjectRef, ready);
      await clock.advance(10_000);
      expect((await done).objects[0]?.health.status).toBe('current');
      expect(verbs(user, 'Deployment').at(-1)).toBe(refused.includes('list') ? 'get' : 'list');
    }
  });

  it('ends where nothing may be read, and does not take it for ready', async () => {
    const { cluster, wait } = await world([deployment()]);
    const result = await wait({ as: cluster.as('writer', () => false) });
    expect(result.failed.map(({ health }) => [health.status, health.cause])).toEqual([
      ['unknown', 'FORBIDDEN'],
    ]);
  });

  it('does not hang on more kinds and namespaces than watches may be open', async () => {
    const objects = Array.from({ length: 130 }, (_, index) => {
      const one = deployment(`web-${index}`);
      one.metadata.namespace = `ns-${index}`;
      return one;
    });
    const clock = createTestClock();
    const cluster = createMemoryCluster({ now: clock.now });
    for (const one of objects) {
      await cluster.create({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: one.metadata.namespace ?? '' },
      });
      await cluster.apply(stampOwnership(one, installation), { fieldManager });
    }
    const refs = objects.map(refOf);
    const session = { emit: () => undefined, signal: new AbortController().signal };
    const done = waitFor({ cluster, clock }, { refs, applySetId: id, deadline: 300_000 }, session);
    await clock.advance(1_000);
    expect(cluster.openWatches()).toBeLessThan(100);
    for (const ref of refs) cluster.setStatus(ref, ready);
    await clock.advance(30_000);
    expect((await done).timedOut).toBe(false);
  });

  it('times out with the reason of what is not ready, after a last look', async () => {
    const { cluster, clock, refs, wait } = await world([deployment()]);
    cluster.setStatus(refs[0] as ObjectRef, notReady);
    const done = wait({ timeout: 10_000 });
    await clock.advance(20_000);
    const result = await done;
    expect(result).toMatchObject({ timedOut: true, failed: [] });
    expect(result.objects[0]?.health).toMatchObject({ status: 'in-progress', reason: '0/1 available' });
    expect(verbs(cluster, 'Deployment').at(-1)).toBe('get');
  });

  it('stops with the reason of the signal', async () => {
    const { clock, stop, cluster, wait } = await world([deployment()]);
    const done = wait();
    const failed = expect(done).rejects.toThrow('enough');
    await clock.rest();
    stop.abort(new Error('enough'));
    await failed;
    await clock.rest();
    expect(cluster.openWatches()).toBe(0);
  });

  it('sees workloads of a simulated cluster through to the end', async () => {
    const set = object('apps/v1', 'StatefulSet', 'db', {
      spec: { selector, serviceName: 'db', replicas: 2, template: pod },
    });
    const { clock, wait } = await world([deployment(), set, job], { simulate: true });
    const done = wait();
    await clock.advance(5_000);
    expect(await done).toMatchObject({ timedOut: false, failed: [] });
  });

  it('takes a finished Job that deleted itself for ready', async () => {
    const { cluster, clock, refs, wait } = await world([job, deployment()]);
    const done = wait();
    await clock.rest();
    cluster.setStatus(refs[0] as ObjectRef, { conditions: [{ type: 'Complete', status: 'True' }] });
    await cluster.delete(refs[0] as ObjectRef, { propagation: 'Background' });
    await clock.rest();
    cluster.setStatus(refs[1] as ObjectRef, ready);
    expect((await done).failed).toEqual([]);
  });

  it('goes on with an object that only lost its label', async () => {
    const { cluster, clock, refs, wait } = await world([deployment()]);
    const done = wait();
    await clock.rest();
    await cluster.mergePatch(refs[0] as ObjectRef, { metadata: { labels: null } });
    await clock.advance(2_000);
    cluster.setStatus(refs[0] as ObjectRef, { ...ready, observedGeneration: undefined });
    await clock.advance(10_000);
    expect((await done).objects[0]?.health.status).toBe('current');
  });
});

describe('claims', () => {
  const claim = object('v1', 'PersistentVolumeClaim', 'data', { spec: { storageClassName: 'late' } });
  const storageClass = (volumeBindingMode: string): KubeObject => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'late' },
    provisioner: 'x',
    volumeBindingMode,
  });

  it('does not wait for a claim that binds when a pod uses it', async () => {
    const { cluster, wait } = await world([claim]);
    await cluster.create(storageClass('WaitForFirstConsumer'));
    expect((await wait()).objects[0]?.health).toMatchObject({
      status: 'current',
      reason: 'binds when a pod uses it',
    });
  });

  it('waits for a claim that binds at once', async () => {
    const { cluster, clock, refs, wait } = await world([claim]);
    await cluster.create(storageClass('Immediate'));
    const done = wait();
    await clock.rest();
    cluster.setStatus(refs[0] as ObjectRef, { phase: 'Bound', capacity: { storage: '1Gi' } });
    expect((await done).objects[0]).toMatchObject({ detail: 'Bound 1Gi', health: { status: 'current' } });
  });
});

describe('failing early', () => {
  it('does not end for an image that was refused once, but for one refused twice', async () => {
    const { cluster, clock, wait } = await world([deployment()]);
    await addPod(cluster, waitingStatus('ErrImagePull', 'manifest unknown: not found'));
    let ended = false;
    const done = wait().finally(() => {
      ended = true;
    });
    await clock.advance(5_000);
    expect(ended).toBe(false);
    cluster.setStatus(podRef, waitingStatus('ImagePullBackOff', 'Back-off pulling image "web:1"'));
    await clock.advance(1_000);
    cluster.setStatus(podRef, waitingStatus('ErrImagePull', 'manifest unknown: not found'));
    await clock.advance(1_000);
    const [failed] = (await done).failed;
    expect(failed?.health).toMatchObject({ status: 'in-progress', cause: 'IMAGE_PULL_NOT_FOUND' });
    expect(failed?.health.reason).toContain('manifest unknown');
  });

  it('finds the cause also where the workload was read late: the server was slow, or it was ready until then', async () => {
    const { cluster, clock, refs, wait } = await world([deployment('web'), otherDeployment]);
    await addPod(cluster, waitingStatus('InvalidImageName', 'invalid reference format'));
    cluster.setStatus(refs[0] as ObjectRef, ready);
    cluster.setStatus(refs[1] as ObjectRef, notReady);
    const away = cluster.fail(({ kind, verb }) => kind === 'Deployment' && verb === 'list', unavailable);
    const done = wait({ timeout: 30_000 });
    await clock.advance(4_000);
    away();
    await clock.advance(6_000);
    // Until now only the other one, which has other labels, was waited for.
    cluster.setStatus(refs[0] as ObjectRef, notReady);
    await clock.advance(25_000);
    const { failed } = await done;
    expect(failed.map(({ ref, health }) => [ref.name, health.cause])).toEqual([
      ['web', 'IMAGE_NAME_INVALID'],
    ]);
  });

  it('never ends for a network error while pulling', async () => {
    const { cluster, clock, wait } = await world([deployment()]);
    await addPod(cluster, waitingStatus('ErrImagePull', 'dial tcp: i/o timeout'));
    const done = wait({ timeout: 200_000 });
    await clock.advance(300_000);
    const result = await done;
    expect(result).toMatchObject({ timedOut: true, failed: [] });
    expect(result.objects[0]?.health.cause).toBe('IMAGE_PULL_NETWORK');
  });

  it('ends after three restarts, counted anew when something else became ready', async () => {
    const { cluster, clock, refs, wait } = await world([deployment('web'), deployment('api')]);
    await addPod(cluster, waitingStatus('CrashLoopBackOff', '', 0));
    let ended = false;
    const done = wait().finally(() => {
      ended = true;
    });
    await clock.advance(5_000);
    cluster.setStatus(podRef, waitingStatus('CrashLoopBackOff', '', 2));
    await clock.advance(1_000);
    cluster.setStatus(refs[1] as ObjectRef, ready);
    await clock.advance(1_000);
    cluster.setStatus(podRef, waitingStatus('CrashLoopBackOff', '', 4));
    await clock.advance(1_000);
    expect(ended).toBe(false);
    cluster.setStatus(podRef, waitingStatus('CrashLoopBackOff', '', 5));
    await clock.advance(1_000);
    expect((await done).failed.map(({ ref, health }) => [ref.name, health.cause])).toEqual([
      ['web', 'CRASH_LOOP'],
    ]);
  });

  it('ends for a pod that stood in its back-off before, where the operation wrote nothing', async () => {
    const looping = waitingStatus('CrashLoopBackOff', 'back-off 5m0s', 6);
    const progress = (refs: readonly ObjectRef[], cluster: MemoryCluster) =>
      cluster.setStatus(refs[1] as ObjectRef, ready);
    for (const [untouched, act, ends] of [
      [true, undefined, true],
      [false, undefined, false],
      [true, progress, false],
    ] as const) {
      const { cluster, clock, refs, wait } = await world([deployment('web'), deployment('api')]);
      await addPod(cluster, looping);
      await clock.advance(60_000);
      let ended = false;
      const done = wait({ untouched, timeout: 600_000 }).finally(() => {
        ended = true;
      });
      await clock.advance(25_000);
      expect(ended).toBe(false);
      act?.(refs, cluster);
      await clock.advance(60_000);
      expect(ended).toBe(ends);
      await clock.advance(600_000);
      expect((await done).timedOut).toBe(!ends);
    }
  });

  it('lets the pod of a newer template have its chance', async () => {
    const { cluster, clock, wait } = await world([deployment()]);
    await addPod(cluster, waitingStatus('CrashLoopBackOff', '', 6));
    await clock.advance(60_000);
    const newer = await cluster.create(
      object('apps/v1', 'ReplicaSet', 'web-new', { spec: { selector, template: pod } }),
    );
    const made = podOfWeb(newer.metadata.uid ?? '');
    made.metadata.name = 'web-new-x1';
    made.metadata.labels = { app: 'web', 'pod-template-hash': 'new' };
    made.metadata.ownerReferences = [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        name: 'web-new',
        uid: newer.metadata.uid ?? '',
        controller: true,
      },
    ];
    await cluster.create(made);
    const done = wait({ untouched: true, timeout: 200_000 });
    await clock.advance(300_000);
    expect(await done).toMatchObject({ timedOut: true, failed: [] });
  });

  it('ends for an unschedulable pod after a minute, or after --fail-after', async () => {
    for (const [failAfter, early, late] of [
      [undefined, 50_000, 20_000],
      [5_000, 4_000, 8_000],
    ] as const) {
      const { cluster, clock, wait } = await world([deployment()]);
      await addPod(cluster, unschedulable);
      let ended = false;
      const done = wait(failAfter === undefined ? {} : { failAfter }).finally(() => {
        ended = true;
      });
      await clock.advance(early);
      expect(ended).toBe(false);
      await clock.advance(late);
      expect((await done).failed[0]?.health.cause).toBe('UNSCHEDULABLE_CPU');
    }
  });

  it('tells the last log lines of a container that ends, each run once, and goes on', async () => {
    const logs = { 'default/web-abc-x1/web': 'first', 'default/web-abc-x1/web previous': 'no database' };
    const { cluster, clock, events, wait } = await world([deployment()], { logs });
    const ended = (restartCount: number) => ({
      phase: 'Running',
      containerStatuses: [
        {
          ...{ name: 'web', ready: false, restartCount, state: { waiting: { reason: 'CrashLoopBackOff' } } },
          lastState: { terminated: { exitCode: 1, reason: 'Error' } },
        },
      ],
    });
    const done = wait({ timeout: 60_000 });
    await addPod(cluster, ended(0));
    await clock.advance(4_000);
    expect(texts(events, 'evidence').filter((text) => text.includes('no database'))).toHaveLength(1);
    cluster.setStatus(podRef, ended(0));
    await clock.advance(1_000);
    expect(texts(events, 'evidence').filter((text) => text.includes('no database'))).toHaveLength(1);
    cluster.setStatus(podRef, ended(1));
    await clock.advance(1_000);
    expect(texts(events, 'evidence').filter((text) => text.includes('no database'))).toHaveLength(2);
    await clock.advance(60_000);
    expect(await done).toMatchObject({ timedOut: true, failed: [] });
  });

  it('never ends early with --fail-after never', async () => {
    const { cluster, clock, wait } = await world([deployment()]);
    await addPod(cluster, unschedulable);
    const done = wait({ timeout: 200_000, failAfter: Number.POSITIVE_INFINITY });
    await clock.advance(300_000);
    expect(await done).toMatchObject({ timedOut: true, failed: [] });
  });

  it('ends for a claim that its provisioner gave up on, without any pod', async () => {
    const claim = object('v1', 'PersistentVolumeClaim', 'data', { spec: { storageClassName: 'absent' } });
    const { cluster, clock, refs, wait } = await world([claim]);
    cluster.setStatus(refs[0] as ObjectRef, { phase: 'Pending' });
    const done = wait();
    await clock.advance(3_000);
    const about = { kind: 'PersistentVolumeClaim', name: 'data', apiVersion: 'v1' };
    await cluster.create(event('ProvisioningFailed', 'Warning', about, 'storageclass "absent" not found'));
    await clock.advance(70_000);
    const { failed } = await done;
    expect(failed[0]?.health).toMatchObject({
      cause: 'VOLUME_UNBOUND',
      reason: expect.stringContaining('storageclass "absent" not found'),
    });
  });

  it('goes on with an unschedulable pod for which a node is being added', async () => {
    const { cluster, clock, wait } = await world([deployment()]);
    await addPod(cluster, unschedulable);
    const uid = (await cluster.get(podRef))?.metadata.uid;
    const done = wait({ timeout: 200_000 });
    await clock.advance(5_000);
    await cluster.create(event('TriggeredScaleUp', 'Normal', { kind: 'Pod', name: podRef.name, uid }));
    await clock.advance(300_000);
    expect(await done).toMatchObject({ timedOut: true, failed: [] });
  });

  it.each([
    ['exceeded quota: small, requested: pods=1', 'QUOTA_EXCEEDED'],
    ['admission webhook "policy.example.com" denied the request', 'ADMISSION_DENIED'],
  ])('ends at once where pods are refused: %s', async (message, cause) => {
    const { cluster, refs, wait } = await world([deployment()]);
    const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message };
    cluster.setStatus(refs[0] as ObjectRef, { ...notReady, conditions: [condition] });
    expect((await wait()).failed[0]?.health.cause).toBe(cause);
  });

  it('ends at once for a StatefulSet whose pods are refused now, not for an event of an earlier day', async () => {
    const set = object('apps/v1', 'StatefulSet', 'db', {
      spec: { selector, serviceName: 'db', template: pod },
    });
    const { cluster, clock, events, wait } = await world([set]);
    const about = { kind: 'StatefulSet', name: 'db', uid: 'x' };
    await cluster.create(event('FailedCreate', 'Warning', about, 'exceeded quota: old'));
    let ended = false;
    const done = wait().finally(() => {
      ended = true;
    });
    await clock.advance(10_000);
    expect(ended).toBe(false);
    await cluster.create(event('FailedCreate', 'Warning', about, 'exceeded quota: small'));
    await clock.advance(1_000);
    expect((await done).failed[0]?.health.cause).toBe('QUOTA_EXCEEDED');
    expect(texts(events, 'evidence').join()).toContain('exceeded quota: small');
    expect(texts(events, 'evidence').join()).not.toContain('exceeded quota: old');
  });

  it('ends at once for a failed Job', async () => {
    const { cluster, refs, wait } = await world([job]);
    const condition = {
      type: 'Failed',
      status: 'True',
      reason: 'BackoffLimitExceeded',
      message: 'too often',
    };
    cluster.setStatus(refs[0] as ObjectRef, { conditions: [condition] });
    expect((await wait()).failed[0]?.health).toMatchObject({ cause: 'JOB_FAILED', reason: 'too often' });
  });

  it('goes on past the progress deadline of a Deployment', async () => {
    const { cluster, clock, refs, wait } = await world([deployment()]);
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    cluster.setStatus(refs[0] as ObjectRef, { ...notReady, conditions });
    const done = wait({ timeout: 100_000 });
    await clock.advance(200_000);
    expect(await done).toMatchObject({ timedOut: true, failed: [] });
  });

  it('ends where an object was deleted by someone else and stays away', async () => {
    const { cluster, clock, refs, wait } = await world([deployment()]);
    const done = wait();
    await clock.rest();
    await cluster.delete(refs[0] as ObjectRef);
    await clock.advance(15_000);
    expect((await done).failed[0]?.health).toMatchObject({ status: 'not-found', cause: 'MISSING' });
  });
});

describe('waiting until gone', () => {
  it('ends with the last, by watch and metadata only', async () => {
    const held = deployment();
    held.metadata.finalizers = ['example.com/hold'];
    const { cluster, clock, refs, events, gone } = await world([held, configMap]);
    for (const ref of refs) await cluster.delete(ref);
    const done = gone();
    await clock.rest();
    expect(texts(events, 'health').join()).toContain('example.com/hold');
    await cluster.mergePatch(refs[0] as ObjectRef, { metadata: { finalizers: null } });
    expect(await done).toEqual([]);
    expect(
      cluster.requests.filter((request) => request.verb === 'list').every((request) => request.metadataOnly),
    ).toBe(true);
    expect(cluster.openWatches()).toBe(0);
  });

  it('says what is left and what holds it', async () => {
    const held = deployment();
    held.metadata.finalizers = ['example.com/hold'];
    const { cluster, clock, refs, gone } = await world([held]);
    await cluster.delete(refs[0] as ObjectRef);
    const done = gone(5_000);
    await clock.advance(6_000);
    expect((await done).map(({ ref, reason }) => [ref.name, reason])).toEqual([
      ['web', 'being deleted, held by example.com/hold'],
    ]);
  });

  it('takes objects of a kind that is not served any more for gone', async () => {
    const { cluster, clock } = await world([]);
    const ref = { group: 'gone.example.com', version: 'v1', kind: 'Thing', namespace: 'default', name: 'x' };
    const session = { emit: () => undefined, signal: new AbortController().signal };
    const left = await waitGone(
      { cluster, clock },
      { refs: [ref], applySetId: id, deadline: 1_000 },
      session,
    );
    expect(left).toEqual([]);
  });
});

const unschedulable = {
  phase: 'Pending',
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/1 nodes are available: 1 Insufficient cpu.',
    },
  ],
};

function event(
  reason: string,
  type: string,
  about: { kind: string; name: string; uid?: string | undefined },
  message = '',
): KubeObject {
  const group = about.kind === 'Pod' ? 'v1' : 'apps/v1';
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${about.name}.${reason}.${message.length}`.toLowerCase(), namespace: 'default' },
    involvedObject: { apiVersion: group, namespace: 'default', ...about },
    reason,
    type,
    message,
  };
}

function expired(): ApiError {
  return new ApiError('API_ERROR', 'too old resource version', {
    status: 410,
    reason: 'Expired',
    fieldConflicts: [],
    causes: [],
  });
}

function unreachable(): ApiError {
  return new ApiError('CLUSTER_UNREACHABLE', 'no route', {
    status: 0,
    reason: '',
    fieldConflicts: [],
    causes: [],
  });
}
